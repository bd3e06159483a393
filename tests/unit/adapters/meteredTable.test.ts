/** What the meter adds to the arithmetic that `tests/contract/units.dynalite.test.ts` checks. */
import { beforeEach, expect, it } from 'vitest';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../../../shared/adapters/meteredTable.ts';
import type { Table } from '../../../shared/ports/table.ts';

const description = { name: 'metered', partitionKey: 'pk', sortKey: 'sk' };
const item = (bytes: number) => ({ pk: 'p', sk: 'a', data: new Uint8Array(bytes) });

let meter = unitMeter();
let stored: Table;
let table: Table;

beforeEach(async () => {
  meter = unitMeter();
  stored = memoryTable(description);
  table = meteredTable(stored, meter);
  await stored.put(item(5_000), { kind: 'always' });
});

it('prices a refused write like the item that stands there, and does not meter how it knows', async () => {
  await table.put(item(1), { kind: 'absent' });
  await table.update({ pk: 'p', sk: 'a' }, { n: 1 }, { kind: 'equals', name: 'n', value: 7 });
  expect(meter).toMatchObject({ write: 5 + 5, read: 0, requests: 2, refused: 2 });
});

it('prices a refused write with nothing in its place at one unit', async () => {
  await table.update({ pk: 'p', sk: 'b' }, { n: 1 }, { kind: 'equals', name: 'n', value: 7 });
  expect(meter).toMatchObject({ write: 1, refused: 1 });
});

it('prices every refused write at one unit where reading it back is not wanted', async () => {
  table = meteredTable(stored, meter, { refusals: 'oneUnit' });
  await table.put(item(1), { kind: 'absent' });
  expect(meter).toMatchObject({ write: 1, read: 0 });
});

it('counts an empty query as a unit, and an empty batch as nothing', async () => {
  const request = { pk: 'none', order: 'ascending', consistency: 'strong' } as const;
  for await (const _ of table.query(request));
  await table.batchPut([]);
  await table.batchGet([], 'strong');
  expect(meter).toMatchObject({ read: 1, write: 0, requests: 1 });
});

it('counts nothing for what failed', async () => {
  await expect(table.put({ pk: 'p' }, { kind: 'always' })).rejects.toThrow();
  expect(meter).toEqual(unitMeter());
});

it('keeps totals and kinds in step', async () => {
  await table.get({ pk: 'p', sk: 'a' }, 'eventual');
  await table.put(item(100), { kind: 'always' });
  expect(meter).toMatchObject({ read: 1, write: 5, requests: 2 });
  expect(meter.byKind.get).toEqual({ read: 1, write: 0, requests: 1, refused: 0 });
  expect(meter.byKind.put).toEqual({ read: 0, write: 5, requests: 1, refused: 0 });
});

it('prices a removal at a unit for each key, and an empty one at nothing', async () => {
  await table.batchRemove([]);
  expect(meter).toMatchObject({ write: 0, requests: 0 });
  await table.batchRemove(['a', 'b', 'c'].map((sk) => ({ pk: 'p', sk })));
  expect(meter.byKind.batchRemove).toEqual({ read: 0, write: 3, requests: 1, refused: 0 });
  expect(await stored.get({ pk: 'p', sk: 'a' }, 'strong')).toBeUndefined();
});
