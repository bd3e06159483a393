/**
 * Whatever is put on a stream: no crash, no blocked shard, every entry counted once, and what is not accepted
 * can be read back.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hotItems } from '../../functions/hotItems/job.ts';
import { pvuv } from '../../functions/pvuv/job.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { decodeRecord } from '../../shared/records/decode.ts';
import type { Entry, StreamRecord } from '../../shared/records/entry.ts';
import { behaved } from '../support/behavior.ts';
import { CLOCK_START } from '../support/clock.ts';
import { TestEngine } from '../support/engine.ts';
import { bytesOf, logEnvelope, sequenceNumber, streamRecords } from '../support/records.ts';

const GOOD = behaved('01:00:00', 'u1', 'pv', 'i1');

/** Any Unicode, halves of surrogate pairs included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '\ud800', '\udc00a', '__proto__', 'constructor', '\u0000', 'x'.repeat(300)),
);
const anyTime = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    -0,
    1_511_658_000,
    315_532_799_999,
    315_532_800_000,
    8.64e15,
    8.64e15 + 1,
    1e300,
    2 ** 53,
    0.5,
  ),
  fc.constantFrom(CLOCK_START, CLOCK_START + 600_000, CLOCK_START + 600_001),
  fc.integer({ min: CLOCK_START - 10_000_000, max: CLOCK_START }),
  fc.double(),
);
const anyValue = fc.oneof(anyText, anyTime, fc.jsonValue({ maxDepth: 2 }));
/** An event of which some fields are replaced by anything. */
const bent = fc
  .record(
    {
      userId: anyValue,
      itemId: fc.oneof(anyText, fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String)),
      categoryId: anyText,
      behavior: fc.oneof(fc.constantFrom('pv', 'cart', 'fav', 'buy'), anyValue),
      timestamp: anyTime,
    },
    { requiredKeys: [] },
  )
  .map((fields) => ({ ...GOOD, ...fields }));
/** As producers escape it: what is not well formed stays so. */
const escaped = bent.map((event) => JSON.stringify(event));
const cut = fc.tuple(escaped, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));
const hugeNumber = fc
  .constantFrom('1e400', '-1e400', '123456789012345678901234567890', '1E-400', '0x10', 'NaN')
  .map(
    (number) =>
      `{"userId":"u","itemId":"i","categoryId":"c","behavior":"pv","timestamp":${number}}`,
  );
const FORMS_OF_LINES: readonly ((lines: readonly string[]) => Buffer)[] = [
  (lines) => gzipSync(lines.join('\n')),
  (lines) => deflateSync(lines.join('')),
  (lines) => Buffer.from(lines.join('')),
  (lines) => Buffer.from(`[${lines.join(',')}]`),
  (lines) => gzipSync(logEnvelope(lines)),
  (lines) => Buffer.from(`\ufeff${logEnvelope(lines)}`),
];
const data: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 3, arbitrary: escaped.map(bytesOf) },
  { weight: 2, arbitrary: cut.map(bytesOf) },
  { weight: 1, arbitrary: hugeNumber.map(bytesOf) },
  { weight: 1, arbitrary: fc.json().map(bytesOf) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(escaped, cut)).map((lines) => bytesOf(lines.join('\n'))),
  },
  // The magic of aggregated records, followed by anything.
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => Buffer.concat([Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2), bytes])),
  },
  // What AWS's producers send, whole or cut.
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.array(fc.oneof(escaped, cut), { maxLength: 5 }),
        fc.constantFrom(...FORMS_OF_LINES),
        fc.oneof(fc.constant(0), fc.nat()),
      )
      .map(([lines, form, cutOff]) => {
        const bytes = form(lines);
        return bytes.subarray(0, bytes.length - (cutOff % (bytes.length + 1)));
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '\n', '\r\n', '\n\n{}', '[', 'null', '{}', '"').map(bytesOf),
  },
);

const entriesIn = (records: readonly StreamRecord[]): Entry[] =>
  records.flatMap((record) => [...decodeRecord(record)]);

/** Ingests, and checks what must hold whatever came. Gives the engine for more. */
async function survive(
  job: TestEngine['job'],
  contents: readonly Uint8Array[],
): Promise<TestEngine> {
  const engine = new TestEngine(job);
  const records = streamRecords(contents);
  const report = await engine.ingest(records);
  const entries = entriesIn(records);
  expect(report.firstUnprocessed).toBeUndefined();
  expect(totalOf(report.counts)).toBe(entries.length);
  expect(entries.length).toBeGreaterThanOrEqual(contents.length);
  const side = await engine.side();
  expect(side.length).toBe(report.counts.late + report.counts.dead);
  for (const { kind, reason } of side) expect(reason === undefined).toBe(kind === 'late');
  return engine;
}

describe.each([
  ['hotItems', hotItems.build()],
  ['pvuv', pvuv.build({ lateness: '10min' })],
])('%s', (_, job) => {
  it('survives anything, counts it, and goes on with the next good event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(data, { minLength: 1, maxLength: 12 }), async (contents) => {
        const engine = await survive(job, contents);
        const good = { ...GOOD, timestamp: CLOCK_START + 600_000 };
        const next = await engine.ingest(streamRecords([good], { first: contents.length }));
        expect(next.counts).toEqual({ accepted: 1, filtered: 0, late: 0, dead: 0 });
        expect((await engine.commits()).at(-1)?.to?.sequence).toBe(sequenceNumber(contents.length));
        await engine.close('endOfInput');
        expect(engine.rows().length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('shows every accepted event in the rows, whatever its ids are', async () => {
    const ids = fc.array(anyText, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(ids, async (all) => {
        const contents = all.map((id) => bytesOf({ ...GOOD, userId: id, itemId: id }));
        const engine = await survive(job, contents);
        const well = all.filter((id) => id.length > 0 && id.length <= 256 && id.isWellFormed());
        const accepted = (await engine.commits()).at(-1)?.totals.accepted;
        expect(accepted).toBe(well.length);
        await engine.close('endOfInput');
        const row = engine.rows().find(({ board, site }) => board === 'items:pv' || site === 'all');
        expect(row?.['events'] ?? row?.['pv']).toBe(well.length === 0 ? undefined : well.length);
        expect(row?.['keys'] ?? row?.['uv']).toBe(
          well.length === 0 ? undefined : new Set(well).size,
        );
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a megabyte of opening brackets', '['.repeat(1_000_000)],
    ['deeply nested arrays', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    [
      'an event with a deeply nested field',
      JSON.stringify(GOOD).replace('"u1"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    ],
    ['a hundred thousand empty lines', '\n'.repeat(100_000)],
    ['twenty thousand broken lines', '{\n'.repeat(20_000)],
    ['a very long number', `{"timestamp":${'9'.repeat(500_000)}}`],
    [
      'many fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, i]))),
    ],
  ])('survives %s', async (_, text) => {
    const engine = await survive(job, [bytesOf(text), bytesOf(GOOD)]);
    expect((await engine.commits()).at(-1)?.totals.accepted).toBe(1);
  });
});
