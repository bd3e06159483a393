/** Whatever stands behind a stamp, or in it: reading ends, throws nothing, and every line keeps its own offset. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoisonEventError } from '../../shared/errors.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import { checkEvent } from '../../shared/producer/packing.ts';
import { decodeRecord } from '../../shared/records/decode.ts';
import type { Entry } from '../../shared/records/entry.ts';
import { named } from '../support/namedRecords.ts';

const decode = (data: Uint8Array): Entry[] => [
  ...decodeRecord({ sequence: '1', arrival: arrivalTime(0), partitionKey: 'k', data }),
];

const bytes = fc.uint8Array({ maxLength: 300 });
const begin = Buffer.from('{"tidemark:producer":[');
const bare = named([
  [1, '{"id":1}'],
  [3, '[{"id":2},{"id":3}]'],
  [9, '{"id":4}'],
]);

function expectEntries(data: Uint8Array): void {
  const entries = decode(data);
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, i) => i));
  for (const { index, produced } of entries) {
    if (produced) expect(produced.first).toBeLessThanOrEqual(index);
  }
}

describe('a stamped record', () => {
  it('gives at least one entry for any bytes, numbered from 0 without a gap', () => {
    const hostile = fc.oneof(
      bytes.map((rest) => Buffer.concat([begin, rest])),
      bytes.map((rest) => Buffer.concat([named([[5, '{}']]), rest])),
      fc.nat(bare.length).map((length) => bare.subarray(0, length)),
      fc.array(fc.tuple(fc.nat(bare.length - 1), fc.nat(255)), { maxLength: 4 }).map((places) => {
        const damaged = Buffer.from(bare);
        for (const [at, byte] of places) damaged[at] = byte;
        return damaged;
      }),
    );
    fc.assert(fc.property(hostile, expectEntries), { numRuns: 5_000 });
  });

  it('gives every event that a producer takes its own offset, whatever its bytes are', () => {
    const space = fc.constantFrom(
      ' ',
      '\t',
      '\r',
      '\u00a0',
      '\ufeff',
      '\u2028',
      '\u3000',
      '\0',
      '{}',
    );
    const event = fc.oneof(
      bytes,
      fc.array(space, { maxLength: 4 }).map((some) => Buffer.from(some.join(''))),
      fc.json().map((text) => Buffer.from(text)),
    );
    const putable = event.filter((data) => {
      try {
        return checkEvent('k', data).length === data.length;
      } catch (error) {
        expect(error).toBeInstanceOf(PoisonEventError);
        return false;
      }
    });
    fc.assert(
      fc.property(fc.array(putable, { minLength: 1, maxLength: 6 }), (events) => {
        const entries = decode(named(events.map((data, i) => [10 * i, data] as const)));
        const offsets = new Set(entries.map(({ produced }) => produced?.offset));
        expect([...offsets]).toEqual(events.map((_, i) => 10 * i));
      }),
      { numRuns: 2_000 },
    );
  });
});
