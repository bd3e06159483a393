/** Times in CSV: how they are written, and hints where they look like something else. */
import { describe, expect, it } from 'vitest';
import { readTime, type TimeUnit } from '../../../inputs/lines/times.ts';
import { CLOCKS_THAT_ARE_NONE, DATES_THAT_ARE_NONE, LAST_DAYS } from '../../support/noTimes.ts';
import { read } from './inputFiles.ts';

it.each([
  ['s', '1511658000', 1_511_658_000_000],
  ['s', '-1', -1_000],
  ['s', '1511658000.5', undefined],
  ['ms', '1511658000001', 1_511_658_000_001],
  ['us', '1511658000001999', 1_511_658_000_001],
  ['us', '-1', -1],
  ['iso', '2017-11-26T01:00:00Z', 1_511_658_000_000],
  ['iso', '2017-11-26 01:00:00', 1_511_658_000_000],
  ['iso', '2017-11-26T09:00:00+08:00', 1_511_658_000_000],
  ['iso', '2017-11-26T09:00:00+0800', 1_511_658_000_000],
  ['iso', '2017-11-26 09:00:00.0019999 +08', 1_511_658_000_001],
  ['iso', '2017-11-26 01:00:00 UTC', 1_511_658_000_000],
  ['iso', '2017-11-26T01:00', 1_511_658_000_000],
  ['iso', '2017-11-31T01:00:00Z', undefined],
  ['iso', '2017-02-29T01:00:00Z', undefined],
  ['iso', '2017-11-26T25:00:00Z', undefined],
  ['iso', '2017-11-26', undefined],
  ['iso', '26/11/2017 01:00', undefined],
  ['iso', '1511658000', undefined],
] as [TimeUnit, string, number | undefined][])('in %s, %s is %s', (unit, text, at) => {
  expect(readTime(text, unit)).toBe(at);
});

it.each([
  ...DATES_THAT_ARE_NONE.map((date) => `${date}T01:00:00Z`),
  ...CLOCKS_THAT_ARE_NONE.map((clock) => `2019-05-21T${clock}Z`),
])('%s is no time', (text) => {
  expect(readTime(text, 'iso')).toBeUndefined();
});

it.each(LAST_DAYS)('%s is a day', (day) => {
  expect(readTime(`${day} 23:59:59`, 'iso')).toBe(Date.parse(`${day}T23:59:59Z`));
});

describe('a hint', () => {
  async function noticesOf(content: string, timeUnit: TimeUnit): Promise<string[]> {
    const notices: string[] = [];
    await read('receipts', content, { timeUnit, notice: (text) => notices.push(text) });
    return notices.map((text) => text.replace(/^.*(?=:\d+: )/, 'FILE'));
  }
  const line = (time: string) => `t1,wechat,${time}\n`;

  it.each([
    [
      'ms',
      '1511658000000',
      's',
      'looks like milliseconds, and is read as seconds: give --time-unit ms',
    ],
    [
      's',
      '1511658000',
      'ms',
      'looks like seconds, and is read as milliseconds: give --time-unit s',
    ],
    [
      'us',
      '1511658000000000',
      's',
      'looks like microseconds, and is read as seconds: give --time-unit us',
    ],
    [
      'iso',
      '2017-11-26 01:00:00',
      's',
      'looks like ISO 8601, and is read as seconds: give --time-unit iso',
    ],
  ] as [string, string, TimeUnit, string][])(
    'says once that times are %s',
    async (_, time, unit, hint) => {
      expect(await noticesOf(line(time) + line(time), unit)).toEqual([
        `FILE:1: the time "${time}" ${hint}`,
      ]);
    },
  );

  it('says that times in JSON are milliseconds', async () => {
    expect(await noticesOf('{"txId":"1","channel":"x","timestamp":1511658000}\n', 's')).toEqual([
      'FILE:1: the time "1511658000" looks like seconds, and is read as milliseconds: times in JSON are milliseconds',
    ]);
  });

  it('says nothing where the unit is right, or where nothing can be told', async () => {
    expect(await noticesOf(line('1511658000') + line('1511658000000'), 's')).toEqual([]);
    expect(await noticesOf(line('7') + line('x'), 's')).toEqual([]);
  });
});
