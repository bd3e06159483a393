/** Whatever bytes a record holds: decoding ends, throws nothing, and accounts for every event in them. */
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalTime } from '../../shared/model/time.ts';
import { append, dataOf, emptyRecord } from '../../shared/producer/packing.ts';
import { decodeRecord } from '../../shared/records/decode.ts';
import type { Entry } from '../../shared/records/entry.ts';
import { decodeRedriven } from '../../shared/records/envelopes.ts';
import { jsonOf, problemOf } from '../support/entries.ts';
import { logEnvelope } from '../support/records.ts';
import { aggregate, withDigest } from '../unit/records/aggregate.ts';

const decode = (data: Uint8Array): Entry[] => [
  ...decodeRecord({ sequence: '1', arrival: arrivalTime(0), partitionKey: 'k', data }),
];

const bytes = fc.uint8Array({ maxLength: 400 });
/** JSON that is cut, and numbers, text and nesting of every kind. */
const nearlyJson = fc
  .tuple(fc.json(), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([text, share]) => Buffer.from(text.slice(0, Math.ceil(text.length * share))));
/** Of any value but a list of events, which is several. */
const isListOfObjects = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
const jsonLine = fc
  .oneof(
    fc.json(),
    fc.record({ id: fc.string({ unit: 'binary' }), n: fc.double() }).map((v) => JSON.stringify(v)),
  )
  .filter((line) => !isListOfObjects(JSON.parse(line)));

describe('decoding', () => {
  it('gives at least one entry for any record, numbered from 0 without a gap', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, nearlyJson, bytes.map(withDigest)), (data) => {
        const entries = decode(data);
        expect(entries.length).toBeGreaterThan(0);
        expect(entries.map(({ index }) => index)).toEqual(entries.map((_, i) => i));
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds every line of a packed record, in order', () => {
    fc.assert(
      fc.property(fc.array(jsonLine, { minLength: 1 }), (lines) => {
        const record = emptyRecord();
        for (const [order, line] of lines.entries()) {
          append(record, { partitionKey: 'k', data: Buffer.from(line), order, since: 0 });
        }
        const entries = decode(dataOf(record));
        expect(entries.map(({ raw }) => raw)).toEqual(lines);
        expect(entries.every((entry) => problemOf(entry) === undefined)).toBe(true);
      }),
    );
  });

  it('finds every event of an aggregated record, in order', () => {
    const inner = fc.record({ partitionKey: fc.string({ minLength: 1 }), line: jsonLine });
    fc.assert(
      fc.property(fc.array(inner, { minLength: 1 }), (records) => {
        const entries = decode(
          aggregate(
            records.map(({ partitionKey, line }) => ({ partitionKey, data: Buffer.from(line) })),
          ),
        );
        expect(entries.map(({ raw, partitionKey }) => ({ partitionKey, line: raw }))).toEqual(
          records,
        );
      }),
    );
  });

  it('takes any value for an envelope or not, without throwing', () => {
    const envelope = fc.record(
      {
        'tidemark:redrive': fc.oneof(
          fc.anything(),
          fc.record({
            job: fc.string(),
            lane: fc.string({ unit: 'binary' }),
            position: fc.string(),
            watermark: fc.oneof(fc.double(), fc.constant(null)),
          }),
        ),
        data: fc.oneof(fc.anything(), fc.base64String()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(envelope, (value) => {
        const decoded = decodeRedriven(value);
        if (decoded) expect(Buffer.byteLength(decoded.origin.lane)).toBeLessThan(300);
      }),
      { numRuns: 500 },
    );
  });

  const event = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 2 }));
  const events = fc.array(
    event.filter((each) => !Object.hasOwn(each, 'tidemark:redrive')),
    { minLength: 1, maxLength: 8 },
  );
  const space = fc.constantFrom('', ' ', '\t', '\r\n', '\n  ');
  const forms: readonly (readonly [string, (texts: string[], gap: string) => Uint8Array])[] = [
    ['gzip', (texts) => gzipSync(texts.join('\n'))],
    ['zlib', (texts) => deflateSync(texts.join('\n'))],
    ['objects one behind the other', (texts, gap) => Buffer.from(texts.join(gap))],
    ['an array', (texts, gap) => Buffer.from(`[${texts.join(`${gap},${gap}`)}]`)],
    ['an array over several lines', (texts) => Buffer.from(`[\n${texts.join(',\n')}\n]\n`)],
    ['CloudWatch Logs', (texts) => gzipSync(logEnvelope(texts))],
    ['a byte order mark', (texts) => Buffer.from(`\ufeff${texts.join('\n')}`)],
  ];

  it.each(forms)('finds the events of lines in %s, each as it was written', (_, write) => {
    fc.assert(
      fc.property(events, space, (values, gap) => {
        const texts = values.map((value) => JSON.stringify(value));
        const entries = decode(write(texts, gap));
        const written = entries.map(({ raw }) => String(raw).replace(/^\ufeff/, ''));
        expect(written.map((text) => text.trim())).toEqual(texts);
        expect(entries.map(jsonOf)).toEqual(texts.map((text) => JSON.parse(text)));
        expect(entries.map(({ index }) => index)).toEqual(texts.map((__, i) => i));
      }),
    );
  });

  it('keeps every other event where some are damaged', () => {
    const texts = fc.array(
      fc.oneof(
        event.map((e) => JSON.stringify(e)),
        fc.constant('{"n":oops}'),
      ),
      {
        minLength: 2,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(texts, (all) => {
        fc.pre(all.slice(0, 8).some((text) => text !== '{"n":oops}'));
        for (const data of [
          Buffer.from(all.join('')),
          gzipSync(all.join('\n')),
          gzipSync(logEnvelope(all)),
        ]) {
          expect(decode(data).map(({ raw }) => raw)).toEqual(all);
        }
      }),
    );
  });
});
