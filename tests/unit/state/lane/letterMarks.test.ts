/** What people decide about the dead letters of a commit. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import type { Table } from '../../../../shared/ports/table.ts';
import { marksPartition, stateTable } from '../../../../shared/state/keys.ts';
import { changeMarks, readMarksOfLane } from '../../../../shared/state/lane/letterMarks.ts';
import { interceptedTable } from '../../../support/interceptedTable.ts';

const LANE = { job: 'visits@1', stream: 'page-views', shard: 'a' };
const commit = (slot: number) => ({ lane: LANE, slot, expiresAt: processingTime(1_000) });
const newTable = () => memoryTable(stateTable('state'));

it('come back as they were set, whichever letters they are of', async () => {
  const places = fc.uniqueArray(fc.nat(120_000), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(places, places, async (redriven, discarded) => {
      const table = newTable();
      await changeMarks(table, commit(3), (marks) => {
        for (const place of redriven) marks.redriven.add(place);
        for (const place of discarded) marks.discarded.add(place);
      });
      expect((await readMarksOfLane(table, LANE)).get(3)).toEqual({
        redriven: new Set(redriven),
        discarded: new Set(discarded),
      });
    }),
    { numRuns: 50 },
  );
});

it('of a lane are by slot, and none where nothing was decided', async () => {
  const table = newTable();
  await changeMarks(table, commit(12), ({ redriven }) => redriven.add(0));
  await changeMarks(table, commit(3), ({ discarded }) => discarded.add(7));
  const other = { ...commit(3), lane: { ...LANE, shard: 'ab' } };
  await changeMarks(table, other, ({ discarded }) => discarded.add(8));
  const marks = await readMarksOfLane(table, LANE);
  expect([...marks.keys()]).toEqual([3, 12]);
  expect(marks.get(3)?.discarded).toEqual(new Set([7]));
});

/** A table whose reader sees what stood before somebody else's change. */
const contended = (table: Table, others: (() => Promise<unknown>)[]): Table =>
  interceptedTable(table, {
    async after({ operation }) {
      if (operation === 'get') await others.shift()?.();
    },
  });

it('keep what two people decide at once', async () => {
  const table = newTable();
  const add = (place: number) =>
    changeMarks(table, commit(3), ({ redriven }) => redriven.add(place));
  await changeMarks(contended(table, [() => add(1), () => add(2)]), commit(3), ({ discarded }) =>
    discarded.add(0),
  );
  expect((await readMarksOfLane(table, LANE)).get(3)).toMatchObject({
    redriven: new Set([1, 2]),
    discarded: new Set([0]),
  });
});

it('are given up where others never stop', async () => {
  const table = newTable();
  const endless = Array.from(
    { length: 20 },
    (_, place) => () => changeMarks(table, commit(3), ({ redriven }) => redriven.add(place)),
  );
  const change = changeMarks(contended(table, endless), commit(3), ({ discarded }) =>
    discarded.add(0),
  );
  await expect(change).rejects.toThrow(RetryableError);
});

it('outlive their commit', async () => {
  const table = newTable();
  await changeMarks(table, commit(3), ({ redriven }) => redriven.add(0));
  const [item] = table.items();
  expect(item).toMatchObject({ pk: marksPartition(LANE), expiresAt: 1 + 14 * 86_400 });
});
