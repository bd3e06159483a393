/** Whatever producers of one name put, restarted, repeated, overtaking and resharded: each event is new to one lane, once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HashRange, isWithin, WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import {
  inherited,
  NO_MEMORY,
  type ProducerMemory,
} from '../../shared/operators/intake/producerMemory.ts';
import {
  LEFT,
  type Met,
  NAME_LIFE,
  type Piece,
  piecesOf,
  RIGHT,
  taken,
} from '../support/namedRecords.ts';

/** Numbers from 0 to 1, as many as are asked for. */
type Chance = () => number;

const chances = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));

const chanceFrom =
  (stream: Iterator<number>): Chance =>
  () =>
    stream.next().value as number;

const upToAbout = (chance: Chance, most: number): number => Math.floor(chance() * (most + 1));

/** A line of a source: its offset, where it belongs, and how many events it holds. */
interface Line {
  readonly offset: number;
  readonly hashKey: bigint;
  readonly events: number;
}

function sourceOf(chance: Chance, length: number): Line[] {
  let offset = upToAbout(chance, 3);
  return Array.from({ length }, () => {
    offset += 1 + upToAbout(chance, 3);
    const hashKey = chance() < 0.5 ? LEFT.end - 5n : RIGHT.start + 5n;
    return { offset, hashKey, events: chance() < 0.2 ? 3 : 1 };
  });
}

/** The records of one producer that puts `lines[from..to)`, in the order it puts them. */
function recordsOf(
  chance: Chance,
  lines: readonly Line[],
  planned: HashRange,
): Omit<Met, 'minute'>[] {
  const own = lines.filter(({ hashKey }) => isWithin(planned, hashKey));
  const records: Omit<Met, 'minute'>[] = [];
  let after: number | undefined;
  for (let at = 0; at < own.length; ) {
    const some = own.slice(at, at + 1 + upToAbout(chance, 4));
    at += some.length;
    const events = some.flatMap((line) => Array.from({ length: line.events }, () => line));
    records.push({
      planned,
      ...(after === undefined ? {} : { after }),
      offsets: events.map(({ offset }) => offset),
      hashKeys: events.map(({ hashKey }) => hashKey),
    });
    after = some.at(-1)?.offset;
  }
  return records;
}

/** As they stand on a shard: neighbours swapped, and some of what was put before put again, all within a minute. */
function onShard(chance: Chance, records: readonly Omit<Met, 'minute'>[], minute: number): Met[] {
  const placed = records.map((record) => ({ ...record, minute }));
  for (let i = 1; i < placed.length; i += 1) {
    if (chance() < 0.3) {
      const [a, b] = [placed[i - 1] as Met, placed[i] as Met];
      placed[i - 1] = { ...b, minute };
      placed[i] = { ...a, minute };
    }
  }
  return placed.flatMap((record, i) => {
    const before = placed[upToAbout(chance, i)] as Met;
    return chance() < 0.2 ? [record, { ...before, minute }] : [record];
  });
}

/** Producers one after the other, each from at or before where the last one stopped; gives where that was. */
function putOn(
  chance: Chance,
  source: readonly Line[],
  from: number,
  planned: HashRange,
  start: number,
) {
  const met: Met[] = [];
  let minute = start;
  let at = from;
  for (let runs = 0; runs < 4; runs += 1) {
    const begin = Math.max(0, at - upToAbout(chance, 6));
    const end = Math.max(at, Math.min(source.length, begin + upToAbout(chance, 14)));
    met.push(...onShard(chance, recordsOf(chance, source.slice(begin, end), planned), minute));
    at = end;
    minute += upToAbout(chance, 2);
  }
  return { met, at, minute };
}

interface Seen {
  memory: ProducerMemory;
  readonly places: Set<string>;
}

const nameOf = ({ entry, place }: Piece) => `${place.offset}/${entry.index - place.first}`;

