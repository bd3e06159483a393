/** The part of the `Table` contract that is about queries; see `tableContract.ts`. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '../../shared/ports/table.ts';
import { ALWAYS, INVARIANT, itemAt, partitionNames, sortKeysIn } from './contractItems.ts';

export function describeQueries(adapter: string, open: () => Promise<Table>): void {
  describe(`queries: ${adapter}`, () => {
    let table: Table;
    const newPartition = partitionNames();

    beforeAll(async () => {
      table = await open();
    });

    const sortKeys = (request: Parameters<typeof sortKeysIn>[1]) => sortKeysIn(table, request);

    /** UTF-16 order would put the emoji (a surrogate pair) before the fullwidth letter. */
    const IN_ORDER = ['A', 'a', 'ab', 'b', 'é', '\uff21', '🙂'];

    const filled = async (): Promise<string> => {
      const pk = newPartition();
      for (const sk of ['b', '🙂', 'a', '\uff21', 'é', 'A', 'ab']) {
        await table.put(itemAt(pk, sk), ALWAYS);
      }
      return pk;
    };

    it('reads one partition by code point, either way', async () => {
      const pk = await filled();
      await table.put(itemAt(`${pk}x`, 'other'), ALWAYS);
      expect(await sortKeys({ pk })).toEqual(IN_ORDER);
      expect(await sortKeys({ pk, order: 'descending' })).toEqual(IN_ORDER.toReversed());
    });

    it.each([
      ['both bounds included', { from: 'a', to: 'b' }, ['a', 'ab', 'b']],
      ['bounds that are no keys', { from: 'aa', to: 'az' }, ['ab']],
      ['one key', { from: 'ab', to: 'ab' }, ['ab']],
      ['only a lower bound', { from: 'é' }, ['é', '\uff21', '🙂']],
      ['only an upper bound', { to: 'ab' }, ['A', 'a', 'ab']],
      ['a lower bound above the upper', { from: 'b', to: 'a' }, []],
      ['an empty lower bound', { from: '', to: 'a' }, ['A', 'a']],
      ['an empty upper bound', { to: '' }, []],
      ['a bound beyond every key', { from: '\u{10ffff}' }, []],
    ] as const)('reads with %s, either way', async (_, bounds, expected) => {
      const pk = await filled();
      expect(await sortKeys({ pk, ...bounds })).toEqual(expected);
      const descending = await sortKeys({ pk, ...bounds, order: 'descending' });
      expect(descending).toEqual(expected.toReversed());
    });

    it.each([
      ['ascending', 2, ['A', 'a']],
      ['descending', 2, ['🙂', '\uff21']],
      ['ascending', 7, IN_ORDER],
      ['ascending', 8, IN_ORDER],
    ] as const)('reads %s with a limit of %i', async (order, limit, expected) => {
      expect(await sortKeys({ pk: await filled(), order, limit })).toEqual(expected);
    });

    it('reads nothing from a partition that does not exist', async () => {
      expect(await sortKeys({ pk: newPartition() })).toEqual([]);
    });

    it('refuses a limit below one', async () => {
      const pk = newPartition();
      await expect(sortKeys({ pk, limit: 0 })).rejects.toMatchObject(INVARIANT);
    });

    it('reads more than a page of 1 MB to its end, either way and with a limit', async () => {
      const pk = newPartition();
      const keys = Array.from({ length: 12 }, (_, n) => `k${String(n).padStart(2, '0')}`);
      const fill = 'x'.repeat(200_000);
      await table.batchPut(keys.map((sk) => itemAt(pk, sk, { fill })));
      expect(await sortKeys({ pk })).toEqual(keys);
      expect(await sortKeys({ pk, order: 'descending' })).toEqual(keys.toReversed());
      expect(await sortKeys({ pk, limit: 9, from: 'k01' })).toEqual(keys.slice(1, 10));
    });

    it('can be left in the middle', async () => {
      const pk = await filled();
      const query = table.query({ pk, order: 'ascending', consistency: 'eventual' });
      for await (const item of query) {
        expect(item['order']).toBe('A');
        break;
      }
      expect(await sortKeys({ pk })).toEqual(IN_ORDER);
    });
  });
}
