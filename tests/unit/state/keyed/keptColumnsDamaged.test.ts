/** Bytes that `encodeKept` did not write are told, whatever they hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { arrivalTime, eventTime, watermarkAt } from '../../../../shared/model/time.ts';
import type { Entry } from '../../../../shared/operators/keyed/keyedStore.ts';
import { encodeGroups } from '../../../../shared/state/columns/groups.ts';
import { decodeKept, encodeKept } from '../../../../shared/state/keyed/keptColumns.ts';

describe('bytes that are damaged', () => {
  const WRITTEN = encodeKept(
    Array.from(
      { length: 50 },
      (_, n): Entry => [
        `key ${n}`,
        {
          ...{ arrival: arrivalTime(1), partitionKey: `key ${n % 7}` },
          ...{ state: { n, text: `${n * n}` }, fired: eventTime(n), seen: watermarkAt(n * n) },
          row: n % 2 === 0 ? 'put' : 'withheld',
        },
      ],
    ),
  );
  const read = (bytes: Uint8Array) => [...decodeKept(bytes)];

  it('are an InvariantViolation where they hold null', () => {
    expect(() => read(encodeGroups([null]))).toThrow(InvariantViolation);
  });

  it('are keys, or an InvariantViolation', () => {
    const damage = fc.tuple(fc.nat({ max: WRITTEN.length - 1 }), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (places) => {
        const bytes = Uint8Array.from(WRITTEN);
        for (const [at, by] of places) bytes[at] = (bytes[at] ?? 0) ^ by;
        try {
          for (const [key, { partitionKey, arrival: ms }] of read(bytes)) {
            expect([typeof key, typeof partitionKey, typeof ms]).toEqual([
              'string',
              'string',
              'number',
            ]);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(InvariantViolation);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
