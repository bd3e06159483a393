/** What a commit says of named producers, and what is read of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type MemoryTable, memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { days } from '../../../../shared/index.ts';
import { later, processingTime } from '../../../../shared/model/time.ts';
import {
  liveNames,
  NO_MEMORY,
  type ProducerMemory,
} from '../../../../shared/operators/intake/producerMemory.ts';
import type { Table } from '../../../../shared/ports/table.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import {
  type ProducerMarks,
  packMarks,
  producersFrom,
  readMarks,
  storedProducers,
} from '../../../../shared/state/lane/producerMarks.ts';
import {
  LEFT,
  type Met,
  NAME_LIFE,
  NAME_LIFE_MINUTES,
  piecesOf,
  RIGHT,
  taken,
} from '../../../support/namedRecords.ts';

const LANE = { job: 'visits@1', stream: 'page-views', shard: 's' };
const NOW = processingTime(1_000);
const PACKING = { lane: LANE, nameLife: NAME_LIFE, expiresAt: later(NOW, days(9)) };

let table: MemoryTable;
let reads: number;
let counting: Table;

beforeEach(() => {
  table = memoryTable(stateTable('state'));
  reads = 0;
  counting = {
    ...table,
    batchGet: (...args: Parameters<Table['batchGet']>) => {
      reads += 1;
      return table.batchGet(...args);
    },
  } as Table;
});

const met = (memory: ProducerMemory, records: readonly Met[]) =>
  taken(memory, records.flatMap(piecesOf)).memory;

async function packed(memory: ProducerMemory, before?: ProducerMarks) {
  const { marks, chunks } = packMarks(memory, before, PACKING);
  await table.batchPut(chunks);
  return { marks, chunks };
}

/** As a function reads them that did not pack them. */
const cold = (marks: ProducerMarks, now = NOW) =>
  readMarks(counting, LANE, producersFrom(storedProducers(marks)), now);

const contentOf = (memory: ProducerMemory) => ({
  clock: memory.clock,
  names: Object.fromEntries([...liveNames(memory, NAME_LIFE)].sort(([a], [b]) => (a < b ? -1 : 1))),
});

const manyNames = (count: number, minute = 0): Met[] =>
  Array.from({ length: count }, (_, n) => ({ producer: `p${n}`, minute, offsets: [1_000 + n] }));

