/** The stored form of slices. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTime } from '../../../../shared/model/time.ts';
import { PLAIN_EDITION } from '../../../../shared/model/window.ts';
import {
  decodeContents,
  encodeContents,
  type SliceContent,
} from '../../../../shared/state/lane/sliceContent.ts';

const contents = fc.uniqueArray(
  fc
    .record({
      slice: fc.integer({ min: -2_000_000_000_000, max: 2_000_000_000_000 }).map(eventTime),
      ahead: fc.nat({ max: 3_600_000 }),
      events: fc.nat(),
      bytes: fc.uint8Array({ maxLength: 30 }),
    })
    .map(
      ({ ahead, ...rest }): SliceContent => ({
        ...rest,
        edition: ahead % 3 === 0 ? PLAIN_EDITION : eventTime(rest.slice + ahead),
      }),
    ),
  { selector: ({ slice, edition }) => `${slice}/${edition}`, maxLength: 12 },
);
const byPlace = (a: SliceContent, b: SliceContent) => a.slice - b.slice || a.edition - b.edition;

it('comes back sorted by slice and edition', () => {
  fc.assert(
    fc.property(contents, (some) => {
      const read = decodeContents(encodeContents(some));
      const plain = read.map((content) => ({ ...content, bytes: new Uint8Array(content.bytes) }));
      expect(plain).toEqual([...some].sort(byPlace));
    }),
  );
});

it('gives equal bytes for equal contents, in whatever order they are listed', () => {
  const twice = contents.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(twice, ([some, shuffled]) => {
      expect(encodeContents(shuffled)).toEqual(encodeContents(some));
    }),
  );
});

it('refuses bytes that were cut short', () => {
  const stored = encodeContents([
    { slice: eventTime(0), edition: 0, events: 1, bytes: Uint8Array.of(1, 2, 3) },
  ]);
  expect(() => decodeContents(stored.subarray(0, stored.length - 2))).toThrow();
  expect(() => decodeContents(encodeContents([]).subarray(0, 0))).toThrow();
});
