/** What indexes cost on top of the tables whose rows they list. */
import { expect, it } from 'vitest';
import { indexEntries, withIndexes } from '../../../bench/indexedTable.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../../../shared/adapters/meteredTable.ts';
import type { Item } from '../../../shared/ports/table.ts';

const ALWAYS = { kind: 'always' } as const;
const row = (status: string, problem: Item = {}): Item => ({ id: 'a', status, ...problem });
const listed = (status: string, at = '1') => row(status, { problem: `${status}#0`, problemAt: at });

async function unitsOf(...rows: readonly Item[]): Promise<number[]> {
  const meter = unitMeter();
  const stored = memoryTable({ name: 'rows', partitionKey: 'id' });
  const table = withIndexes(meteredTable(stored, meter), meter);
  const units: number[] = [];
  for (const each of rows) {
    const before = meter.write;
    await table.put(each, ALWAYS);
    units.push(meter.write - before);
  }
  return units;
}

it('a row that no index lists costs what its table takes', async () => {
  expect(await unitsOf(row('fine'), row('well'))).toEqual([1, 1]);
});

it('a row costs one more where it becomes a problem, changes as one, and ends to be one', async () => {
  const rows = [row('fine'), listed('late'), { ...listed('late'), by: 5 }, row('fine')];
  expect(await unitsOf(...rows)).toEqual([1, 2, 2, 2]);
});

it('a row that moves within the index costs two more, and one that is put again as it is none', async () => {
  expect(await unitsOf(listed('late'), listed('lost'), listed('lost'))).toEqual([2, 3, 1]);
});

it('a batch of listed rows costs each twice', async () => {
  const meter = unitMeter();
  const stored = memoryTable({ name: 'rows', partitionKey: 'id' });
  const table = withIndexes(meteredTable(stored, meter), meter);
  await table.batchPut([listed('late'), { ...listed('late'), id: 'b' }, { id: 'c' }]);
  expect(meter.write).toBe(5);
});

const grouped = (tags: string, more: Item = {}): Item => ({
  id: 'a',
  windowGroup: `day#${tags}`,
  groupMember: 'a',
  ...more,
});

it('a row of a group costs one more for its keys, however large it is, and nothing where it stays in the group', async () => {
  const large = 'x'.repeat(1_500);
  const rows = [
    grouped('buyer', { large }),
    grouped('buyer', { large, by: 5 }),
    grouped('visitor'),
  ];
  expect(await unitsOf(...rows)).toEqual([3, 2, 4]);
});

it('an index holds whole rows of problems and alerts, and of groups the keys', () => {
  const description = { name: 'rows', partitionKey: 'id', sortKey: 'windowEnd' };
  const row = { ...grouped('buyer'), windowEnd: 'day', items: 5 };
  expect(indexEntries(description, row)).toEqual([{ ...grouped('buyer'), windowEnd: 'day' }]);
  expect(indexEntries(description, listed('late'))).toEqual([listed('late')]);
  expect(indexEntries(description, { id: 'a' })).toEqual([]);
});
