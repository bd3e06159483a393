/** What usage costs in a month, in dollars. Arithmetic only: nothing is measured here. */
import type { Job } from '../../shared/job/job.ts';
import { millisecondsFor } from './durations.ts';
import type { SpentByKind, Usage } from './measure.ts';
import { GB, HOURS_A_MONTH, type Prices, SECONDS_A_MONTH } from './prices.ts';
import { addSpent, noneSpent, type Spent } from './scene.ts';
import { PLATFORM_BYTES, type Telemetry } from './telemetry.ts';

/** Of the functions that work for a job, in megabytes. */
export interface Memory {
  readonly ingest: number;
  readonly close: number;
  readonly fire: number;
}

export interface JobBill {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly storedBytes: number;
  readonly requests: number;
  readonly storage: number;
  readonly lambda: number;
  readonly logs: number;
  readonly total: number;
}

interface Context {
  readonly memory: Memory;
  readonly telemetry: Telemetry;
  readonly prices: Prices;
}

/** What a job costs beside its streams and what all jobs share. */
export function billOf(job: Job, usage: Usage, context: Context): JobBill {
  const { dynamoDb } = context.prices;
  const { state, answers } = usage.storedBytes;
  const storage =
    (state * dynamoDb.storageGbMonth +
      answers * (dynamoDb.storageGbMonth + dynamoDb.recoveryGbMonth)) /
    GB;
  return {
    ...spentBill(job, usage.spent, usage.events, storage, context),
    storedBytes: state + answers,
  };
}

/** What a job costs that gets no events: its schedules, and what it stored before is not counted. */
export const idleBillOf = (job: Job, usage: Usage, context: Context): JobBill => ({
  ...spentBill(job, usage.idle, 0, 0, context),
  storedBytes: 0,
});

function spentBill(
  job: Job,
  spent: SpentByKind,
  events: number,
  storage: number,
  { memory, telemetry, prices }: Context,
): Omit<JobBill, 'storedBytes'> {
  const byFunction = { ingest: noneSpent(), close: noneSpent(), fire: noneSpent() };
  let invocations = 0;
  let logBytes = 0;
  for (const [kind, each] of spent) {
    const [name] = kind.split(':') as [keyof typeof byFunction];
    addSpent(byFunction[name], each);
    invocations += each.invocations;
    const line = telemetry.bytes.get(`${job.name}/${name}`) ?? 0;
    logBytes += each.invocations * (line + PLATFORM_BYTES);
  }
  const gbSeconds = (['ingest', 'close', 'fire'] as const).reduce((sum, name) => {
    const work = { ...byFunction[name], events: name === 'ingest' ? events : 0 };
    return sum + (millisecondsFor(job, work) / 1_000) * (memory[name] / 1_024);
  }, 0);
  const { read, write } = unitsOf(byFunction);
  const requests = write * prices.dynamoDb.writeUnit + read * prices.dynamoDb.readUnit;
  const lambda = gbSeconds * prices.lambda.gbSecond + invocations * prices.lambda.request;
  const logs = (logBytes / GB) * prices.cloudWatch.logGb;
  return {
    writeUnits: write,
    readUnits: read,
    requests,
    storage,
    lambda,
    logs,
    total: requests + storage + lambda + logs,
  };
}

function unitsOf(byFunction: Readonly<Record<string, Spent>>): Spent {
  const total = noneSpent();
  for (const spent of Object.values(byFunction)) addSpent(total, spent);
  return total;
}

export interface StreamUsage {
  readonly shards: number;
  readonly eventsPerSecond: number;
  readonly bytesEach: number;
}

/** The producer's: an open record is sent after so long, or when it is full. */
const LINGER_SECONDS = 0.2;
const RECORD_BYTES = 25 * 1_024;

export interface StreamBill {
  readonly shards: number;
  readonly puts: number;
  readonly total: number;
}

/** Packed: a record is full, or holds what came while it lingered, and is one unit either way. */
export function streamBillOf(usage: StreamUsage, { kinesis }: Prices): StreamBill {
  const { eventsPerSecond, bytesEach } = usage;
  const perShard = eventsPerSecond / usage.shards;
  const lingering = Math.min(perShard, 1 / LINGER_SECONDS);
  const full = Math.min((perShard * bytesEach) / RECORD_BYTES, perShard);
  const units = usage.shards * Math.max(lingering, full) * SECONDS_A_MONTH;
  const shards = usage.shards * HOURS_A_MONTH * kinesis.shardHour;
  const puts = units * kinesis.putUnit;
  return { shards, puts, total: shards + puts };
}

/** A put unit for each event. */
export const unpackedPutsOf = (eventsPerSecond: number, { kinesis }: Prices): number =>
  eventsPerSecond * SECONDS_A_MONTH * kinesis.putUnit;

export interface FixedBill {
  readonly metrics: number;
  readonly alarms: number;
  readonly dashboard: number;
  readonly total: number;
}

/** What does not depend on events: the same for an idle system. */
export function fixedBillOf(
  counts: { readonly metrics: number; readonly alarms: number; readonly dashboards: number },
  { cloudWatch }: Prices,
): FixedBill {
  const metrics = counts.metrics * cloudWatch.metricMonth;
  const alarms = counts.alarms * cloudWatch.alarmMonth;
  const dashboard = counts.dashboards * cloudWatch.dashboardMonth;
  return { metrics, alarms, dashboard, total: metrics + alarms + dashboard };
}
