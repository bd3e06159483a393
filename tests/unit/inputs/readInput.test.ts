import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInput } from '../../../inputs/readInput.ts';
import { UsageError } from '../../../inputs/usageError.ts';
import { unreadableReason } from '../../../shared/records/envelopes.ts';
import { folder, read } from './inputFiles.ts';

const VIEW =
  '{"userId":"543462","itemId":"1715","categoryId":"1464116","behavior":"pv","timestamp":1511658000000}';

const COLUMNS =
  /^is neither JSON nor CSV of this stream: write the 5 columns userId,itemId,categoryId,behavior,timestamp \(found \d\)$/;
const WEB_LOG_LINE = /^is neither JSON nor a line of the web log: write IP - USER .* METHOD URL$/;

describe('reference files are read as they are', () => {
  it.each([
    ['user-behavior', '543462,1715,1464116,pv,1511658000', VIEW, '1715'],
    [
      'page-views',
      '83.149.9.216 - - 17/05/2015:10:05:03 +0000 GET /blog?flav=rss20',
      '{"ip":"83.149.9.216","timestamp":1431857103000,"method":"GET","url":"/blog?flav=rss20"}',
      '/blog?flav=rss20',
    ],
    [
      'ad-clicks',
      '543462,1715,beijing,beijing,1511658000',
      '{"userId":"543462","adId":"1715","province":"beijing","city":"beijing","timestamp":1511658000000}',
      '543462',
    ],
    [
      'logins',
      '5402,83.149.11.115,success,1558430815',
      '{"userId":"5402","ip":"83.149.11.115","outcome":"success","timestamp":1558430815000}',
      '5402',
    ],
    [
      'orders',
      '34729,create,,1558430842',
      '{"orderId":"34729","type":"create","timestamp":1558430842000}',
      '34729',
    ],
    [
      'receipts',
      'ewr342as4,wechat,1558430845',
      '{"txId":"ewr342as4","channel":"wechat","timestamp":1558430845000}',
      'ewr342as4',
    ],
  ])('%s: %s', async (stream, line, json, partitionKey) => {
    const [event] = await read(stream, `${line}\n`);
    expect(event?.line).toBe(json);
    expect(event?.partitionKey).toBe(partitionKey);
    expect(event?.eventTimeMs).toBe(JSON.parse(json).timestamp);
  });

  it('takes CSV times in milliseconds where it is told so', async () => {
    const [event] = await read('user-behavior', '543462,1715,1464116,pv,1511658000000', {
      timeUnit: 'ms',
    });
    expect(event?.line).toBe(VIEW);
  });

  it('heeds the zone of the web log', async () => {
    const [event] = await read('page-views', '::1 - - 17/05/2015:10:05:03 +0800 GET /');
    expect(event?.eventTimeMs).toBe(Date.parse('2015-05-17T02:05:03Z'));
  });

  it('cuts a URL to a partition key that Kinesis takes', async () => {
    const url = `/${'x'.repeat(600)}`;
    const [event] = await read('page-views', `::1 - - 17/05/2015:10:05:03 +0000 GET ${url}`);
    expect(event?.partitionKey).toBe(url.slice(0, 256));
    expect(JSON.parse(String(event?.line))).toHaveProperty('url', url);
  });
});

describe('files come in several shapes', () => {
  it('reads JSON lines unchanged, next to CSV', async () => {
    const spaced = ` {"itemId": "7", "timestamp": 12}`;
    const events = await read('user-behavior', `${spaced}\n543462,1715,1464116,pv,1511658000\n`);
    expect(events.map(({ line }) => line)).toEqual([spaced, VIEW]);
    expect(events.map(({ partitionKey }) => partitionKey)).toEqual(['7', '1715']);
  });

  it('reads gzip whatever the file is called', async () => {
    expect((await read('user-behavior', gzipSync(`${VIEW}\n${VIEW}`))).length).toBe(2);
  });

  it('takes carriage returns, a byte order mark, blank lines and no final newline', async () => {
    const events = await read('user-behavior', `\ufeff${VIEW}\r\n\r\n  \n${VIEW}`);
    expect(events.map(({ line }) => line)).toEqual([VIEW, VIEW]);
  });

  it('finds lines wherever the file is cut into chunks', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => `{"itemId":"${n}${'x'.repeat(n % 97)}"}`);
    const events = await read('user-behavior', lines.join('\n'));
    expect(events.map(({ line }) => line)).toEqual(lines);
  });
});