/** Takes them in runs of any length, and says which events the model had not seen. */
function meet(chance: Chance, seen: Seen, met: readonly Met[]): void {
  const pieces = met.flatMap(piecesOf);
  for (let at = 0; at < pieces.length; ) {
    const run = pieces.slice(at, at + 1 + upToAbout(chance, 6));
    at += run.length;
    const { standings, memory } = taken(seen.memory, run);
    seen.memory = memory;
    const expected = run.map((piece) => {
      const isNew = !seen.places.has(nameOf(piece));
      seen.places.add(nameOf(piece));
      return isNew ? 'new' : 'repeated';
    });
    expect(standings).toEqual(expected);
  }
}

describe("a named producer's events", () => {
  it('are new to a lane once each, whatever comes again and in which order', () => {
    fc.assert(
      fc.property(chances, (stream) => {
        const chance = chanceFrom(stream);
        const source = sourceOf(chance, 40);
        const seen = { memory: NO_MEMORY, places: new Set<string>() };
        meet(chance, seen, putOn(chance, source, 0, WHOLE_RANGE, 0).met);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are new to one lane once each, through a split and a merge', () => {
    fc.assert(
      fc.property(chances, (stream) => {
        const chance = chanceFrom(stream);
        const source = sourceOf(chance, 80);
        const places = new Set<string>();
        const whole = { memory: NO_MEMORY, places };
        const first = putOn(chance, source, 0, WHOLE_RANGE, 0);
        meet(chance, whole, first.met);
        const halves = [LEFT, RIGHT].map((range) => {
          const half = { memory: inherited([whole.memory], range, NAME_LIFE), places };
          const put = putOn(chance, source, first.at, range, first.minute);
          meet(chance, half, put.met);
          return { ...half, ...put };
        });
        const parents = halves.map(({ memory }) => memory);
        const merged = { memory: inherited(parents, WHOLE_RANGE, NAME_LIFE), places };
        // The new plan begins with what either of the halves may lack.
        const from = Math.min(...halves.map(({ at }) => at));
        const minute = Math.max(...halves.map((each) => each.minute));
        const stale = chance() < 0.5 ? recordsOf(chance, source.slice(from), LEFT).slice(0, 1) : [];
        meet(chance, merged, onShard(chance, stale, minute));
        meet(chance, merged, putOn(chance, source, from, WHOLE_RANGE, minute).met);
      }),
      { numRuns: 1_000 },
    );
  });

  it('stand the same wherever commits end', () => {
    const anyRecord = fc
      .record({
        producer: fc.constantFrom('a', 'b'),
        planned: fc.constantFrom(WHOLE_RANGE, LEFT, RIGHT),
        minute: fc.nat(2_000),
        first: fc.nat(60),
        steps: fc.array(fc.nat(3), { maxLength: 6 }),
        gap: fc.option(fc.integer({ min: 1, max: 8 })),
      })
      .map(({ first, steps, gap, ...rest }): Met => {
        let offset = first;
        const offsets = [first, ...steps.map((step) => (offset += step))];
        const hashKeys = offsets.map((each) => (each % 2 === 0 ? LEFT.start : RIGHT.end));
        const after = gap === null || gap > first ? {} : { after: first - gap };
        return { ...rest, ...after, offsets, hashKeys };
      });
    const records = fc.array(anyRecord, { maxLength: 30 });
    fc.assert(
      fc.property(records, fc.array(fc.integer({ min: 1, max: 5 })), (met, lengths) => {
        const pieces = met.flatMap(piecesOf);
        const whole = taken(NO_MEMORY, pieces).standings;
        const cut: string[] = [];
        let memory = NO_MEMORY;
        for (let at = 0, n = 0; at < pieces.length; n += 1) {
          const run = pieces.slice(at, at + (lengths[n % lengths.length] ?? pieces.length));
          at += run.length;
          const part = taken(memory, run);
          memory = part.memory;
          cut.push(...part.standings);
        }
        expect(cut).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });
});
