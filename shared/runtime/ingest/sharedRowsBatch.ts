/**
 * A batch of a status job on several streams, whose lanes share its rows. Order of effects: rows, then timer sheets, then the commit.
 *
 * What happens if the process dies: before the commit, the retry merges the same events into rows that may have them
 * already, which changes nothing, and notes the timers of every key of the batch again, changed or not. So a row is
 * never left without its timers once the commit stands.
 */
import { RetryableError } from '../../errors.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import { reasonOf } from '../../operators/intake/deadReason.ts';
import { type SideEvent, withSide } from '../../operators/intake/progress.ts';
import { type StatusEntry, takeInStatus } from '../../operators/status/statusIntake.ts';
import { checkRow } from '../../operators/status/statusView.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Table } from '../../ports/table.ts';
import {
  eachStatusRow,
  liveTimers,
  mergedRow,
  putStatusRow,
  readStatusRow,
  type StatusRow,
} from '../../state/keyed/sharedRows.ts';
import { packSheets, type Timer } from '../../state/keyed/timerSheets.ts';
import {
  type Batcher,
  type BatchRequest,
  type CommitDraft,
  draftCommit,
  progressOf,
  quietAdvance,
} from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';

/** Events of one commit: what is done is kept when time runs short. */
const EVENTS_MAX = 1_000;
/** A key on which others write as fast as this one gets the next try. */
const TRIES_MAX = 50;

export function createSharedRowsBatcher(
  job: StatusJob,
  ports: Ports,
  settings: EngineSettings,
): Batcher {
  const table = ports.results(job.table.name);
  const admitEntries = createAdmitter(job, ports, settings);
  return {
    build: (request) => build({ job, table, ports, settings, admitEntries }, request),
    advance: quietAdvance(job, ports, settings),
  };
}

interface Context {
  readonly job: StatusJob;
  readonly table: Table;
  readonly ports: Ports;
  readonly settings: EngineSettings;
  readonly admitEntries: Admitter;
}

async function build(context: Context, request: BatchRequest): Promise<CommitDraft> {
  const { job, ports, settings, admitEntries } = context;
  const { lane, entries, at } = request;
  const now = ports.clock.now();
  const admissions = await admitEntries(request, entries.length, now);
  const range = { stream: lane.stream, entries, from: at, ...admissions, eventsMax: EVENTS_MAX };
  const intake = takeInStatus(job, progressOf(request), range);
  const { to } = intake;
  const byKey = Map.groupBy(intake.events, ({ key }) => key);
  const { timers, dead } = await mergeRows(context, byKey);
  await ports.state.batchPut(packSheets(lane, timers));
  return draftCommit(job, settings, { request, to, now }, withSide(intake, dead));
}

/** Merges the events into their rows. Gives the timers of all keys, and the events that cannot be merged. */
async function mergeRows(
  context: Context,
  byKey: ReadonlyMap<string, readonly StatusEntry[]>,
): Promise<{ timers: Timer[]; dead: SideEvent[] }> {
  const { job, table } = context;
  const timers: Timer[] = [];
  const dead: SideEvent[] = [];
  await eachStatusRow(table, job, [...byKey.keys()], 'eventual', async (row) => {
    const { key } = row;
    const merged = await mergeKey(context, row, byKey.get(key) ?? []);
    for (const at of liveTimers(job, merged.row)) timers.push({ key, at });
    dead.push(...merged.dead);
  });
  return { timers, dead };
}

interface Merged {
  readonly row: StatusRow;
  readonly dead: readonly SideEvent[];
}

async function mergeKey(
  { job, table, settings }: Context,
  read: StatusRow,
  events: readonly StatusEntry[],
): Promise<Merged> {
  let row = read;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const merged = mergeAll(job, row, events);
    if (merged.row === row) return merged;
    const outcome = await putStatusRow(table, job, merged.row, settings.streamRetention);
    if (outcome !== 'refused') return merged;
    row = await readStatusRow(table, job, row.key);
  }
  throw new RetryableError(`${job.id}: the row of ${read.key} changed under ${TRIES_MAX} tries`);
}

/** An event on which the job's own code throws is left out, and the others go on. */
function mergeAll(job: StatusJob, row: StatusRow, events: readonly StatusEntry[]): Merged {
  let merged = row;
  const dead: SideEvent[] = [];
  for (const { entry, event, watermark } of events) {
    try {
      const next = mergedRow(job, merged, { event, arrival: entry.arrival });
      if (next !== merged) checkRow(job, next.key, next.state);
      merged = next;
    } catch (error) {
      dead.push({ kind: 'dead', entry, watermark, reason: reasonOf(error) });
    }
  }
  return { row: merged, dead };
}