describe('a line that is no event is passed on', () => {
  it.each(['{"userId":"1","itemId":', '[1,2', ' {'])(
    'as it is where it was to be JSON: %s',
    async (line) => {
      const events = await read('user-behavior', `${line}\n`);
      expect(events).toEqual([{ line, partitionKey: line, lineNumber: 1 }]);
    },
  );

  it.each([
    ['user-behavior', '543462,1715,1464116,pv', COLUMNS],
    ['user-behavior', '543462,1715,1464116,pv,1511658000,more', COLUMNS],
    ['user-behavior', 'ünïcödé', COLUMNS],
    [
      'user-behavior',
      '543462,1715,1464116,pv,tomorrow',
      /^timestamp: must be a whole number of epoch seconds \(found "tomorrow"\)$/,
    ],
    ['user-behavior', '543462,1715,1464116,pv,', /^timestamp: .* \(found ""\)$/],
    [
      'orders',
      '1,create,,99999999999999999999',
      /^timestamp: .* \(found "99999999999999999999"\)$/,
    ],
    ['page-views', 'no line of a web log', WEB_LOG_LINE],
    ['page-views', '1.1.1.1 - - 17/05/2015:10:05:03 +0000 GET', WEB_LOG_LINE],
    ['page-views', '1.1.1.1 - - 17/05/2015:10:05:03 +0000 GET /a b', WEB_LOG_LINE],
    ...[
      '17/May/2015:10:05:03 +0000',
      '31/02/2015:10:05:03 +0000',
      '17/13/2015:10:05:03 +0000',
      '17/05/2015:10:61:03 +0000',
      '17/05/2015:10:05:03 UTC',
    ].map((time): [string, string, RegExp] => [
      'page-views',
      `1.1.1.1 - - ${time} GET /`,
      new RegExp(
        `^timestamp: must be a time that exists, written .*\\(found "${time.replace('+', '\\+')}"\\)$`,
      ),
    ]),
  ] as [string, string, RegExp][])(
    'with its reason otherwise: %s %s',
    async (stream, line, reason) => {
      const [event] = await read(stream, `${line}\n`);
      expect(event?.partitionKey).toBe(line);
      expect(event).not.toHaveProperty('eventTimeMs');
      const envelope: unknown = JSON.parse(String(event?.line));
      expect(envelope).toHaveProperty('line', line);
      expect(unreadableReason(envelope)).toMatch(reason);
    },
  );

  it('as it is where it is so long that an envelope might not fit a record', async () => {
    const line = 'x'.repeat(20_000);
    expect(await read('page-views', line)).toEqual([
      { line, partitionKey: 'x'.repeat(256), lineNumber: 1 },
    ]);
  });

  it('keeps bytes that are not text', async () => {
    const bytes = Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d);
    const [event] = await read('user-behavior', bytes);
    expect(Buffer.from(event?.line as Uint8Array)).toEqual(Buffer.from(bytes));
  });

  it('gives every line one event with a partition key that Kinesis takes', async () => {
    // What is quoted or in brackets may go on over several lines.
    const plain = (text: string) => text.replaceAll(/["[\]{}]/g, ' ');
    const line = fc
      .oneof(
        fc.string({ unit: 'binary' }).map(plain),
        fc.json().filter((text) => !text.startsWith('[')),
        fc.string({ unit: 'binary' }).map((itemId) => JSON.stringify({ itemId, timestamp: 1 })),
        fc
          .array(fc.string().map(plain), { minLength: 5, maxLength: 5 })
          .map((cells) => cells.join(',')),
      )
      .map((text) => text.toWellFormed().replaceAll(/[\r\n\ufeff]/g, ' '))
      .filter((text) => text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), async (lines) => {
        const events = await read('user-behavior', lines.join('\n'));
        expect(events.length).toBe(lines.length);
        for (const { partitionKey } of events) {
          expect(partitionKey.length).toBeGreaterThan(0);
          expect(partitionKey.length).toBeLessThanOrEqual(256);
          expect(partitionKey.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('wrong use is one clear line', () => {
  it.each([
    ['an unknown stream', () => read('clicks', 'x'), 'there is no stream "clicks"; there are user'],
    ['an empty file', () => read('user-behavior', ''), 'is empty'],
    ['a file of blank lines', () => read('user-behavior', '\n \n'), 'is empty'],
    ['an empty gzip file', () => read('user-behavior', gzipSync('')), 'is empty'],
    ['a folder', () => checkInput('user-behavior', folder), 'cannot read'],
    [
      'a missing file',
      () => checkInput('user-behavior', join(folder, 'missing')),
      'there is no such file',
    ],
    [
      'a damaged gzip file',
      () => read('user-behavior', gzipSync(VIEW.repeat(50)).subarray(0, 60)),
      'unexpected end of file',
    ],
    [
      'a line that no record can hold',
      () => read('user-behavior', 'x'.repeat(3 * 1024 * 1024)),
      'line longer than 1 MiB',
    ],
  ])('%s', async (_, act, message) => {
    const error = await act().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
  });
});
