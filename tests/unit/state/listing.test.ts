/** Rows by their time, merged over the parts of an index. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meteredRowsReader } from '../../../shared/adapters/meteredRowsReader.ts';
import { unitMeter } from '../../../shared/adapters/meteredTable.ts';
import {
  LATEST,
  latestAttributes,
  problemAttributes,
  problemLists,
} from '../../../shared/job/lists.ts';
import { eventTime, isoTime } from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';
import {
  countListed,
  type ListCursor,
  type ListedTable,
  type ListRequest,
  readListed,
} from '../../../shared/state/listing.ts';
import { memoryRowsReader } from '../../support/memoryRows.ts';

const ALERTS = { name: 'alerts', partitionKey: 'user', sortKey: 'id', listedBy: 'at' } as const;
const TASKS = { name: 'tasks', partitionKey: 'task' } as const;
const LATEST_ALERTS: ListedTable = { ...ALERTS, index: 'latest' };
const TASK_PROBLEMS: ListedTable = { ...TASKS, index: 'problems' };

const START = Date.UTC(2026, 2, 2);
const timeText = (ms: number) => isoTime(eventTime(START + ms));

const alert = (n: number, ms: number): Item => {
  const row = { user: `u${n % 7}`, id: `a${n}`, at: timeText(ms) };
  return { ...row, ...latestAttributes(ALERTS, row) };
};

const problem = (n: number, status: string, ms: number): Item => ({
  task: `t${n}`,
  status,
  ...problemAttributes({ status, at: eventTime(START + ms) }, `t${n}`),
});

const readerOf = (rows: readonly Item[], pageRowsMax?: number) =>
  memoryRowsReader(
    new Map(
      [ALERTS, TASKS].map((description) => [description.name, { description, items: () => rows }]),
    ),
    pageRowsMax,
  );

/** Every page, each with the cursor as JSON gives it back. */
async function pagesOf(
  reader: ReturnType<typeof readerOf>,
  table: ListedTable,
  request: ListRequest,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let after: ListCursor | undefined;
  do {
    const page = await readListed(reader, table, { ...request, ...(after ? { after } : {}) });
    pages.push(page.rows);
    after = page.next && JSON.parse(JSON.stringify(page.next));
  } while (after && pages.length < 10_000);
  return pages;
}

const idsOf = (rows: readonly Item[]) => rows.map((row) => String(row['id'] ?? row['task']));
const timesOf = (rows: readonly Item[], name: string) => rows.map((row) => String(row[name]));
const isOrdered = (times: readonly string[], order: ListRequest['order']) => {
  const ascending = times.toSorted();
  return expect(times).toEqual(order === 'oldestFirst' ? ascending : ascending.reverse());
};

const ORDERS = ['newestFirst', 'oldestFirst'] as const;
/** Few times, so that most rows share theirs with others. */
const times = (max: number) => fc.array(fc.integer({ min: 0, max }), { maxLength: 60 });

