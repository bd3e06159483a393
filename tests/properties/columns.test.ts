/** Whatever a list holds, it is read as it was stored; and whatever bytes hold, reading them ends well. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../shared/errors.ts';
import { compactId } from '../../shared/model/ids.ts';
import { timeOfText } from '../../shared/model/time.ts';
import type { Value } from '../../shared/ports/table.ts';
import { decodeColumns, encodeColumns } from '../../shared/state/columns/columns.ts';
import { arrayOf, FORM, formOf } from '../../shared/state/columns/forms.ts';
import {
  anyText,
  byChance,
  columnOfNumbers,
  columnOfTexts,
  lists,
  nearForms,
  similar,
  value,
} from '../support/columnLists.ts';

/** Of the processor, as the machine may be busy. */
const CPU_MS_MAX = 2_500;
const RUNS = { numRuns: 300 };

/** The same in every way that a value can be, the order of names and the sign of zero included. */
function same(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || a === null) return Object.is(a, b);
  if (typeof b !== 'object' || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  const x = Object.entries(a);
  const y = Object.entries(b);
  return (
    x.length === y.length &&
    x.every(([key, each], i) => key === y[i]?.[0] && same(each, y[i]?.[1] as Value))
  );
}

function expectSame(list: readonly Value[]): void {
  const stored = encodeColumns(list);
  const read = decodeColumns(stored);
  expect(JSON.stringify(read)).toBe(JSON.stringify(list));
  expect(same(read, list)).toBe(true);
}

/** The list, or undefined where the bytes are refused as they should be. */
function readOrRefused(stored: Uint8Array): Value[] | undefined {
  const start = process.cpuUsage();
  try {
    return decodeColumns(stored);
  } catch (error) {
    expect(error).toBeInstanceOf(InvariantViolation);
    return undefined;
  } finally {
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(CPU_MS_MAX);
  }
}

describe('a list by column', () => {
  it.each([
    ['any values', fc.array(value)],
    ['similar records', similar],
    ['texts near a form', fc.array(nearForms)],
    ['texts of a column', columnOfTexts],
    ['numbers of a column', columnOfNumbers],
  ] as [string, fc.Arbitrary<Value[]>][])('is read as it was, if it holds %s', (_, some) => {
    fc.assert(fc.property(some, expectSame), RUNS);
  });

  it('is read as it was, if it holds what is by chance', () => {
    fc.assert(fc.property(byChance, expectSame), { numRuns: 60 });
  });

  it('is read as it was if it is long', () => {
    const long = fc.tuple(lists, fc.integer({ min: 1, max: 400 }), fc.nat());
    fc.assert(
      fc.property(long, ([list, times, step]) => {
        const copies = Array.from({ length: times }, (_, n) =>
          list.map((each) => (typeof each === 'number' ? each + n * step : each)),
        );
        expectSame(
          copies.flat().filter((each) => typeof each !== 'number' || Number.isFinite(each)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('gives equal bytes for equal lists', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const copy = decodeColumns(encodeColumns(list));
        expect(Buffer.compare(encodeColumns(copy), encodeColumns(list))).toBe(0);
      }),
      RUNS,
    );
  });
});

describe('a text has a form', () => {
  it('of a number exactly if ids do', () => {
    fc.assert(
      fc.property(anyText, (some) => {
        expect(formOf(some) === FORM.number).toBe(typeof compactId(some) === 'number');
      }),
    );
  });

  it('of a time exactly if the engine writes it so, in years of four digits', () => {
    fc.assert(
      fc.property(anyText, (some) => {
        const isTime = some.length === 24 && timeOfText(some) !== undefined;
        expect(formOf(some) === FORM.time).toBe(isTime);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of an array exactly if JSON writes it so', () => {
    fc.assert(
      fc.property(anyText, (some) => {
        let written: string | undefined;
        try {
          written = JSON.stringify(JSON.parse(some));
        } catch {
          written = undefined;
        }
        const isArray = some.startsWith('[') && written === some;
        expect(arrayOf(some, 64) !== undefined).toBe(isArray);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('bytes give a list or an InvariantViolation', () => {
  const form = fc.constantFrom(1, 2, 3);
  const anyLists = fc.oneof({ weight: 9, arbitrary: lists }, { weight: 1, arbitrary: byChance });
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const damaged = (stored: Uint8Array, places: [number, number][]): Uint8Array => {
    const copy = stored.slice();
    for (const [at, byte] of places) copy[at % copy.length] = byte;
    return copy;
  };
  /** The list's body without deflating, so that damage reaches the columns. */
  const bare = (list: readonly Value[]): Uint8Array => {
    const stored = encodeColumns(list);
    if (stored[0] !== 1) return stored;
    return Buffer.concat([Uint8Array.of(2), inflateRawSync(stored.subarray(1))]);
  };

  it('if they are random', () => {
    fc.assert(
      fc.property(form, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
        readOrRefused(rest);
        readOrRefused(Uint8Array.of(first, ...rest));
        readOrRefused(Buffer.concat([Uint8Array.of(1), deflateRawSync(rest)]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('if they are cut short', () => {
    fc.assert(
      fc.property(anyLists, fc.nat(), (list, at) => {
        const stored = encodeColumns(list);
        expect(readOrRefused(stored.subarray(0, at % stored.length))).toBeUndefined();
        const body = bare(list);
        readOrRefused(body.subarray(0, at % body.length));
      }),
      RUNS,
    );
  });

  it('if some of them are others', () => {
    fc.assert(
      fc.property(anyLists, damage, (list, places) => {
        readOrRefused(damaged(encodeColumns(list), places));
        readOrRefused(damaged(bare(list), places));
      }),
      { numRuns: 2_000 },
    );
  });

  it('if they inflate to a thousand times as many', () => {
    const bombs = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(255));
    const options = { strategy: constants.Z_RLE };
    fc.assert(
      fc.property(bombs, ([head, filler]) => {
        const body = Buffer.concat([head, Buffer.alloc(2_000_000, filler)]);
        readOrRefused(Buffer.concat([Uint8Array.of(1), deflateRawSync(body, options)]));
      }),
      { numRuns: 30 },
    );
  });
});
