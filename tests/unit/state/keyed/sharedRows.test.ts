/** The rows of a status job: merged, judged and put. */
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { days, milliseconds } from '../../../../shared/index.ts';
import { problemAttributes, problemLists } from '../../../../shared/job/lists.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import {
  judgedRow,
  liveTimers,
  mergedRow,
  putStatusRow,
  readStatusRow,
  readStatusRows,
  type StatusRow,
} from '../../../../shared/state/keyed/sharedRows.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { at, signal, tasksJob } from '../../../support/signals.ts';

const RETENTION = days(30);
const JOB = tasksJob();
const newTable = () => memoryTable({ name: 'tasks', partitionKey: 'task' });
const event = (kind: string, second: number, ms = 0) => ({
  event: signal('a', kind, second),
  arrival: arrivalTime(CLOCK_START + ms),
});
const put = (table: ReturnType<typeof newTable>, row: StatusRow) =>
  putStatusRow(table, JOB, row, days(7));

async function storedRow() {
  const table = newTable();
  const empty = await readStatusRow(table, JOB, 'a');
  await put(table, mergedRow(JOB, empty, event('open', 0)));
  return { table, row: await readStatusRow(table, JOB, 'a') };
}

describe('a row', () => {
  it('is empty where none is stored, and then has the first version', async () => {
    const { row } = await storedRow();
    expect(row).toMatchObject({ key: 'a', version: 1, state: { open: at(0) } });
    expect(row).toMatchObject({ arrival: CLOCK_START, watermark: NO_WATERMARK });
  });

  it('is put in the place of the very version that it was made from', async () => {
    const { table, row } = await storedRow();
    const [first, second] = [event('done', 5), event('open', -5)].map((e) =>
      mergedRow(JOB, row, e),
    );
    expect(await put(table, first as StatusRow)).toBe('written');
    expect(await put(table, second as StatusRow)).toBe('refused');
    expect(await readStatusRow(table, JOB, 'a')).toMatchObject({
      version: 2,
      state: { done: at(5) },
    });
  });

  it('is not put over one that somebody else has begun, nor where it expired meanwhile', async () => {
    const { table, row } = await storedRow();
    const fresh = { ...row, version: 0 };
    expect(await put(table, mergedRow(JOB, fresh, event('done', 1)))).toBe('refused');
    table.remove({ pk: 'a', sk: '' });
    expect(await put(table, mergedRow(JOB, row, event('done', 1)))).toBe('refused');
    expect([...table.items()]).toEqual([]);
  });

  it('is not written where the event is in it already, or the watermark changes nothing', async () => {
    const { table, row } = await storedRow();
    expect(mergedRow(JOB, row, event('open', 3))).toBe(row);
    expect(mergedRow(JOB, row, event('open', 3, -99))).toBe(row);
    expect(await put(table, judgedRow(row, watermarkAt(at(59))))).toBe('unchanged');
    expect(await put(table, judgedRow(row, watermarkAt(at(60))))).toBe('written');
  });

  it('is kept for longer by a later record of its key, also by one that says nothing new', async () => {
    const { row } = await storedRow();
    const again = mergedRow(JOB, row, event('open', 3, RETENTION));
    expect(again).toEqual({ ...row, arrival: CLOCK_START + RETENTION });
    expect(mergedRow(JOB, again, event('done', 5, RETENTION + 1)).state).toEqual({
      open: at(0),
      done: at(5),
    });
  });

  it('is listed in a part that follows from its key', async () => {
    const parts = new Set<string>();
    for (let n = 0; n < 400; n += 1) {
      const { problem } = problemAttributes({ status: 'overdue', at: at(60) }, `k${n}`);
      parts.add(String(problem));
    }
    expect([...parts].toSorted()).toEqual(problemLists(['overdue']));
    const { table, row } = await storedRow();
    await put(table, judgedRow(row, watermarkAt(at(60))));
    const expected = problemAttributes({ status: 'overdue', at: at(60) }, 'a');
    expect([...table.items()]).toMatchObject([expected]);
  });

  it('is never judged by an older watermark again, whatever is merged', async () => {
    const { table, row } = await storedRow();
    await put(table, judgedRow(row, watermarkAt(at(60))));
    const overdue = await readStatusRow(table, JOB, 'a');
    expect(judgedRow(overdue, watermarkAt(at(10))).watermark).toBe(at(60));
    const again = mergedRow(JOB, overdue, event('open', -1));
    expect(await put(table, again)).toBe('written');
    expect([...table.items()]).toMatchObject([{ status: 'overdue', engine: { version: 3 } }]);
  });

  it.each([
    [RETENTION - 1, at(0)],
    [RETENTION, at(0)],
    [RETENTION + 1, at(9)],
  ])(
    'is forgotten for a record that arrives %d ms after its last change or not',
    async (ms, open) => {
      const { row } = await storedRow();
      const judged = judgedRow(row, watermarkAt(at(60)));
      const merged = mergedRow(JOB, judged, event('open', ms > RETENTION ? 9 : 0, ms));
      expect(merged.state).toMatchObject({ open });
      expect(merged.watermark).toBe(ms > RETENTION ? NO_WATERMARK : at(60));
    },
  );

  it.each([
    [RETENTION, at(-9)],
    [RETENTION + 1, at(0)],
  ])('takes a record from %d ms before its last change or not', async (ms, open) => {
    const { row } = await storedRow();
    expect(mergedRow(JOB, row, event('open', -9, -ms)).state).toMatchObject({ open });
  });

  it('has live timers where its answer may still change by itself', async () => {
    const { row } = await storedRow();
    expect(liveTimers(JOB, row)).toEqual([at(60)]);
    expect(liveTimers(JOB, judgedRow(row, watermarkAt(at(60) - 1)))).toEqual([at(60)]);
    expect(liveTimers(JOB, judgedRow(row, watermarkAt(at(60))))).toEqual([]);
    expect(liveTimers(JOB, mergedRow(JOB, row, event('done', 1)))).toEqual([]);
  });

  it('is never found under another key, and any number are read at once', async () => {
    const { table } = await storedRow();
    const keys = Array.from({ length: 120 }, (_, n) => `k${n}`);
    const rows = await readStatusRows(table, JOB, ['a', ...keys], 'strong');
    expect([...rows.values()].filter(({ version }) => version > 0)).toHaveLength(1);
    expect(rows.get('k7')).toMatchObject({ version: 0, state: {} });
  });

  it('expires when no record that is still in a stream can find it', async () => {
    const { table } = await storedRow();
    const [item] = [...table.items()];
    const earliest = CLOCK_START + RETENTION + days(7) + milliseconds(1);
    expect(Number(item?.['expiresAt']) * 1_000).toBeGreaterThan(earliest);
  });
});
