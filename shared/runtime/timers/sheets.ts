/**
 * The timers of a status job: finds those that the watermark has reached, judges their rows, and lets the sheets go. Which
 * watermark that is, and when a run begins and ends, is `fireTimers.ts`'s to say; what a row says, `statusRows.ts`'s.
 */
import { RetryableError } from '../../errors.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import type { Lane } from '../../model/lane.ts';
import { hasReached, latest, NO_WATERMARK, type Watermark, watermarkAt } from '../../model/time.ts';
import type { Key, Table } from '../../ports/table.ts';
import { inTurns } from '../../state/inTurns.ts';
import {
  eachStatusRow,
  judgedRow,
  putStatusRow,
  readStatusRow,
  type StatusRow,
} from '../../state/keyed/sharedRows.ts';
import { readSheets, type TimerSheet } from '../../state/keyed/timerSheets.ts';
import type { LaneContext } from '../lanes/lanes.ts';

export interface SheetReport {
  readonly sheetsRead: number;
  readonly sheetsDeleted: number;
  /** Timers that the watermark had reached. */
  readonly timersDue: number;
  /** Rows whose answer time has changed. */
  readonly rowsWritten: number;
  /** Something due is left for another run, because time ran out. */
  readonly hasMore: boolean;
}

export const NOTHING_FIRED: SheetReport = {
  sheetsRead: 0,
  sheetsDeleted: 0,
  timersDue: 0,
  rowsWritten: 0,
  hasMore: false,
};

/** Sheets that are handled together: a bounded amount of rows in memory, and progress when time runs out. */
const TIMERS_AT_ONCE = 1_000;
/** Lanes whose sheets are read and handled at a time. */
const LANES_AT_ONCE = 8;
/** A row on which others write as fast as this one gets the next run. */
const TRIES_MAX = 50;

/** Handles every sheet whose minute the watermark has reached, lane by lane. */
export async function fireSheets(
  job: StatusJob,
  { ports, settings }: LaneContext,
  lanes: readonly Lane[],
  watermark: Watermark,
  hasTime: () => boolean,
): Promise<SheetReport> {
  const rows = ports.results(job.table.name);
  const streamRetention = settings.streamRetention;
  const firing = { job, rows, state: ports.state, watermark, streamRetention };
  let report = NOTHING_FIRED;
  for (let at = 0; at < lanes.length; at += LANES_AT_ONCE) {
    if (at > 0 && !hasTime()) return { ...report, hasMore: true };
    await inTurns(lanes.slice(at, at + LANES_AT_ONCE), async (lane) => {
      for await (const fired of fireLane(firing, lane)) {
        report = sumOf(report, fired);
        if (hasTime()) continue;
        report = { ...report, hasMore: true };
        return;
      }
    });
  }
  return report;
}

/** The due sheets of a lane, in groups. */
async function* fireLane(firing: Firing, lane: Lane): AsyncGenerator<SheetReport> {
  let group: TimerSheet[] = [];
  let timers = 0;
  for await (const sheet of readSheets(firing.state, lane, firing.watermark)) {
    group.push(sheet);
    timers += sheet.timers.length;
    if (timers < TIMERS_AT_ONCE) continue;
    yield await fireGroup(firing, group);
    group = [];
    timers = 0;
  }
  if (group.length > 0) yield await fireGroup(firing, group);
}

interface Firing {
  readonly job: StatusJob;
  readonly rows: Table;
  readonly state: Table;
  readonly watermark: Watermark;
  readonly streamRetention: LaneContext['settings']['streamRetention'];
}

/** Rows first, then the sheets go. */
async function fireGroup(firing: Firing, group: readonly TimerSheet[]): Promise<SheetReport> {
  const { job, rows, state, watermark } = firing;
  const keys = new Set<string>();
  let timersDue = 0;
  for (const { timers } of group) {
    for (const { key, at } of timers) {
      if (!hasReached(watermark, at)) continue;
      keys.add(key);
      timersDue += 1;
    }
  }
  // Strongly: a timer is forgotten when its row shows nothing to do, so a stale row would lose it.
  let rowsWritten = 0;
  await eachStatusRow(rows, job, [...keys], 'strong', async (row) => {
    if ((await fireRow(firing, row)) === 'written') rowsWritten += 1;
  });
  const handled: Key[] = group
    .filter(({ timers }) => timers.every(({ at }) => hasReached(watermark, at)))
    .map(({ item }) => item);
  if (handled.length > 0) await state.batchRemove(handled);
  const sheetsDeleted = handled.length;
  return { sheetsRead: group.length, sheetsDeleted, timersDue, rowsWritten, hasMore: false };
}

async function fireRow(
  { job, rows, watermark, streamRetention }: Firing,
  read: StatusRow,
): Promise<'written' | 'unchanged'> {
  let row = read;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    // A row that is gone was forgotten by rule.
    if (row.version === 0) return 'unchanged';
    const outcome = await putStatusRow(rows, job, judgedRow(row, watermark), streamRetention);
    if (outcome !== 'refused') return outcome;
    row = await readStatusRow(rows, job, row.key);
  }
  throw new RetryableError(`${job.id}: the row of ${read.key} changed under ${TRIES_MAX} tries`);
}

const sumOf = (a: SheetReport, b: SheetReport): SheetReport => ({
  sheetsRead: a.sheetsRead + b.sheetsRead,
  sheetsDeleted: a.sheetsDeleted + b.sheetsDeleted,
  timersDue: a.timersDue + b.timersDue,
  rowsWritten: a.rowsWritten + b.rowsWritten,
  hasMore: a.hasMore || b.hasMore,
});

/** The latest timer of all sheets: a finite input is judged by a watermark that has reached it. */
export async function sheetsEnd(state: Table, lanes: readonly Lane[]): Promise<Watermark> {
  let end: Watermark = NO_WATERMARK;
  for (const lane of lanes) {
    for await (const { timers } of readSheets(state, lane, 'end')) {
      for (const { at } of timers) end = latest(end, watermarkAt(at));
    }
  }
  return end;
}
