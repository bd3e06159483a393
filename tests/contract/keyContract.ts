/**
 * The part of the `Table` contract that is about deletes, conditions on a map's attribute, and tables whose partition
 * key alone names an item; see `tableContract.ts`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Condition, Item, Table, TableDescription } from '../../shared/ports/table.ts';
import { CONTRACT_TABLE } from './tableContract.ts';

/** Status rows: no sort key, and an attribute that a table with one would sort by. */
const KEY_ONLY_TABLE: TableDescription = { name: 'keyOnly', partitionKey: 'order' };

const ALWAYS: Condition = { kind: 'always' };
const ABSENT: Condition = { kind: 'absent' };
const INVARIANT = { name: 'InvariantViolation' };

export function describeKeys(
  adapter: string,
  open: (description: TableDescription) => Promise<Table>,
): void {
  describe.each([
    ['with a sort key', CONTRACT_TABLE],
    ['without a sort key', KEY_ONLY_TABLE],
  ])(`keys: ${adapter}, %s`, (_, description) => {
    let table: Table;
    let names = 0;

    beforeAll(async () => {
      table = await open(description);
    });

    const newName = (): string => {
      names += 1;
      return `n${names}`;
    };
    const keyAt = (name: string) => ({
      pk: description.sortKey ? 'one' : name,
      sk: description.sortKey ? name : '',
    });
    const itemAt = (name: string, attributes: Item = {}): Item => ({
      [description.partitionKey]: keyAt(name).pk,
      ...(description.sortKey ? { [description.sortKey]: name } : {}),
      ...attributes,
    });
    const stored = (name: string) => table.get(keyAt(name), 'strong');

    it('puts, gets, updates and conditions an item by its key', async () => {
      const name = newName();
      expect(await stored(name)).toBeUndefined();
      expect(await table.put(itemAt(name, { n: 1 }), ABSENT)).toEqual({ kind: 'written' });
      expect(await table.put(itemAt(name, { n: 2 }), ABSENT)).toEqual({ kind: 'refused' });
      const atMost: Condition = { kind: 'absentOrAtMost', name: 'n', value: 1 };
      expect(await table.update(keyAt(name), { n: 3 }, atMost)).toEqual({
        kind: 'written',
        replaced: itemAt(name, { n: 1 }),
      });
      expect(await table.update(keyAt(name), { n: 4 }, atMost)).toEqual({ kind: 'refused' });
      expect(await stored(name)).toEqual(itemAt(name, { n: 3 }));
    });

    it('creates an item by an update, with nothing but its key and what is set', async () => {
      const name = newName();
      await table.update(keyAt(name), { n: 1 }, ALWAYS);
      expect(await stored(name)).toEqual(itemAt(name, { n: 1 }));
    });

    it('puts and gets any number of items, and says nothing of those that do not exist', async () => {
      const all = Array.from({ length: 230 }, newName);
      await table.batchPut(all.map((name, n) => itemAt(name, { n })));
      const found = await table.batchGet([...all, newName()].map(keyAt), 'strong');
      expect(found.map(({ n }) => n).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        all.map((_name, n) => n),
      );
    });

    it('queries an item by its partition key', async () => {
      const name = newName();
      await table.put(itemAt(name), ALWAYS);
      const found: Item[] = [];
      const request = { pk: keyAt(name).pk, order: 'ascending', consistency: 'strong' } as const;
      for await (const item of table.query(request)) found.push(item);
      expect(found).toContainEqual(itemAt(name));
    });

    describe('batchRemove', () => {
      it('removes any number of items and leaves the others', async () => {
        const all = Array.from({ length: 78 }, newName);
        await table.batchPut(all.map((name) => itemAt(name)));
        await table.batchRemove(all.slice(1).map(keyAt));
        expect(await table.batchGet(all.map(keyAt), 'strong')).toEqual([itemAt(all[0] ?? '')]);
      });

      it('leaves away what is not there, and changes nothing when repeated', async () => {
        const [gone, absent] = [newName(), newName()];
        await table.put(itemAt(gone), ALWAYS);
        await table.batchRemove([keyAt(gone), keyAt(absent)]);
        await table.batchRemove([keyAt(gone), keyAt(absent)]);
        expect(await stored(gone)).toBeUndefined();
        expect(await stored(absent)).toBeUndefined();
      });

      it('makes room for a put that wants the key absent', async () => {
        const name = newName();
        await table.put(itemAt(name), ALWAYS);
        await table.batchRemove([keyAt(name)]);
        expect(await table.put(itemAt(name), ABSENT)).toEqual({ kind: 'written' });
      });

      it('does nothing for no keys, and refuses a key named twice or an empty one', async () => {
        const name = newName();
        await table.put(itemAt(name), ALWAYS);
        await table.batchRemove([]);
        const twice = [keyAt(name), keyAt(name)];
        await expect(table.batchRemove(twice)).rejects.toMatchObject(INVARIANT);
        await expect(table.batchRemove([{ pk: '', sk: '' }])).rejects.toMatchObject(INVARIANT);
        expect(await stored(name)).toBeDefined();
      });
    });

    describe("'equals' on an attribute of a map", () => {
      const IS_5: Condition = { kind: 'equals', name: 'engine.version', value: 5 };

      it.each([
        ['the same number', { engine: { version: 5 } }, 'written'],
        ['another number', { engine: { version: 6 } }, 'refused'],
        ['text that reads like it', { engine: { version: '5' } }, 'refused'],
        ['a map without it', { engine: {} }, 'refused'],
        ['no map', { engine: 5 }, 'refused'],
        ['a list', { engine: [5] }, 'refused'],
        ['nothing', {}, 'refused'],
        ['an attribute of the very name', { 'engine.version': 5 }, 'refused'],
        ['a deeper map', { engine: { version: { version: 5 } } }, 'refused'],
      ] as const)('with %s', async (_case, attributes, kind) => {
        const name = newName();
        await table.put(itemAt(name, attributes), ALWAYS);
        expect(await table.put(itemAt(name, { n: 1 }), IS_5)).toMatchObject({ kind });
        const expected = kind === 'written' ? { n: 1 } : attributes;
        expect(await stored(name)).toEqual(itemAt(name, expected));
      });

      it('is refused where there is no item', async () => {
        const name = newName();
        expect(await table.put(itemAt(name), IS_5)).toEqual({ kind: 'refused' });
        expect(await table.update(keyAt(name), { n: 1 }, IS_5)).toEqual({ kind: 'refused' });
        expect(await stored(name)).toBeUndefined();
      });

      it('guards an update, too', async () => {
        const name = newName();
        await table.put(itemAt(name, { engine: { version: 5 } }), ALWAYS);
        const set = { engine: { version: 6 } };
        expect(await table.update(keyAt(name), set, IS_5)).toMatchObject({ kind: 'written' });
        expect(await table.update(keyAt(name), set, IS_5)).toEqual({ kind: 'refused' });
      });
    });
  });
}
