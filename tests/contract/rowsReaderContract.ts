/**
 * What every reader of rows must do: one suite, run against memory and against a DynamoDB server. Each test has a partition key
 * of its own.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { IndexName, RowsReader, RowsRequest } from '../../shared/ports/rowsReader.ts';
import type { Item, TableDescription } from '../../shared/ports/table.ts';
import { partitionNames } from './contractItems.ts';

export interface OpenedRows {
  readonly reader: RowsReader;
  put(table: string, rows: readonly Item[]): Promise<void>;
}

/** Logical names; `order` and `status` are reserved words. */
export const ROW_TABLES: ReadonlyMap<string, TableDescription & { readonly index: IndexName }> =
  new Map([
    ['alerts', { name: 'stage-alerts', partitionKey: 'user', sortKey: 'order', index: 'latest' }],
    ['tasks', { name: 'stage-tasks', partitionKey: 'status', index: 'problems' }],
  ]);

export function describeRowsReader(adapter: string, open: () => Promise<OpenedRows>): void {
  describe(`rows reader: ${adapter}`, () => {
    let opened: OpenedRows;
    const newPartition = partitionNames();

    beforeAll(async () => {
      opened = await open();
    });

    const ask = (request: Partial<RowsRequest> & { pk: string }) =>
      opened.reader.page({ table: 'alerts', order: 'ascending', limit: 100, ...request });
    const asks = (request: Parameters<typeof ask>[0]) => ask(request).then(({ rows }) => sks(rows));
    const sks = (rows: readonly Item[]) => rows.map((row) => row['order']);

    /** Every page from a request on, each behind the place where the one before it ended. */
    async function pagesOf(request: Parameters<typeof ask>[0]): Promise<Item[][]> {
      const pages: Item[][] = [];
      let after: Item | undefined;
      do {
        const page = await ask(after ? { ...request, after } : request);
        pages.push([...page.rows]);
        after = page.next && JSON.parse(JSON.stringify(page.next));
      } while (after && pages.length < 100);
      return pages;
    }

    const filled = async (): Promise<string> => {
      const user = newPartition();
      const rows = ['b', '🙂', 'a', '\uff21', 'd'].map((order) => ({ user, order }));
      await opened.put('alerts', rows);
      return user;
    };
    const IN_ORDER = ['a', 'b', 'd', '\uff21', '🙂'];

    describe('of a table', () => {
      it('gives a partition by code point, either way, and nothing of others', async () => {
        const pk = await filled();
        await opened.put('alerts', [{ user: `${pk}x`, order: 'other' }]);
        expect(await asks({ pk })).toEqual(IN_ORDER);
        expect(await asks({ pk, order: 'descending' })).toEqual(IN_ORDER.toReversed());
        expect((await ask({ pk })).next).toBeUndefined();
        expect(await asks({ pk: newPartition() })).toEqual([]);
      });

      it.each([
        ['both bounds, inclusive', { from: 'b', to: 'd' }, ['b', 'd']],
        ['bounds that are no keys', { from: 'c', to: 'e' }, ['d']],
        ['a lower bound', { from: 'd' }, ['d', '\uff21', '🙂']],
        ['an upper bound', { to: 'b' }, ['a', 'b']],
        ['a lower bound above the upper one', { from: 'd', to: 'b' }, []],
      ] as const)('gives what is within %s', async (_, bounds, expected) => {
        const pk = await filled();
        expect(await asks({ pk, ...bounds })).toEqual(expected);
        expect(await asks({ pk, ...bounds, order: 'descending' })).toEqual(expected.toReversed());
      });

      it.each(['ascending', 'descending'] as const)(
        'goes on where a page ended, %s, within the bounds',
        async (order) => {
          const pk = await filled();
          const pages = await pagesOf({ pk, order, limit: 2, from: 'b' });
          const expected = order === 'ascending' ? IN_ORDER.slice(1) : IN_ORDER.slice(1).reverse();
          expect(sks(pages.flat())).toEqual(expected);
          expect(pages.slice(0, 2).map(({ length }) => length)).toEqual([2, 2]);
        },
      );

      it('says where a page ended by the keys of its last row', async () => {
        const pk = await filled();
        const { next } = await ask({ pk, limit: 3 });
        expect(next).toEqual({ user: pk, order: 'd' });
      });

      it('ends a page of large rows early and goes on', async () => {
        const user = newPartition();
        const orders = Array.from({ length: 8 }, (_, n) => `k${n}`);
        const rows = orders.map((order) => ({ user, order, fill: 'x'.repeat(300_000) }));
        await opened.put('alerts', rows);
        expect(sks((await pagesOf({ pk: user, limit: 50 })).flat())).toEqual(orders);
      });

      it('gives the rows of many keys at once, where they exist', async () => {
        const pk = await filled();
        const keys = [...IN_ORDER, 'none'].map((sk) => ({ pk, sk }));
        const rows = await opened.reader.batchGet('alerts', keys);
        expect(sks(rows).toSorted()).toEqual(IN_ORDER.toSorted());
        const status = newPartition();
        await opened.put('tasks', [{ status, n: 1 }]);
        expect(await opened.reader.batchGet('tasks', [{ pk: status, sk: '' }])).toEqual([
          { status, n: 1 },
        ]);
        expect(await opened.reader.batchGet('tasks', [])).toEqual([]);
      });
    });

    describe('of which some were withdrawn', () => {
      /** Three of ten are results: `07`, `08`, `09`, `17`, and so on. */
      const ORDERS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
      const isKept = (_: string, n: number) => n % 10 >= 7;
      const RESULTS = ORDERS.filter(isKept);
      const mixed = async (): Promise<string> => {
        const user = newPartition();
        await opened.put(
          'alerts',
          ORDERS.map((order, n) => ({
            user,
            order,
            ...(isKept(order, n) ? {} : { withdrawn: true }),
          })),
        );
        return user;
      };

      it.each(['ascending', 'descending'] as const)(
        'passes them over, %s, in pages that are as long as asked for or shorter, and never empty before the end',
        async (order) => {
          const pk = await mixed();
          for (const limit of [1, 2, 3, 7, 100]) {
            const pages = await pagesOf({ pk, order, limit });
            const expected = order === 'ascending' ? RESULTS : RESULTS.toReversed();
            expect(sks(pages.flat())).toEqual(expected);
            expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
            expect(pages.slice(0, -1).filter(({ length }) => length === 0)).toEqual([]);
          }
        },
      );

      it('gives none of them to who knows their keys', async () => {
        const pk = await mixed();
        const keys = ['06', '07', '10'].map((sk) => ({ pk, sk }));
        expect(sks(await opened.reader.batchGet('alerts', keys))).toEqual(['07']);
      });

      it('has no page where all were', async () => {
        const user = newPartition();
        const rows = ORDERS.map((order) => ({ user, order, withdrawn: true }));
        await opened.put('alerts', rows);
        expect(await ask({ pk: user, limit: 1 })).toEqual({ rows: [] });
      });
    });

    describe('of an index', () => {
      it('gives whole rows that have its keys, in order of its sort key', async () => {
        const listed = newPartition();
        const row = (user: string, listedAt: string) => ({ user, order: 'o', listed, listedAt });
        const [a, b, c] = [row('a', '3'), row('b', '1'), row('c', '2')] as const;
        await opened.put('alerts', [a, b, c, { user: 'd', order: 'o' }]);
        const request = { pk: listed, index: 'latest' } as const;
        expect((await ask(request)).rows).toEqual([b, c, a]);
        expect((await ask({ ...request, order: 'descending', limit: 1 })).rows).toEqual([a]);
        expect((await ask({ ...request, from: '2', to: '2' })).rows).toEqual([c]);
      });

      it.each(['ascending', 'descending'] as const)(
        'goes on in the middle of many rows with one sort key, %s',
        async (order) => {
          const problem = newPartition();
          const rows = Array.from({ length: 60 }, (_, n) => ({
            status: `${problem}-${n}`,
            problem,
            problemAt: n % 10 === 0 ? '1' : '2',
          }));
          await opened.put('tasks', rows);
          const all = { table: 'tasks', index: 'problems', pk: problem, order } as const;
          const found = (await pagesOf({ ...all, limit: 7 })).flat();
          expect(found).toHaveLength(60);
          expect(new Set(found.map(({ status }) => status)).size).toBe(60);
          const twos = await pagesOf({ ...all, limit: 7, from: '2' });
          expect(twos.flat()).toHaveLength(54);
          expect(found).toEqual((await ask(all)).rows);
        },
      );

      it('says where a page ended by the keys of the index and of the table', async () => {
        const listed = newPartition();
        const rows = ['a', 'b'].map((user) => ({ user, order: 'o', listed, listedAt: user }));
        await opened.put('alerts', rows);
        const { next } = await ask({ pk: listed, index: 'latest', limit: 1 });
        expect(next).toEqual({ user: 'a', order: 'o', listed, listedAt: 'a' });
      });
    });

    describe('refuses', () => {
      it.each<[string, Item, Partial<RowsRequest>?]>([
        ['of another partition', { user: 'other', order: 'a' }],
        ['that lacks a key', { user: 'here' }],
        ['with a key that is no text', { user: 'here', order: 1 }],
        ['with an empty key', { user: 'here', order: '' }],
        ['with more than the keys', { user: 'here', order: 'a', more: 'b' }],
        ['of the table for its index', { user: 'u', order: 'a' }, { index: 'latest' }],
        [
          'of the index for the table',
          { user: 'here', order: 'a', listed: 'here', listedAt: 'b' },
          {},
        ],
      ])('to go on behind a place %s', async (_, after, more) => {
        await expect(ask({ pk: 'here', after, ...more })).rejects.toMatchObject({
          name: 'WrongPlaceError',
          message: expect.stringMatching(/^query of .*table alerts, partition here: /),
        });
      });

      it.each([0, -1, 1.5, Number.NaN])('a limit of %d', async (limit) => {
        await expect(ask({ pk: 'a', limit })).rejects.toMatchObject({ name: 'InvariantViolation' });
      });

      it('a table that it was not given', async () => {
        const message = 'there is no result table none to read';
        await expect(ask({ table: 'none', pk: 'a' })).rejects.toThrow(message);
        await expect(opened.reader.batchGet('none', [])).rejects.toThrow(message);
      });
    });
  });
}
