/**
 * A job in process: the same runtime as on Lambda, over tables in memory and a finite input. The clock stands
 * still at the start of the run, so nothing is ever idle and every record arrives now.
 */
import { type LaneBatch, laneBatches, type StreamEvent } from '../inputs/laneBatches.ts';
import { memoryPorts } from '../shared/adapters/memory/memoryPorts.ts';
import { meteredTable, type UnitMeter } from '../shared/adapters/meteredTable.ts';
import { systemClock } from '../shared/adapters/systemClock.ts';
import { createEngine } from '../shared/engine.ts';
import { RetryableError } from '../shared/errors.ts';
import type { Job } from '../shared/job/job.ts';
import { streamsOf } from '../shared/job/spec.ts';
import { isResult } from '../shared/job/tables.ts';
import { addCounts, type Counts, NO_COUNTS } from '../shared/model/counts.ts';
import { equalRanges, type ShardRanges } from '../shared/model/shardRanges.ts';
import { arrivalTime, days } from '../shared/model/time.ts';
import { goesByFrontier } from '../shared/operators/status/ahead.ts';
import type { Clock } from '../shared/ports/ports.ts';
import type { ShardDirectory, ShardReader } from '../shared/ports/shards.ts';
import type { Item, Table } from '../shared/ports/table.ts';
import type { Ingest } from '../shared/runtime/ingest/ingest.ts';
import type { RunTrigger } from '../shared/runtime/scheduledRun.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '../shared/runtime/settings.ts';
import { readLaneStatuses, readSideEvents } from '../shared/state/inspect.ts';
import type { StoredSideEvent } from '../shared/state/lane/sideColumns.ts';

export interface RunOptions {
  readonly lanes: number;
  readonly batch: number;
  /** Whether windows that are open at the end of the input close. */
  readonly atEnd: 'flush' | 'leaveOpen';
  /** Counts what the run's use of tables would cost; without it, nobody sizes items. */
  readonly meter?: UnitMeter;
  /** The time of the run. */
  readonly clock?: Clock;
  /** Hears of every event that is read, in order. */
  readonly onEvent?: (event: StreamEvent) => void;
}

interface RunStats extends Counts {
  /** Events behind what is still stored; they are among the accepted. */
  readonly expired: number;
  readonly lanes: number;
  readonly commits: number;
  /** Entries of the lane logs. */
  readonly slots: number;
  readonly windowsClosed: number;
}

export interface RunResult {
  /** All results, as the job's tables hold them, in no order. */
  readonly rows: readonly Item[];
  /** The same by the tables' names. */
  readonly tables: ReadonlyMap<string, readonly Item[]>;
  readonly stats: RunStats;
  /** What the state table holds at the end. */
  readonly state: () => Iterable<Item>;
  /** Late events and dead letters, lane by lane; which of the events each one is, says `ordinalOf` its sequence number. */
  readonly sideEvents: () => AsyncIterable<StoredSideEvent>;
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
  const ranges = equalRanges(options.lanes);
  const arrival = arrivalTime(start);
  const rounds = laneBatches(events, { ...options, streams: streamsOf(job), arrival });
  const { atEnd, meter } = options;
  return runRounds(job, rounds, {
    atEnd,
    ...(meter ? { meter } : {}),
    clock: { now: () => start },
    shards: { rangeOf: async (_, shard) => ranges.list.find((range) => range.shard === shard) },
    ranges,
  });
}

export interface RoundsOptions extends Pick<RunOptions, 'atEnd' | 'meter'> {
  readonly clock: Clock;
  /** What there is to know of the shards that the batches come from. */
  readonly shards: Partial<ShardDirectory & ShardReader>;
  /** The shards of the job's own stream, if it has one: by default one. */
  readonly ranges?: ShardRanges;
}

/** The same over batches that are made already, in rounds after which what is due is done. */
export async function runRounds(
  job: Job,
  rounds: AsyncIterable<readonly LaneBatch[]>,
  options: RoundsOptions,
): Promise<RunResult> {
  const { clock, meter, shards, ranges } = options;
  const seen = (table: Table) => (meter ? meteredTable(table, meter) : table);
  let isNudged = false;
  const ports = memoryPorts(job, {
    clock,
    state: seen,
    results: seen,
    shards,
    ...(ranges ? { ownRanges: ranges } : {}),
    async nudge() {
      isNudged = true;
    },
  });
  const { state, results: tables, own } = ports.stored;
  const { ingest, close, fire } = createEngine(job, ports, SETTINGS);

  let commits = 0;
  let windowsClosed = 0;
  const advance = async (trigger: RunTrigger) => {
    await fire?.(trigger);
    windowsClosed += (await close?.(trigger))?.windowsClosed ?? 0;
  };
  // Else all that is forwarded would wait in memory for the end of the input.
  if (goesByFrontier(job)) await fire?.('schedule');
  for await (const round of rounds) {
    for (const batch of round) commits += await commitsOf(batch, ingest);
    for (const batch of own?.take() ?? []) commits += await commitsOf(batch, ingest);
    if (isNudged) await advance('nudge');
    isNudged = false;
  }
  await advance('schedule');
  if (options.atEnd === 'flush') await advance('endOfInput');

  const lanes = await readLaneStatuses(job.id, state);
  const found = new Map(
    [...tables].map(([name, table]) => [name, [...table.items()].filter(isResult)] as const),
  );
  return {
    sideEvents: () => readSideEvents(job.id, state),
    state: () => state.items(),
    rows: [...found.values()].flat(),
    tables: found,
    stats: {
      ...lanes.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
      expired: lanes.reduce((sum, { expired }) => sum + expired, 0),
      lanes: lanes.length,
      commits,
      slots: lanes.reduce((sum, { slots }) => sum + slots, 0),
      windowsClosed,
    },
  };
}

/** Each try lets go more of what the lanes of a shard's parents hold. */
const TRIES_MAX = 1_000;

/** A batch of a child shard waits until the lanes of its parents have ended. */
async function commitsOf(batch: LaneBatch, ingest: Ingest): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await ingest(batch)).commits;
    } catch (error) {
      if (!(error instanceof RetryableError) || tries === TRIES_MAX) throw error;
    }
  }
}
