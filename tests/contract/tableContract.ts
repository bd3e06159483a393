/**
 * What every adapter of the `Table` port must do: one suite, run against memory and against a DynamoDB server.
 * Each test has a partition key of its own, so that one table serves them all.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../shared/errors.ts';
import { ITEM_BYTES_MAX, itemBytes } from '../../shared/ports/itemSize.ts';
import type { Condition, Item, Table, TableDescription, Value } from '../../shared/ports/table.ts';
import { ALWAYS, INVARIANT, itemAt, partitionNames, sortKeysIn } from './contractItems.ts';

/** Names that are not `pk` and `sk`, and one is a reserved word, so that an adapter that assumes them fails. */
export const CONTRACT_TABLE: TableDescription = {
  name: 'contract',
  partitionKey: 'table',
  sortKey: 'order',
};

const ABSENT: Condition = { kind: 'absent' };

export function describeTable(adapter: string, open: () => Promise<Table>): void {
  describe(`table: ${adapter}`, () => {
    let table: Table;
    const newPartition = partitionNames();

    beforeAll(async () => {
      table = await open();
    });

    const sortKeys = (request: Parameters<typeof sortKeysIn>[1]) => sortKeysIn(table, request);

    describe('values', () => {
      it('gives back every kind of value as it was put', async () => {
        const pk = newPartition();
        const item = itemAt(pk, 'a', {
          text: 'naïve ✓ 🙂',
          emptyText: '',
          whole: -9_007_199_254_740_991,
          fraction: 0.1,
          small: 1.5e-9,
          zero: 0,
          yes: true,
          no: false,
          nothing: null,
          bytes: new Uint8Array([0, 1, 254, 255]),
          noBytes: new Uint8Array(0),
          list: ['a', 1, null, new Uint8Array([7]), [], {}],
          map: { inner: { deep: [false] }, 'odd name.#:': 1 },
        });
        await table.put(item, ALWAYS);
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(item);
      });

      it('gives bytes back as a plain Uint8Array, whatever view of a buffer was put', async () => {
        const pk = newPartition();
        const view = Buffer.from('xxhelloxx').subarray(2, 7);
        await table.put(itemAt(pk, 'a', { bytes: view }), ALWAYS);
        const stored = await table.get({ pk, sk: 'a' }, 'strong');
        expect(stored?.['bytes']).toEqual(new Uint8Array(Buffer.from('hello')));
      });

      it('keeps what was put when the caller then changes its own copy', async () => {
        const pk = newPartition();
        const bytes = new Uint8Array([1, 2, 3]);
        const list = [1, 2];
        await table.put(itemAt(pk, 'a', { bytes, list }), ALWAYS);
        bytes.fill(9);
        list.push(9);
        const stored = await table.get({ pk, sk: 'a' }, 'strong');
        expect(stored).toMatchObject({ bytes: new Uint8Array([1, 2, 3]), list: [1, 2] });
      });

      it('leaves an item that was read as it was when the stored one changes', async () => {
        const pk = newPartition();
        await table.put(itemAt(pk, 'a', { n: 1 }), ALWAYS);
        const read = await table.get({ pk, sk: 'a' }, 'strong');
        await table.update({ pk, sk: 'a' }, { n: 2 }, ALWAYS);
        expect(read?.['n']).toBe(1);
      });

      it.each([
        ['a number that is none', Number.NaN],
        ['infinity', Number.NEGATIVE_INFINITY],
        ['a number that JavaScript cannot count to', 2 ** 53],
        ['a number too small', 1e-131],
        ['half a surrogate pair', '\ud83d'],
        ['a nested value that cannot be stored', [{ deep: Number.NaN }]],
        ['an empty name', { '': 1 }],
        ['lists nested too deep', Array.from({ length: 32 }).reduce<Value>((inner) => [inner], 1)],
        ['an object of a class', new Map() as never],
      ])('refuses to store %s', async (_, value) => {
        const pk = newPartition();
        const item = itemAt(pk, 'a', { value });
        await expect(table.put(item, ALWAYS)).rejects.toThrow(InvariantViolation);
        await expect(table.batchPut([item])).rejects.toThrow(InvariantViolation);
        await expect(table.update({ pk, sk: 'a' }, { value }, ALWAYS)).rejects.toThrow(
          InvariantViolation,
        );
        expect(await sortKeys({ pk })).toEqual([]);
      });
    });

    describe('limits', () => {
      const filledTo = (pk: string, bytes: number): Item => {
        const fixed = itemBytes(itemAt(pk, 'a', { fill: '' }));
        return itemAt(pk, 'a', { fill: 'x'.repeat(bytes - fixed) });
      };

      it('stores an item of exactly 400 KB, and refuses one byte more', async () => {
        const pk = newPartition();
        const outcome = await table.put(filledTo(pk, ITEM_BYTES_MAX), ALWAYS);
        expect(outcome).toEqual({ kind: 'written' });
        const tooLarge = filledTo(pk, ITEM_BYTES_MAX + 1);
        await expect(table.put(tooLarge, ALWAYS)).rejects.toMatchObject(INVARIANT);
        await expect(table.batchPut([tooLarge])).rejects.toMatchObject(INVARIANT);
      });

      it('refuses an update that would make the item larger than 400 KB, and leaves it alone', async () => {
        const pk = newPartition();
        await table.put(filledTo(pk, ITEM_BYTES_MAX - 3), ALWAYS);
        await table.update({ pk, sk: 'a' }, { n: 1 }, ALWAYS);
        await expect(table.update({ pk, sk: 'a' }, { m: 1 }, ALWAYS)).rejects.toMatchObject({
          ...INVARIANT,
          message: expect.stringContaining(`${pk} / a`),
        });
        expect(Object.keys((await table.get({ pk, sk: 'a' }, 'strong')) ?? {})).not.toContain('m');
      });

      it.each([
        ['an empty sort key', 'p', ''],
        ['an empty partition key', '', 's'],
        ['a sort key above 1,024 bytes', 'p', 'é'.repeat(513)],
        ['a partition key above 2,048 bytes', 'x'.repeat(2049), 's'],
      ])('refuses %s', async (_, pk, sk) => {
        await expect(table.put(itemAt(pk, sk), ALWAYS)).rejects.toMatchObject(INVARIANT);
        await expect(table.get({ pk, sk }, 'strong')).rejects.toMatchObject(INVARIANT);
        await expect(table.update({ pk, sk }, { n: 1 }, ALWAYS)).rejects.toMatchObject(INVARIANT);
      });

      it('takes keys of exactly the longest size', async () => {
        const pk = 'x'.repeat(2048);
        const sk = 'é'.repeat(512);
        await table.put(itemAt(pk, sk), ALWAYS);
        expect(await sortKeys({ pk })).toEqual([sk]);
      });

      it('refuses an item without its key, an update of the key, and an update of nothing', async () => {
        const pk = newPartition();
        await expect(table.put({ table: pk }, ALWAYS)).rejects.toMatchObject(INVARIANT);
        const key = { pk, sk: 'a' };
        await expect(table.update(key, { order: 'b' }, ALWAYS)).rejects.toMatchObject(INVARIANT);
        await expect(table.update(key, {}, ALWAYS)).rejects.toMatchObject(INVARIANT);
      });
    });

    describe('put', () => {
      it('replaces the whole item and gives back what stood there', async () => {
        const pk = newPartition();
        const first = itemAt(pk, 'a', { n: 1, gone: true });
        const second = itemAt(pk, 'a', { n: 2 });
        expect(await table.put(first, ALWAYS)).toEqual({ kind: 'written' });
        expect(await table.put(second, ALWAYS)).toEqual({ kind: 'written', replaced: first });
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(second);
      });

      it('takes an absent key once', async () => {
        const pk = newPartition();
        const first = itemAt(pk, 'a', { n: 1 });
        expect(await table.put(first, ABSENT)).toEqual({ kind: 'written' });
        expect(await table.put(itemAt(pk, 'a', { n: 2 }), ABSENT)).toEqual({ kind: 'refused' });
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(first);
      });

      it('lets exactly one of many concurrent puts take an absent key', async () => {
        const pk = newPartition();
        const puts = Array.from({ length: 10 }, (_, n) =>
          table.put(itemAt(pk, 'a', { n }), ABSENT),
        );
        const written = (await Promise.all(puts)).filter(({ kind }) => kind === 'written');
        expect(written).toHaveLength(1);
      });
    });

    describe('update', () => {
      it('sets the attributes named, keeps the others, and gives back the item before', async () => {
        const pk = newPartition();
        const before = itemAt(pk, 'a', { kept: 'k', n: 1 });
        await table.put(before, ALWAYS);
        const outcome = await table.update({ pk, sk: 'a' }, { n: 2, name: [1] }, ALWAYS);
        expect(outcome).toEqual({ kind: 'written', replaced: before });
        const after = itemAt(pk, 'a', { kept: 'k', n: 2, name: [1] });
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(after);
      });

      it.each([ALWAYS, ABSENT, { kind: 'absentOrAtMost', name: 'n', value: 5 } as const])(
        'creates an item under $kind',
        async (condition) => {
          const pk = newPartition();
          const outcome = await table.update({ pk, sk: 'a' }, { n: 1 }, condition);
          expect(outcome).toEqual({ kind: 'written' });
          expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(itemAt(pk, 'a', { n: 1 }));
        },
      );

      it("never creates an item under 'equals'", async () => {
        const pk = newPartition();
        const condition: Condition = { kind: 'equals', name: 'n', value: 1 };
        const outcome = await table.update({ pk, sk: 'a' }, { n: 1 }, condition);
        expect(outcome).toEqual({ kind: 'refused' });
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toBeUndefined();
      });
    });

    describe('conditions', () => {
      it.each([
        ['the same number', { n: 5 }, 5, 'written'],
        ['another number', { n: 5 }, 4, 'refused'],
        ['the same text', { n: 'v' }, 'v', 'written'],
        ['a number that reads like the text', { n: '5' }, 5, 'refused'],
        ['no such attribute', {}, 5, 'refused'],
        ['null', { n: null }, 0, 'refused'],
      ] as const)("'equals' with %s", async (_, attributes, value, kind) => {
        const pk = newPartition();
        await table.put(itemAt(pk, 'a', attributes), ALWAYS);
        const condition: Condition = { kind: 'equals', name: 'n', value };
        expect(await table.put(itemAt(pk, 'a'), condition)).toMatchObject({ kind });
      });

      it.each([
        ['a smaller number', { n: 4 }, 'written'],
        ['the same number', { n: 5 }, 'written'],
        ['a greater number', { n: 6 }, 'refused'],
        ['a negative number', { n: -6 }, 'written'],
        ['no such attribute', {}, 'refused'],
        ['text', { n: '4' }, 'refused'],
        ['null', { n: null }, 'refused'],
      ] as const)("'absentOrAtMost' 5 with %s", async (_, attributes, kind) => {
        const pk = newPartition();
        await table.put(itemAt(pk, 'a', attributes), ALWAYS);
        const condition: Condition = { kind: 'absentOrAtMost', name: 'n', value: 5 };
        expect(await table.put(itemAt(pk, 'a', { m: 1 }), condition)).toMatchObject({ kind });
      });

      it("'absentOrAtMost' puts an absent item", async () => {
        const condition: Condition = { kind: 'absentOrAtMost', name: 'n', value: 5 };
        const outcome = await table.put(itemAt(newPartition(), 'a', { n: 9 }), condition);
        expect(outcome).toEqual({ kind: 'written' });
      });
    });

    describe('batches', () => {
      it('replaces items that exist, and changes nothing when repeated', async () => {
        const pk = newPartition();
        await table.put(itemAt(pk, 'a', { old: true }), ALWAYS);
        const items = [itemAt(pk, 'a', { n: 1 }), itemAt(pk, 'b', { n: 2 })];
        await table.batchPut(items);
        await table.batchPut(items);
        expect(await table.get({ pk, sk: 'a' }, 'strong')).toEqual(items[0]);
        expect(await sortKeys({ pk })).toEqual(['a', 'b']);
      });

      it('does nothing for empty batches', async () => {
        await table.batchPut([]);
        expect(await table.batchGet([], 'strong')).toEqual([]);
      });

      it('refuses a key named twice', async () => {
        const pk = newPartition();
        const key = { pk, sk: 'a' };
        await expect(table.batchGet([key, key], 'strong')).rejects.toMatchObject(INVARIANT);
        const items = [itemAt(pk, 'a'), itemAt(pk, 'a', { n: 1 })];
        await expect(table.batchPut(items)).rejects.toMatchObject(INVARIANT);
        expect(await sortKeys({ pk })).toEqual([]);
      });
    });
  });
}
