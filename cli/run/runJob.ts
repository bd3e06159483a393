/**
 * A job in process: the same runtime as on Lambda, over tables in memory and a finite input. The clock stands
 * still at the start of the run, so nothing is ever idle and every record arrives now.
 */
import { memoryTable } from '../../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../../shared/adapters/meteredTable.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import type { WindowJob } from '../../shared/job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../../shared/model/counts.ts';
import { arrivalTime, days } from '../../shared/model/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { createCloser } from '../../shared/runtime/closeWindows.ts';
import { createIngest } from '../../shared/runtime/ingest.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../../shared/runtime/settings.ts';
import { readLanes, readSideOutput } from '../../shared/state/inspect.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { resultTable } from '../../shared/state/results.ts';
import type { InputEvent } from '../input/readInput.ts';
import { laneBatches } from './laneBatches.ts';

export interface RunOptions {
  readonly lanes: number;
  readonly batch: number;
  /** Whether windows that are open at the end of the input close. */
  readonly atEnd: 'flush' | 'leaveOpen';
  /** The time of the run. */
  readonly clock?: Clock;
}

export interface RunStats extends Counts {
  /** Events behind what is still stored; they are among the accepted. */
  readonly expired: number;
  readonly lanes: number;
  readonly commits: number;
  /** Entries of the lane logs. */
  readonly slots: number;
  readonly windowsClosed: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface RunResult {
  /** Rows of the job's result table, as they are stored, in no order. */
  readonly rows: readonly Item[];
  readonly stats: RunStats;
  /** Why the first dead letter is one, lane by lane. */
  readonly firstDead?: string;
}

/** Memory has no time to live, so a window may be as long as one likes. */
const SETTINGS: EngineSettings = {
  ...DEFAULT_SETTINGS,
  flushAfter: 'never',
  logRetention: days(36_500),
};

export async function runJob(
  job: WindowJob,
  events: AsyncIterable<InputEvent> | Iterable<InputEvent>,
  options: RunOptions,
): Promise<RunResult> {
  const start = (options.clock ?? systemClock).now();
  const clock: Clock = { now: () => start };
  const meter = unitMeter();
  const state = memoryTable(stateTable('state'));
  const results = memoryTable(resultTable(job.table, job.table.name));
  const metered = {
    state: meteredTable(state, meter),
    results: meteredTable(results, meter),
    clock,
  };

  let isNudged = false;
  const closeSignal = {
    async send() {
      isNudged = true;
    },
  };
  const shards = { parentsOf: async () => [] };
  const ingest = createIngest(job, { ...metered, shards, closeSignal }, SETTINGS);
  const closer = createCloser(job, metered, SETTINGS);

  let commits = 0;
  let windowsClosed = 0;
  const { stream } = job.source;
  const arrival = arrivalTime(start);
  for await (const round of laneBatches(events, { ...options, arrival })) {
    for (const batch of round) commits += (await ingest.ingest({ stream, ...batch })).commits;
    if (isNudged) windowsClosed += (await closer.run('nudge')).windowsClosed;
    isNudged = false;
  }
  windowsClosed += (await closer.run('schedule')).windowsClosed;
  if (options.atEnd === 'flush') windowsClosed += (await closer.run('endOfInput')).windowsClosed;

  const lanes = await readLanes(job.id, state);
  const firstDead = await firstReason(job, state);
  return {
    ...(firstDead === undefined ? {} : { firstDead }),
    rows: [...results.items()],
    stats: {
      ...lanes.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
      expired: lanes.reduce((sum, { expired }) => sum + expired, 0),
      lanes: lanes.length,
      commits,
      slots: lanes.reduce((sum, { slots }) => sum + slots, 0),
      windowsClosed,
      readUnits: meter.read,
      writeUnits: meter.write,
    },
  };
}

async function firstReason(job: WindowJob, state: Table): Promise<string | undefined> {
  for await (const { reason } of readSideOutput(job.id, state)) {
    if (reason !== undefined) return reason;
  }
  return undefined;
}
