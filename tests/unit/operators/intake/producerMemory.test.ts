/** Which events of a named producer a lane has taken, whatever order their records come in. */
import { beforeEach, describe, expect, it } from 'vitest';
import { WHOLE_RANGE } from '../../../../shared/model/hashRange.ts';
import {
  inherited,
  NAMES_MAX,
  NO_MEMORY,
  nameHashOf,
} from '../../../../shared/operators/intake/producerMemory.ts';
import {
  LEFT,
  type Met,
  NAME_LIFE,
  NAME_LIFE_MINUTES,
  piecesOf,
  RIGHT,
  taken,
} from '../../../support/namedRecords.ts';
import { TestMemory, upTo } from './memories.ts';

let lane: TestMemory;

beforeEach(() => {
  lane = new TestMemory();
});

const marks = (memory = lane) => memory.marksOf(nameHashOf('outbox')) ?? [];

describe('what a lane has taken of a producer', () => {
  it('is dropped event by event', () => {
    expect(lane.meet({ offsets: [1, 2, 5] })).toBe('new');
    expect(lane.meet({ offsets: [1, 2, 5] })).toBe('repeated');
    expect(lane.meet({ offsets: [2, 5, 7, 9] })).toEqual(['repeated', 'repeated', 'new', 'new']);
    expect(lane.meet({ offsets: [7, 9] })).toBe('repeated');
  });

  it('is that of its name alone', () => {
    lane.meet({ producer: 'a', offsets: [1, 2] });
    expect(lane.meet({ producer: 'b', offsets: [1, 2] })).toBe('new');
    expect(lane.meet({ producer: 'a', offsets: [1, 2] })).toBe('repeated');
  });

  it('is told apart beyond 2^53', () => {
    const far = 2n ** 200n;
    lane.meet({ offsets: [far, far + 2n] });
    expect(lane.meet({ offsets: [far, far + 1n, far + 2n, far + 3n] })).toEqual([
      'repeated',
      'repeated',
      'repeated',
      'new',
    ]);
  });

  it('is the first part of a line, where a commit ended within it', () => {
    const pieces = piecesOf({ offsets: [1, 1, 1, 2] });
    const first = taken(NO_MEMORY, pieces.slice(0, 2));
    expect(taken(first.memory, pieces).standings).toEqual(['repeated', 'repeated', 'new', 'new']);
  });
});

describe('a record that overtook another one', () => {
  it('leaves a gap that the other one fills', () => {
    lane.meet({ offsets: upTo(1, 5) });
    expect(lane.meet({ after: 7, offsets: [8, 9] })).toBe('new');
    expect(lane.meet({ after: 5, offsets: [6, 7] })).toBe('new');
    expect(lane.meet({ offsets: upTo(1, 9) })).toBe('repeated');
    lane.meet({ after: 9, offsets: [10] });
    expect(marks()).toMatchObject([{ stretches: [{ to: { offset: 10 } }] }]);
  });

  it('leaves a gap that is taken for empty once the clock has moved twice', () => {
    for (const minute of [0, 1, 2]) {
      const late = new TestMemory();
      late.meet({ minute: 0, offsets: [1] });
      late.meet({ minute: 0, after: 5, offsets: [6] });
      if (minute > 0) late.meet({ minute: 1, after: 6, offsets: [7] });
      if (minute > 1) late.meet({ minute: 2, after: 7, offsets: [8] });
      const last = 6 + minute;
      expect(late.meet({ minute, after: 1, offsets: [4, last, last + 1] })).toEqual([
        minute === 2 ? 'repeated' : 'new',
        'repeated',
        'new',
      ]);
    }
  });

  it('leaves no gap once both are there, however often that happens', () => {
    for (const minute of [0, 1, 2]) lane.meet({ minute, after: minute, offsets: [minute + 1] });
    for (let n = 3; n < 60; n += 2) {
      lane.meet({ minute: 2, after: n + 1, offsets: [n + 2] });
      lane.meet({ minute: 2, after: n, offsets: [n + 1] });
    }
    lane.meet({ minute: 2, after: 61, offsets: [62] });
    expect(marks()).toMatchObject([{ upTo: { offset: 62 }, stretches: [] }]);
  });

  it('leaves eight gaps open at most, and the first ones are taken for empty', () => {
    for (let n = 0; n <= 8; n += 1) lane.meet({ after: 10 * n + 5, offsets: [10 * n + 6] });
    expect(marks()[0]?.stretches).toHaveLength(9);
    lane.meet({ after: 86, offsets: [87] });
    expect(marks()[0]).toMatchObject({ upTo: { offset: 6 } });
    expect(marks()[0]?.stretches).toHaveLength(8);
    expect(lane.meet({ offsets: [3, 6, 12, 16] })).toEqual([
      'repeated',
      'repeated',
      'new',
      'repeated',
    ]);
  });
});

