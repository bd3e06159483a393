/**
 * A job in process: the same runtime as on Lambda, over tables in memory and a finite input. The clock stands
 * still at the start of the run, so nothing is ever idle and every record arrives now.
 */

import { laneBatches, type StreamEvent } from '../inputs/laneBatches.ts';
import { memoryTable } from '../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../shared/adapters/meteredTable.ts';
import { systemClock } from '../shared/adapters/systemClock.ts';
import { streamsOf } from '../shared/job/head.ts';
import { type Job, tablesOf } from '../shared/job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../shared/model/counts.ts';
import { equalRanges } from '../shared/model/shardRanges.ts';
import { arrivalTime, days } from '../shared/model/time.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Item, Table } from '../shared/ports/table.ts';
import { type CloseTrigger, createCloser } from '../shared/runtime/closing/closeWindows.ts';
import { createIngest } from '../shared/runtime/ingest/ingest.ts';
import type { LanePorts } from '../shared/runtime/lanes/lanes.ts';
import { tableNamed } from '../shared/runtime/resultTables.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../shared/runtime/settings.ts';
import { createTimerFirer, hasTimers } from '../shared/runtime/timers/fireTimers.ts';
import { readLanes, readSideOutput } from '../shared/state/inspect.ts';
import { stateTable } from '../shared/state/keys.ts';

export interface RunOptions {
  readonly lanes: number;
  readonly batch: number;
  /** Whether windows that are open at the end of the input close. */
  readonly atEnd: 'flush' | 'leaveOpen';
  /** The time of the run. */
  readonly clock?: Clock;
}

interface RunStats extends Counts {
  /** Events behind what is still stored; they are among the accepted. */
  readonly expired: number;
  readonly lanes: number;
  readonly commits: number;
  /** Entries of the lane logs. */
  readonly slots: number;
  readonly windowsClosed: number;
  /** Rows that time alone changed. */
  readonly timersFired: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface RunResult {
  /** Rows of all the job's result tables, as they are stored, in no order. */
  readonly rows: readonly Item[];
  /** The same by the tables' names. */
  readonly tables: ReadonlyMap<string, readonly Item[]>;
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
  job: Job,
  events: AsyncIterable<StreamEvent> | Iterable<StreamEvent>,
  options: RunOptions,
): Promise<RunResult> {
  const start = (options.clock ?? systemClock).now();
  const meter = unitMeter();
  const ranges = equalRanges(options.lanes);
  const state = memoryTable(stateTable('state'));
  const tables = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
  const metered = new Map([...tables].map(([name, table]) => [name, meteredTable(table, meter)]));
  const ports: LanePorts = {
    state: meteredTable(state, meter),
    results: (name) => tableNamed(metered, name),
    clock: { now: () => start },
    shards: {
      parentsOf: async () => [],
      rangeOf: async (_, shard) => ranges.list.find((range) => range.shard === shard),
    },
    reader: { look: async () => 'drained' },
  };
  let isNudged = false;
  const nudge = {
    async send() {
      isNudged = true;
    },
  };
  const ingest = createIngest(job, { ...ports, nudge }, SETTINGS);
  const advance = projections(job, ports);

  let commits = 0;
  let windowsClosed = 0;
  let timersFired = 0;
  const advanced = async (trigger: CloseTrigger) => {
    const done = await advance(trigger);
    windowsClosed += done.windowsClosed;
    timersFired += done.timersFired;
  };
  const arrival = arrivalTime(start);
  for await (const round of laneBatches(events, { ...options, streams: streamsOf(job), arrival })) {
    for (const batch of round) commits += (await ingest.ingest(batch)).commits;
    if (isNudged) await advanced('nudge');
    isNudged = false;
  }
  await advanced('schedule');
  if (options.atEnd === 'flush') await advanced('endOfInput');

  const lanes = await readLanes(job.id, state);
  const firstDead = await firstReason(job, state);
  return {
    ...(firstDead === undefined ? {} : { firstDead }),
    rows: [...tables.values()].flatMap((table) => [...table.items()]),
    tables: new Map([...tables].map(([name, table]) => [name, [...table.items()]])),
    stats: {
      ...lanes.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
      expired: lanes.reduce((sum, { expired }) => sum + expired, 0),
      lanes: lanes.length,
      commits,
      slots: lanes.reduce((sum, { slots }) => sum + slots, 0),
      windowsClosed,
      timersFired,
      readUnits: meter.read,
      writeUnits: meter.write,
    },
  };
}

type Advanced = Pick<RunStats, 'windowsClosed' | 'timersFired'>;

/** What the two scheduled functions do for this job. */
function projections(job: Job, ports: LanePorts): (trigger: CloseTrigger) => Promise<Advanced> {
  const firer = hasTimers(job) ? createTimerFirer(job, ports, SETTINGS) : undefined;
  const closer =
    job.kind === 'window'
      ? createCloser(job, { ...ports, results: ports.results(job.table.name) }, SETTINGS)
      : undefined;
  return async (trigger) => {
    const fired = await firer?.run(trigger);
    const closed = await closer?.run(trigger);
    return {
      windowsClosed: closed?.windowsClosed ?? 0,
      timersFired: fired?.rowsWritten ?? 0,
    };
  };
}

async function firstReason(job: Job, state: Table): Promise<string | undefined> {
  for await (const { reason } of readSideOutput(job.id, state)) {
    if (reason !== undefined) return reason;
  }
  return undefined;
}
