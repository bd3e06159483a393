/** What indexes cost on top of the tables whose rows they list. */
import { expect, it } from 'vitest';
import { withIndexes } from '../../../bench/indexedTable.ts';
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