describe('a mark', () => {
  it('of a range that holds the planned one decides, whatever the hash key of an event', () => {
    lane.meet({ planned: WHOLE_RANGE, offsets: upTo(1, 4) });
    expect(lane.meet({ planned: LEFT, offsets: [3, 4, 5] })).toEqual([
      'repeated',
      'repeated',
      'new',
    ]);
    expect(lane.meet({ planned: RIGHT, offsets: [4, 5] })).toEqual(['repeated', 'new']);
  });

  it('of a part of the planned range decides on the events in that part', () => {
    lane.meet({ planned: LEFT, offsets: [1, 3] });
    lane.meet({ planned: RIGHT, offsets: [2] });
    const hashKeys = [LEFT.end, RIGHT.start, LEFT.start, RIGHT.end];
    expect(lane.meet({ offsets: [1, 2, 3, 4], hashKeys })).toEqual([
      'repeated',
      'repeated',
      'repeated',
      'new',
    ]);
    // 2 is beyond what was taken of the right, and 3 of the left is not beyond the left's.
    const others = new TestMemory();
    others.meet({ planned: LEFT, offsets: [1, 3] });
    others.meet({ planned: RIGHT, offsets: [1] });
    const again = { offsets: [2, 3], hashKeys: [RIGHT.start, LEFT.end] };
    expect(others.meet(again)).toEqual(['new', 'repeated']);
  });

  it('is dropped where another one says all of it', () => {
    lane.meet({ minute: 0, planned: LEFT, offsets: [1] });
    lane.meet({ minute: 0, offsets: [2], hashKeys: [RIGHT.start] });
    for (const minute of [1, 2, 3]) lane.meet({ minute, after: 1 + minute, offsets: [2 + minute] });
    expect(marks().map(({ range }) => range)).toEqual([WHOLE_RANGE]);
  });

  it('that says all of it decides where there is no room for a mark of one more range', () => {
    lane.meet({ offsets: upTo(1, 4) });
    for (const minute of [1, 2]) lane.meet({ minute, offsets: [4 + minute] });
    const part = (n: number) => ({ start: BigInt(n), end: BigInt(n) });
    for (let n = 0; n < 15; n += 1) {
      expect(lane.meet({ minute: 2, planned: part(n), offsets: [10] })).toBe('new');
    }
    expect(lane.meet({ minute: 2, planned: part(20), offsets: [6, 10] })).toEqual([
      'repeated',
      'unremembered',
    ]);
  });
});

it('a name that was silent while its range was cut to pieces is remembered again, by its own range', () => {
  const part = (n: number) => ({ start: BigInt(n), end: BigInt(n) });
  for (let n = 0; n < 16; n += 1) lane.meet({ planned: part(n), offsets: [10 + n] });
  const hashKeys = [3n, 99n];
  expect(lane.meet({ minute: 1, after: 40, offsets: [41, 42], hashKeys })).toBe('new');
  expect(lane.meet({ minute: 1, after: 40, offsets: [41, 42], hashKeys })).toBe('repeated');
  // What was furthest behind made room; of the others, copies are known.
  expect(lane.meet({ planned: part(1), offsets: [11] })).toBe('repeated');
  expect(lane.meet({ planned: part(15), offsets: [25] })).toBe('repeated');
});

it('a mark whose stretches overlap is not taken for one that is further behind', () => {
  const of = (record: Omit<Met, 'hashKeys'>, key: bigint) =>
    lane.meet({ ...record, hashKeys: record.offsets.map(() => key) });
  of({ planned: LEFT, offsets: [1, 12, 13] }, 7n);
  of({ offsets: [1, 10] }, 7n);
  of({ planned: LEFT, minute: 1, after: 13, offsets: [14] }, 7n);
  of({ planned: LEFT, minute: 2, after: 14, offsets: [15] }, 7n);
  of({ minute: 2, after: 12, offsets: [14] }, RIGHT.start);
  of({ minute: 2, after: 10, offsets: [12, 17] }, 7n);
  lane = new TestMemory(inherited([lane.memory], LEFT, NAME_LIFE));
  expect(of({ planned: LEFT, minute: 2, after: 15, offsets: [17] }, 7n)).toBe('repeated');
});

it('a record of copies alone takes no room, wherever its commit ends', () => {
  const part = (n: number) => ({ start: BigInt(n), end: BigInt(n) });
  const pieces = [
    { planned: LEFT, offsets: [1] },
    ...Array.from({ length: 14 }, (_, n) => ({ planned: part(n), offsets: [10] })),
    { offsets: [1], hashKeys: [LEFT.end] },
    { planned: RIGHT, offsets: [1] },
  ].flatMap(piecesOf);
  const { standings } = taken(NO_MEMORY, pieces);
  expect(standings.slice(-2)).toEqual(['repeated', 'new']);
});