describe("producers' marks", () => {
  it.each<[string, readonly Met[]]>([
    ['nothing', []],
    ['one name', [{ offsets: [1, 2] }]],
    ['offsets of all sizes', [{ offsets: [0, 5n, 2n ** 53n, 2n ** 256n - 1n] }]],
    ['lines of several events', [{ offsets: [1, 1, 1, 4, 4] }]],
    [
      'several ranges',
      [{ offsets: [1] }, { planned: LEFT, offsets: [9] }, { planned: RIGHT, offsets: [7] }],
    ],
    [
      'a range of one hash key',
      [{ planned: { start: 2n ** 128n - 1n, end: 2n ** 128n - 1n }, offsets: [1] }],
    ],
    ['an uneven range', [{ planned: { start: 4_096n, end: 0xfff0n }, offsets: [1] }]],
    [
      'gaps, old and new',
      [
        { offsets: [1, 2] },
        { after: 5, offsets: [6] },
        { minute: 1, after: 9, offsets: [10] },
        { minute: 1, after: 20, offsets: [21, 21] },
      ],
    ],
    [
      'what is taken up to a place',
      [0, 1, 2, 3].map((minute) => ({ minute, after: minute, offsets: [minute + 1] })),
    ],
    [
      'names of different ages',
      [
        { producer: 'a', offsets: [1] },
        { producer: 'b', minute: 77, offsets: [1] },
      ],
    ],
  ])('are read as they were packed: %s', async (_, records) => {
    const memory = met(NO_MEMORY, records);
    const { marks } = await packed(memory);
    expect(contentOf(await cold(marks))).toEqual(contentOf(memory));
  });

  it('are equal bytes for equal memories, in whatever order the names came', async () => {
    const names = manyNames(20);
    const [one, other] = [names, names.toReversed()].map((some) => met(NO_MEMORY, some));
    const bytes = await Promise.all(
      [one, other].map(async (each) => (await packed(each as ProducerMemory)).marks),
    );
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it('of ten producers that go on take 200 bytes at most', async () => {
    let memory = NO_MEMORY;
    for (const minute of [0, 1, 2, 3]) {
      const records = Array.from(
        { length: 10 },
        (_, n): Met => ({
          producer: `p${n}`,
          minute,
          after: 10 ** 6 * (minute + 1),
          offsets: [10 ** 6 * (minute + 2)],
        }),
      );
      memory = met(memory, records);
    }
    const { marks, chunks } = await packed(memory);
    expect(chunks).toEqual([]);
    expect(marks.recent.length).toBeLessThanOrEqual(200);
  });

  it('are refused where they are damaged', async () => {
    const { marks } = await packed(met(NO_MEMORY, [{ offsets: [1, 2] }]));
    const cut = { recent: marks.recent.subarray(0, -1) };
    await expect(cold(cut)).rejects.toThrow(InvariantViolation);
  });
});

describe('a page', () => {
  it('is put once the names that changed outgrow a commit, and read back', async () => {
    let memory = met(NO_MEMORY, manyNames(30));
    const small = await packed(memory);
    expect(small.chunks).toEqual([]);
    memory = met(memory, manyNames(500));
    const large = await packed(memory, small.marks);
    expect(large.chunks.length).toBeGreaterThan(0);
    expect(large.marks.recent.length).toBeLessThan(20);
    expect(contentOf(await cold(large.marks))).toEqual(contentOf(memory));
    expect(reads).toBe(1);
  });

  it('stays while what changed is in the commit', async () => {
    const first = await packed(met(NO_MEMORY, manyNames(500)));
    const memory = met(await cold(first.marks), [{ producer: 'p7', minute: 5, offsets: [5_000] }]);
    const { marks, chunks } = await packed(memory, first.marks);
    expect(chunks).toEqual([]);
    expect(marks.page).toEqual(first.marks.page);
    const read = await cold(marks);
    expect(read.recent.size).toBe(1);
    expect(contentOf(read)).toEqual(contentOf(memory));
  });

  it('is not read by the function that put it, nor twice by one that did not', async () => {
    const { marks } = await packed(met(NO_MEMORY, manyNames(500)));
    await readMarks(counting, LANE, marks, NOW);
    expect(reads).toBe(0);
    const stored = producersFrom(storedProducers(marks));
    for (let n = 0; n < 2; n += 1) await readMarks(counting, LANE, stored, NOW);
    expect(reads).toBe(1);
  });

  it.each([
    [-1, 1, 500],
    [0, 0, 0],
    [1, 0, 0],
  ])('is read up to its end: %i ms from there %i times', async (more, times, names) => {
    const { marks } = await packed(met(NO_MEMORY, manyNames(500)));
    const memory = await cold(marks, later(PACKING.expiresAt, more as never));
    expect(reads).toBe(times);
    expect(memory.page.size).toBe(names);
  });

  it.each([
    [0, true],
    [1, false],
  ])(
    'is named no more once all in it is forgotten: %i minutes after, %s',
    async (more, isNamed) => {
      const first = await packed(met(NO_MEMORY, manyNames(500)));
      const minute = NAME_LIFE_MINUTES + more;
      const memory = met(await cold(first.marks), [{ producer: 'new', minute, offsets: [1] }]);
      const { marks } = await packed(memory, first.marks);
      expect(marks.page !== undefined).toBe(isNamed);
      expect(contentOf(await cold(marks))).toEqual(contentOf(memory));
    },
  );
});
