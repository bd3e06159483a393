/** Result rows: revisions and fences. */
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { FencedError } from '../../../shared/errors.ts';
import { type Row, WINDOW_END } from '../../../shared/job/tables.ts';
import { eventTime } from '../../../shared/model/time.ts';
import type { Table } from '../../../shared/ports/table.ts';
import { type EvaluatedWindow, writeRows as writeRowsOf } from '../../../shared/state/results.ts';
import { interceptedTable } from '../../support/interceptedTable.ts';

const newTable = () => memoryTable({ name: 'hot', partitionKey: 'board', sortKey: WINDOW_END });
const DECLARED = { name: 'hot', partitionKey: 'board' };
const writeRows = (
  table: Table,
  windows: readonly EvaluatedWindow[],
  run: { fence: number; overtaken: number },
) => writeRowsOf({ table, declared: DECLARED }, windows, run).then(({ written }) => written);
const windowOf = (minute: number) => ({
  start: eventTime(minute * 60_000 - 60_000),
  end: eventTime(minute * 60_000),
});
const evaluated = (minute: number, rows: Row[], isFinal = false) => ({
  window: windowOf(minute),
  isFinal,
  mayBeStored: true,
  rows,
});
/** A run before which all gave their lease back. */
const clean = (fence: number) => ({ fence, overtaken: 0 });
const RANKING: Row = { board: 'items:pv', ranking: [{ id: '1', count: 2 }], events: 2 };

describe('a row', () => {
  it('starts at revision 0, with its window and fence', async () => {
    const table = newTable();
    expect(await writeRows(table, [evaluated(1, [RANKING])], clean(1))).toBe(1);
    expect([...table.items()]).toEqual([
      {
        ...RANKING,
        windowStart: '1970-01-01T00:00:00.000Z',
        windowEnd: '1970-01-01T00:01:00.000Z',
        final: false,
        revision: 0,
        fence: 1,
      },
    ]);
  });

  it.each([
    ['a count', { ...RANKING, events: 3 }, 1],
    ['something deep inside', { ...RANKING, ranking: [{ id: '1', count: 3 }] }, 1],
    ['an attribute more', { ...RANKING, keys: 1 }, 1],
    [
      'the order of attributes only',
      { events: 2, ranking: [{ count: 2, id: '1' }], board: 'items:pv' },
      0,
    ],
    ['nothing', RANKING, 0],
  ])('that changes by %s', async (_, row, revision) => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(1));
    await writeRows(table, [evaluated(1, [row], true)], clean(2));
    expect([...table.items()]).toMatchObject([{ revision, final: true, fence: 2 }]);
  });

  it('of a run with an older fence is refused, and stays as it is', async () => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(2));
    const older = writeRows(table, [evaluated(1, [{ ...RANKING, events: 9 }])], clean(1));
    await expect(older).rejects.toThrow(FencedError);
    expect([...table.items()]).toMatchObject([{ events: 2, fence: 2 }]);
  });

  it('of the same run may be written again', async () => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(2));
    await writeRows(table, [evaluated(1, [RANKING])], clean(2));
    expect([...table.items()]).toMatchObject([{ revision: 0 }]);
  });
});

describe('a row that says already what it should', () => {
  it.each([
    ['stays as it is', { fence: 3, overtaken: 0 }, 0, 1],
    ['stays also where the run that wrote it was overtaken', { fence: 3, overtaken: 1 }, 0, 1],
    [
      'is put again where a later run was, which may have read it',
      { fence: 3, overtaken: 2 },
      1,
      3,
    ],
  ])('%s', async (_, run, written, fence) => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(1));
    expect(await writeRows(table, [evaluated(1, [RANKING])], run)).toBe(written);
    expect([...table.items()]).toMatchObject([{ fence, revision: 0 }]);
  });

  it('is put when it becomes final', async () => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(1));
    expect(await writeRows(table, [evaluated(1, [RANKING], true)], clean(2))).toBe(1);
    expect([...table.items()]).toMatchObject([{ final: true, revision: 0, fence: 2 }]);
  });

  it('is not overwritten by an overtaken run that had read it, although no newer content came', async () => {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(1));
    const overtakes = interceptedTable(table, {
      async before({ operation }) {
        // The run of fence 3 comes to what was there before, and takes the row.
        if (operation === 'put') {
          await writeRows(table, [evaluated(1, [RANKING])], { fence: 3, overtaken: 2 });
        }
      },
    });
    const overtaken = writeRows(overtakes, [evaluated(1, [{ ...RANKING, events: 3 }])], clean(2));
    await expect(overtaken).rejects.toThrow(FencedError);
    expect([...table.items()]).toMatchObject([{ events: 2, fence: 3 }]);
  });
});

describe('two runs that read the same row', () => {
  /** The run of fence 3, which is overtaken between reading the row and putting it. */
  async function overtakenBy(fence: number) {
    const table = newTable();
    await writeRows(table, [evaluated(1, [RANKING])], clean(1));
    let meanwhile = async () => {
      await writeRows(table, [evaluated(1, [{ ...RANKING, events: 3 }])], clean(fence));
    };
    const overtaken = interceptedTable(table, {
      async before({ operation }) {
        if (operation !== 'put') return;
        const act = meanwhile;
        meanwhile = async () => {};
        await act();
      },
    });
    return {
      table,
      run: writeRows(overtaken, [evaluated(1, [{ ...RANKING, events: 4 }])], clean(3)),
    };
  }

  it('never give two contents the same revision: the newer one counts on', async () => {
    const { table, run } = await overtakenBy(2);
    await run;
    expect([...table.items()]).toMatchObject([{ events: 4, revision: 2, fence: 3 }]);
  });

  it('leave the row to the newer one, when that was faster', async () => {
    const { table, run } = await overtakenBy(4);
    await expect(run).rejects.toThrow(FencedError);
    expect([...table.items()]).toMatchObject([{ events: 3, revision: 1, fence: 4 }]);
  });
});

it('writes many rows of many windows, each under its own key', async () => {
  const table = newTable();
  const windows = Array.from({ length: 30 }, (_, minute) =>
    evaluated(minute + 1, [RANKING, { ...RANKING, board: 'items#buy' }]),
  );
  expect(await writeRows(table, windows, clean(1))).toBe(60);
  expect([...table.items()]).toHaveLength(60);
  expect(await writeRows(table, [], clean(1))).toBe(0);
});