describe("a child's memory", () => {
  it('is that of its parent, cut to its own range', () => {
    lane.meet({ offsets: upTo(1, 4) });
    const right = new TestMemory(inherited([lane.memory], RIGHT, NAME_LIFE));
    expect(marks(right).map(({ range }) => range)).toEqual([RIGHT]);
    expect(right.meet({ planned: RIGHT, offsets: [4, 5] })).toEqual(['repeated', 'new']);
  });

  it('is that of both parents, side by side', () => {
    const [left, right] = [new TestMemory(), new TestMemory()];
    left.meet({ planned: LEFT, offsets: [1, 4] });
    right.meet({ planned: RIGHT, offsets: [2] });
    const merged = new TestMemory(inherited([left.memory, right.memory], WHOLE_RANGE, NAME_LIFE));
    expect(marks(merged).map(({ range }) => range)).toEqual([LEFT, RIGHT]);
    expect(merged.meet({ offsets: [3, 4], hashKeys: [RIGHT.end, LEFT.start] })).toEqual([
      'new',
      'repeated',
    ]);
  });

  it('has nothing of what is of another range, or forgotten', () => {
    lane.meet({ producer: 'left', planned: LEFT, offsets: [1] });
    lane.meet({ producer: 'old', planned: RIGHT, offsets: [1] });
    lane.meet({ producer: 'right', minute: NAME_LIFE_MINUTES + 1, planned: RIGHT, offsets: [1] });
    const { recent } = inherited([lane.memory], RIGHT, NAME_LIFE);
    expect([...recent.keys()]).toEqual([nameHashOf('right')]);
  });
});

describe('a name', () => {
  it.each([
    [-1, 'repeated'],
    [0, 'repeated'],
    [1, 'new'],
  ])('is forgotten %i minutes from the end of its life: its copies are %s', (more, standing) => {
    lane.meet({ offsets: [1] });
    expect(lane.meet({ minute: NAME_LIFE_MINUTES + more, offsets: [1] })).toBe(standing);
  });

  it.each([
    [0, 'repeated'],
    [1, 'new'],
  ])('is forgotten within a commit as well, %i minutes after its life', (more, standing) => {
    const pieces = [
      ...piecesOf({ offsets: [1] }),
      ...piecesOf({ minute: NAME_LIFE_MINUTES + more, offsets: [1] }),
    ];
    expect(taken(NO_MEMORY, pieces).standings).toEqual(['new', standing]);
  });

  it('lives on while its records come, though another one moves the clock', () => {
    for (const minute of [0, 1_000, 2_000]) {
      lane.meet({ producer: 'other', minute, offsets: [minute] });
      expect(lane.meet({ minute, offsets: [1] })).toBe(minute === 0 ? 'new' : 'repeated');
    }
  });
});

describe('a lane that remembers as many names as it can', () => {
  const full = (minute = 0, count = NAMES_MAX) => {
    const names = Array.from({ length: count }, (_, n) => `p${n}`);
    const pieces = names.flatMap((producer) => piecesOf({ producer, minute, offsets: [1] }));
    return taken(lane.memory, pieces);
  };

  it('counts what others put, and copies of it', () => {
    lane = new TestMemory(full().memory);
    for (let n = 0; n < 2; n += 1) {
      expect(lane.meet({ producer: 'one more', offsets: [1, 2] })).toBe('unremembered');
    }
    expect(lane.meet({ producer: 'p77', offsets: [1, 2] })).toEqual(['repeated', 'new']);
  });

  it('has room for the last one, and for none behind it, within a commit too', () => {
    const { standings } = full(0, NAMES_MAX + 1);
    expect(new Set(standings.slice(0, NAMES_MAX))).toEqual(new Set(['new']));
    expect(standings.at(-1)).toBe('unremembered');
  });

  it('has room again once some are forgotten, and for no more than those', () => {
    lane.meet({ producer: 'old', minute: 0, offsets: [1] });
    lane = new TestMemory(full(1, NAMES_MAX - 1).memory);
    const minute = NAME_LIFE_MINUTES;
    expect(lane.meet({ producer: 'one', minute, offsets: [1] })).toBe('unremembered');
    const later = { minute: minute + 1, offsets: [1] };
    const both = ['one', 'another'].flatMap((producer) => piecesOf({ producer, ...later }));
    expect(taken(lane.memory, both).standings).toEqual(['new', 'unremembered']);
    expect(lane.meet({ producer: 'one', ...later })).toBe('new');
    expect(lane.meet({ producer: 'another', ...later })).toBe('unremembered');
    expect(lane.meet({ producer: 'one', ...later })).toBe('repeated');
  });
});
