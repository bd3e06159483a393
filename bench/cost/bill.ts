/** What usage costs in a month, in dollars. Arithmetic only: nothing is measured here. */
import type { Job } from '../../shared/job/job.ts';
import { needsRepartition } from '../../shared/job/repartition.ts';
import { isGated } from '../../shared/job/traits.ts';
import { addSpent, type Spent, sumOf } from '../spent.ts';
import { DURATIONS } from './durations.ts';
import type { Usage } from './measure.ts';
import { GB, HOURS_A_MONTH, type Prices, SECONDS_A_MONTH } from './prices.ts';
import { PLATFORM_BYTES, type Telemetry } from './telemetry.ts';

/** Dollars by what they are paid for. */
type Bill<Item extends string> = Readonly<Record<Item, number>>;
export type JobBill = Bill<'requests' | 'storage' | 'lambda' | 'logs'>;
export type StreamBill = Bill<'shards' | 'puts'>;
export type FixedBill = Bill<'metrics' | 'alarms' | 'dashboard'>;

export const totalOf = (bill: Bill<string>): number => sumOf(Object.values(bill));

const workMs = ({ invocations, requests, read }: Spent): number => {
  const { invocation, request, readUnit } = DURATIONS.millisecondsOf;
  return invocations * invocation + requests * request + read * readUnit;
};

function eventsMs(job: Job, events: number): number {
  const kind = job.kind === 'status' || isGated(job) ? 'keyed' : 'folded';
  return (events * DURATIONS.microsecondsAnEvent[kind]) / 1_000;
}

/** Milliseconds that ingest takes for one of so many events, what invocations take by themselves apart. */
export const ingestMsOf = (job: Job, spent: Spent, events: number): number =>
  (workMs({ ...spent, invocations: 0 }) + eventsMs(job, events)) / events;

/** Megabytes of the functions that work for a job. */
export type Memory = Readonly<Record<'ingest' | 'close' | 'fire', number>>;

/** What a job costs beside its streams and what all jobs share. */
export function jobBillOf(
  job: Job,
  { spent, events, storedBytes }: Pick<Usage, 'spent' | 'events' | 'storedBytes'>,
  memory: Memory,
  telemetry: Telemetry,
  { dynamoDb, lambda, cloudWatch }: Prices,
): JobBill {
  const all = [...spent].map(([kind, each]) => {
    const [name] = kind.split(':') as [keyof Memory];
    return { ...each, memory: memory[name], line: telemetry.bytes.get(`${job.name}/${name}`) ?? 0 };
  });
  const { invocations, read, write } = addSpent(...all);
  // What is forwarded is taken twice; at most all of it.
  const taken = needsRepartition(job) ? 2 * events : events;
  const megabyteMs =
    sumOf(all.map((each) => workMs(each) * each.memory)) + eventsMs(job, taken) * memory.ingest;
  const logBytes = sumOf(all.map((each) => each.invocations * (each.line + PLATFORM_BYTES)));
  const { state, answers, indexes } = storedBytes;
  // Backups hold tables without their indexes.
  const recovered = answers * dynamoDb.recoveryGbMonth;
  return {
    requests: write * dynamoDb.writeUnit + read * dynamoDb.readUnit,
    storage: ((state + answers + indexes) * dynamoDb.storageGbMonth + recovered) / GB,
    lambda: (megabyteMs / 1_024_000) * lambda.gbSecond + invocations * lambda.request,
    logs: (logBytes / GB) * cloudWatch.logGb,
  };
}

export interface StreamUsage {
  readonly shards: number;
  readonly eventsPerSecond: number;
  readonly bytesEach: number;
}

/** The producer's: an open record is sent after so long, or when it is full. */
const LINGER_SECONDS = 0.2;
const RECORD_BYTES = 25 * 1_024;

/** Packed: a record is full, or holds what came while it lingered, and is one unit either way. */
export function streamBillOf(usage: StreamUsage, { kinesis }: Prices): StreamBill {
  const perShard = usage.eventsPerSecond / usage.shards;
  const lingering = Math.min(perShard, 1 / LINGER_SECONDS);
  const full = Math.min((perShard * usage.bytesEach) / RECORD_BYTES, perShard);
  const units = usage.shards * Math.max(lingering, full) * SECONDS_A_MONTH;
  return {
    shards: usage.shards * HOURS_A_MONTH * kinesis.shardHour,
    puts: units * kinesis.putUnit,
  };
}

/** A put unit for each event. */
export const unpackedPutsOf = (eventsPerSecond: number, { kinesis }: Prices): number =>
  eventsPerSecond * SECONDS_A_MONTH * kinesis.putUnit;

/** What does not depend on events: the same for an idle system. */
export const fixedBillOf = (
  counts: { readonly metrics: number; readonly alarms: number; readonly dashboards: number },
  { cloudWatch }: Prices,
): FixedBill => ({
  metrics: counts.metrics * cloudWatch.metricMonth,
  alarms: counts.alarms * cloudWatch.alarmMonth,
  dashboard: counts.dashboards * cloudWatch.dashboardMonth,
});