describe('pages of a list', () => {
  it('are together all rows in order, each once, however small they are and whatever ties there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(times(3), times(1_000)),
        fc.constantFrom(...ORDERS),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 5 }),
        async (offsets, order, limit, pageRowsMax) => {
          const rows = offsets.map((ms, n) => alert(n, ms));
          const request = { lists: LATEST, order, limit };
          const pages = await pagesOf(readerOf(rows, pageRowsMax), LATEST_ALERTS, request);
          const all = pages.flat();
          expect(idsOf(all).toSorted()).toEqual(idsOf(rows).toSorted());
          isOrdered(timesOf(all, 'listedAt'), order);
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
          if (pages.length > 1) expect(pages.at(-1)).not.toEqual([]);
        },
      ),
    );
  });

  it('hold the rows of the range and of the statuses that are asked for, and no others', async () => {
    const statuses = ['late', 'lost', 'lateAgain'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...statuses), fc.integer({ min: 0, max: 9 }))),
        fc.subarray(statuses),
        fc.integer({ min: -1, max: 10 }),
        fc.integer({ min: -1, max: 10 }),
        fc.constantFrom(...ORDERS),
        fc.integer({ min: 1, max: 4 }),
        async (found, asked, from, to, order, limit) => {
          const rows = found.map(([status, ms], n) => problem(n, status, ms));
          const range = {
            lists: problemLists(asked),
            from: eventTime(START + from),
            to: eventTime(START + to),
          };
          const expected = found.flatMap(([status, ms], n) =>
            asked.includes(status) && ms >= from && ms < to ? [`t${n}`] : [],
          );
          const reader = readerOf(rows);
          const all = (await pagesOf(reader, TASK_PROBLEMS, { ...range, order, limit })).flat();
          expect(idsOf(all).toSorted()).toEqual(expected.toSorted());
          isOrdered(timesOf(all, 'problemAt'), order);
          const kindOf = (row: Item) => String(row['status']);
          const counting = { ...range, max: limit, kindOf };
          const { counts, isMore } = await countListed(reader, TASK_PROBLEMS, counting);
          const newest = await pagesOf(reader, TASK_PROBLEMS, {
            ...range,
            order: 'newestFirst',
            limit,
          });
          const byStatus = Map.groupBy(newest[0] ?? [], kindOf);
          expect(counts).toEqual(new Map([...byStatus].map(([kind, rows]) => [kind, rows.length])));
          expect(isMore).toBe(expected.length > limit);
        },
      ),
    );
  });

  it.each(ORDERS)(
    'of thousands of rows with one time have cursors as small as a key: %s',
    async (order) => {
      const rows = Array.from({ length: 3_000 }, (_, n) => alert(n, 0));
      const reader = readerOf(rows);
      const seen = new Set<string>();
      let after: ListCursor | undefined;
      do {
        const request: ListRequest = { lists: LATEST, order, limit: 500 };
        const page = await readListed(
          reader,
          LATEST_ALERTS,
          after ? { ...request, after } : request,
        );
        for (const id of idsOf(page.rows)) seen.add(id);
        after = page.next;
        expect(JSON.stringify(after ?? '').length).toBeLessThan(100);
      } while (after);
      expect(seen.size).toBe(3_000);
    },
  );

  it('cost little more than the rows that they give', async () => {
    const rows = Array.from({ length: 2_000 }, (_, n) => ({
      ...alert(n, n),
      fill: 'x'.repeat(800),
    }));
    const meter = unitMeter();
    const reader = meteredRowsReader(readerOf(rows), meter);
    const { rows: newest } = await readListed(reader, LATEST_ALERTS, {
      lists: LATEST,
      order: 'newestFirst',
      limit: 20,
    });
    expect(idsOf(newest)).toEqual(Array.from({ length: 20 }, (_, n) => `a${1_999 - n}`));
    expect(meter.requests).toBe(4);
    // Twelve rows of nearly a kilobyte in each part, where twenty of all are wanted.
    expect(meter.read).toBeLessThanOrEqual(4 * 1.5);
  });

  it.each<[string, Partial<ListCursor>, object?]>([
    ['of another list', { list: '9' }],
    ['whose time is none', { at: 'today' }],
    ['whose time is written in another way', { at: '2026-03-02T00:00:00Z' }],
    ['with too few keys', { key: ['u1'] }],
    ['with an empty key', { key: ['u1', ''] }],
    ['before the range', { at: timeText(-1) }, { from: START }],
    ['behind the range', { at: timeText(9) }, { to: START + 9 }],
  ])('are refused behind a cursor %s', async (_, wrong, range = {}) => {
    const after = { at: timeText(0), list: '1', key: ['u1', 'a1'], ...wrong };
    const request = { lists: LATEST, order: 'newestFirst', limit: 5, after, ...range } as const;
    await expect(readListed(readerOf([]), LATEST_ALERTS, request)).rejects.toThrow(
      /^the cursor .* is no place in the list of alerts/,
    );
  });
});
