/** Lines of web servers: what is taken of each, and what is none. */
import { expect, it } from 'vitest';
import { fromWebLog } from '../../../inputs/lines/webLog.ts';
import { rowsOf } from './inputFiles.ts';

const AT = '1431857103000';
const COMMON = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 12';

it.each([
  ['the reference format', '1.2.3.4 - - 17/05/2015:10:05:03 +0000 GET /a', `1.2.3.4 ${AT} GET /a`],
  [
    'an address in brackets',
    '[2001:db8::1] - - 17/05/2015:10:05:03 +0000 GET /a',
    `2001:db8::1 ${AT} GET /a`,
  ],
  ['the common log format', COMMON, `1.2.3.4 ${AT} GET /a`],
  ['the combined one', `${COMMON} "http://x/\\"y" "curl/8 (a b)"`, `1.2.3.4 ${AT} GET /a`],
  ['a virtual host in front', `shop.example:443 ${COMMON}`, `1.2.3.4 ${AT} GET /a`],
  ['another zone', COMMON.replace('10:05:03 +0000', '18:05:03 +0800'), `1.2.3.4 ${AT} GET /a`],
  ['IPv6', COMMON.replace('1.2.3.4', '2001:db8::1'), `2001:db8::1 ${AT} GET /a`],
  ['a user', COMMON.replace('- - ', '- ann '), `1.2.3.4 ${AT} GET /a`],
  ['a user with blanks', COMMON.replace('- - ', '- Ann [x] Lee '), `1.2.3.4 ${AT} GET /a`],
  ['blanks in the URL', COMMON.replace('/a', '/a b'), `1.2.3.4 ${AT} GET /a b`],
  ['quotes in the URL', COMMON.replace('/a', '/\\"a\\"'), `1.2.3.4 ${AT} GET /"a"`],
  ['no protocol', COMMON.replace(' HTTP/1.1', ''), `1.2.3.4 ${AT} GET /a`],
  ['HTTP/2', COMMON.replace('/1.1', '/2.0'), `1.2.3.4 ${AT} GET /a`],
])('takes %s', async (_, line, row) => {
  expect(await rowsOf('page-views', `${line}\n`)).toEqual([`1: ${row}`]);
});

it.each([
  ['-', 'the request must be METHOD URL HTTP/1.1 (found "-")'],
  ['\\x16\\x03\\x01', 'the request must be METHOD URL HTTP/1.1 (found "\\x16\\x03\\x01")'],
])('says what is wrong with the request %s', async (request, reason) => {
  const line = COMMON.replace('GET /a HTTP/1.1', request);
  expect(await rowsOf('page-views', `${line}\n`)).toEqual([`1: ${reason}`]);
});

it.each([
  '31/Feb/2015:10:05:03 +0000',
  '29/Feb/2015:10:05:03 +0000',
  '00/May/2015:10:05:03 +0000',
  '17/May/2015:24:00:00 +0000',
  '17/May/2015:25:61:00 +0000',
  '17/May/2015:23:59:60 +0000',
  '17/Mai/2015:10:05:03 +0000',
  '17/May/2015:10:05:03 UTC',
  '17/ayJ/2015:10:05:03 +0000',
])('says what is wrong with the time %s', async (time) => {
  const line = COMMON.replace('17/May/2015:10:05:03 +0000', time);
  expect(await rowsOf('page-views', `${line}\n`)).toEqual([
    `1: timestamp: must be a time that exists, written dd/MMM/yyyy:HH:mm:ss +0000 (found "${time}")`,
  ]);
});

it.each([
  '31/02/2015:10:05:03',
  '29/02/2015:10:05:03',
  '17/13/2015:10:05:03',
  '17/05/2015:24:00:00',
  '17/05/2015:23:60:00',
])('says what is wrong with the time %s of the reference format', async (time) => {
  const [row] = await rowsOf('page-views', `1.2.3.4 - - ${time} +0000 GET /a\n`);
  expect(row).toBe(
    `1: timestamp: must be a time that exists, written dd/MM/yyyy:HH:mm:ss +0000 (found "${time} +0000")`,
  );
});

it.each([
  ['[a b] ', 2_000],
  // To look from each bracket to the end of the line would take half a minute.
  ['[a ', 100_000],
])('takes thousands of brackets for what they are, at once: %j', (bracket, times) => {
  const reading = fromWebLog(`"${bracket.repeat(times)}`, {
    form: 'webLog',
    columns: ['ip', 'timestamp', 'method', 'url'],
    time: 'timestamp',
  });
  expect(reading).toMatchObject({
    reason: expect.stringContaining('is neither JSON nor a line of the web log'),
  });
});
