/** Whatever late events and dead letters hold, they are read as they were stored. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatPosition } from '../../shared/model/position.ts';
import { arrivalTime, eventTime, NO_WATERMARK, watermarkAt } from '../../shared/model/time.ts';
import type { SideEvent } from '../../shared/operators/intake/progress.ts';
import { decodeSideColumns, encodeSideColumns } from '../../shared/state/lane/sideColumns.ts';

const number = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
);
const entry = fc.record({
  sequence: fc.oneof(fc.constantFrom('1', '12', '123', '0123'), fc.bigInt({ min: 0n }).map(String)),
  index: fc.nat(),
  arrival: number.map(arrivalTime),
  partitionKey: fc.oneof(fc.constantFrom('', 'a', 'b'), fc.string({ unit: 'grapheme' })),
  raw: fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array()),
  value: fc.constant(undefined),
});
const watermark = fc.oneof(fc.constant(NO_WATERMARK), number.map(watermarkAt));
const dead = fc.record({
  kind: fc.constant('dead' as const),
  entry,
  watermark,
  reason: fc.oneof(fc.constantFrom('', 'broken'), fc.string({ unit: 'grapheme' })),
});
const late = fc.record({
  kind: fc.constant('late' as const),
  entry,
  watermark,
  eventTime: number.map(eventTime),
});

it('side output keeps every event, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(dead, late)), (events: SideEvent[]) => {
      const read = [...decodeSideColumns(encodeSideColumns(events), 's/0')];
      expect(read.map((event) => ({ ...event, raw: [...event.raw] }))).toEqual(
        events.map(({ entry: { raw, ...place }, ...rest }) => ({
          ...rest,
          lane: 's/0',
          position: formatPosition(place),
          arrival: place.arrival,
          partitionKey: place.partitionKey,
          raw: [...Buffer.from(raw as string)],
        })),
      );
    }),
    { numRuns: 500 },
  );
});
