/** The deployed system at several rates: what its jobs, streams and alarms cost in a month. */
import { fileURLToPath } from 'node:url';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { type Definitions, readDefinitions } from '../../infra/local/definitions.ts';
import { alarms } from '../../infra/monitoring/alarms.ts';
import { dashboard } from '../../infra/monitoring/dashboard.ts';
import type { Job, JobFamily } from '../../shared/job/job.ts';
import { needsRepartition, repartitionStreamOf } from '../../shared/job/repartition.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { PACKED } from '../records.ts';
import { sumOf } from '../spent.ts';
import {
  type FixedBill,
  fixedBillOf,
  type JobBill,
  jobBillOf,
  type Memory,
  type StreamBill,
  streamBillOf,
  totalOf,
} from './bill.ts';
import { measure, type Stretches, type Usage } from './measure.ts';
import { isPlanned } from './plans.ts';
import type { Prices } from './prices.ts';
import {
  millisecondsEach,
  type StreamSample,
  sampleForwarded,
  sampleStream,
  shardsFor,
} from './shards.ts';
import { measureTelemetry, type Telemetry } from './telemetry.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAGE = 'prod';

/** With rows of problems only. */
export const ofProblems = (family: JobFamily): JobFamily => ({
  ...family,
  name: `${family.name}, rows of problems`,
  usual: family.build({ rows: 'problems' }),
});

/** By the functions of the jobs that they are variants of. */
const VARIANTS: Readonly<Record<string, JobFamily>> = {
  orderTimeout: ofProblems(orderTimeout as unknown as JobFamily),
  orderReconcile: ofProblems(orderReconcile as unknown as JobFamily),
};

/** What is measured; prices come later. */
export interface MeasuredSystem {
  /** Those of events, and those of jobs. */
  readonly streams: readonly StreamSample[];
  readonly rates: readonly MeasuredRate[];
  readonly telemetry: Telemetry;
  readonly counts: Record<'metrics' | 'alarms' | 'dashboards', number>;
}

interface MeasuredRate {
  readonly rate: number;
  readonly jobs: readonly MeasuredJob[];
  /** The same jobs with other parameters, by what they are called. */
  readonly variants: ReadonlyMap<string, MeasuredJob>;
  /** By stream. */
  readonly shards: ReadonlyMap<string, number>;
}

interface MeasuredJob {
  readonly job: Job;
  readonly memory: Memory;
  readonly usage: Usage;
}

/**
 * Of jobs without a plan, alarms and metrics only.
 * @param rates events a second, ascending; what jobs take for an event is learned from the first
 */
export async function measureSystem(rates: readonly number[]): Promise<MeasuredSystem> {
  const definitions = readDefinitions({ root: ROOT, stage: STAGE });
  const { settings } = readEnvironment(definitions.environment);
  const planned = Object.entries(INGEST_JOBS).filter(([, family]) => isPlanned(family));
  const read = new Set(planned.flatMap(([, { usual }]) => streamsOf(usual)));
  const own = planned.flatMap(([, { usual }]) => ownStreams(usual));
  const streams = [...[...read].map(sampleStream), ...own];
  const deployed = new Map(definitions.streams.map(({ name, shards }) => [name, shards]));
  const known: Stretches = new Map();
  const measured: MeasuredRate[] = [];
  for (const rate of rates) {
    const [first] = measured;
    const shards = first ? neededShards(streams, first, rate) : deployed;
    const idle = first ? 'leftOut' : 'measured';
    const jobs: MeasuredJob[] = [];
    const measuredAs = async (folder: string, family: JobFamily): Promise<MeasuredJob> => {
      const { memory, batching } = deployedAs(definitions, folder);
      const shardsOf = (stream: string) => shards.get(stream) ?? 1;
      const usage = await measure({ family, rate, shardsOf, batching, settings, idle }, known);
      return { job: family.usual, memory, usage };
    };
    for (const [folder, family] of planned) jobs.push(await measuredAs(folder, family));
    const variants = new Map<string, MeasuredJob>();
    for (const [folder, family] of Object.entries(VARIANTS)) {
      variants.set(family.name, await measuredAs(folder, family));
    }
    measured.push({ rate, jobs, variants, shards });
  }
  const telemetry = measureTelemetry(definitions.environment);
  const counts = { metrics: telemetry.metrics, ...(await monitoring(definitions)) };
  return { streams, rates: measured, telemetry, counts };
}

/** The one that the job's forwarding lanes put on, if it has one. */
const ownStreams = (job: Job): StreamSample[] =>
  needsRepartition(job) ? [sampleForwarded(job, repartitionStreamOf(job) ?? '')] : [];

/** For what jobs took at the first rate, on no fewer than are deployed. */
const neededShards = (
  streams: readonly StreamSample[],
  { jobs, shards }: MeasuredRate,
  rate: number,
): Map<string, number> =>
  new Map(
    streams.map((stream) => {
      const { name, share } = stream;
      const readers = jobs.map(({ job, usage }) => millisecondsEach(job, usage, stream));
      const deployed = shards.get(name) ?? 1;
      return [name, shardsFor(stream, rate * share, readers, deployed)];
    }),
  );

/** Of what the deployment gives the functions that work for the job of this one. */
function deployedAs({ functions }: Definitions, folder: string) {
  const named = (name: string) => {
    const found = functions.find((each) => each.name === name);
    if (!found) throw new Error(`serverless.yml has no function ${name}`);
    return found;
  };
  const ingest = named(folder);
  const [mapping] = ingest.mappings;
  if (!mapping) throw new Error(`serverless.yml has no stream for ${folder}`);
  const memory = {
    ingest: ingest.memoryMegabytes,
    close: named('closeWindows').memoryMegabytes,
    fire: named('fireTimers').memoryMegabytes,
  };
  const windowMs = mapping.batchWindowSeconds * 1_000;
  return { memory, batching: { windowMs, lines: mapping.batchSize * PACKED } };
}

/** How many alarms and dashboards the deployment makes; none of their settings change that. */
async function monitoring({ environment, functions }: Definitions) {
  const parameters: Readonly<Record<string, unknown>> = {
    'param:batchWindowSeconds': functions.flatMap((each) => each.mappings)[0]?.batchWindowSeconds,
    'param:streamRetentionHours': 24,
    'param:alarmEmail': '',
  };
  const variables = {
    resolveVariable: async (name: string) => parameters[name],
    resolveConfigurationProperty: async () => environment,
  };
  const count = (type: string, { Resources }: { Resources: object }): number =>
    Object.values(Resources).filter(({ Type }) => Type === type).length;
  return {
    alarms: count('AWS::CloudWatch::Alarm', await alarms(variables)),
    dashboards: count('AWS::CloudWatch::Dashboard', await dashboard(variables)),
  };
}

export interface BilledJob {
  readonly job: Job;
  readonly usage: Usage;
  /** With its own stream, which none but the job needs. */
  readonly bill: JobBill & { readonly stream: number };
}

interface BilledStream {
  readonly name: string;
  readonly count: number;
  readonly bill: StreamBill;
}

/** A month at a rate. */
export interface RateBill {
  readonly rate: number;
  readonly jobs: readonly BilledJob[];
  /** See `MeasuredRate`; in no total. */
  readonly variants: ReadonlyMap<string, BilledJob>;
  /** Of events. */
  readonly streams: readonly BilledStream[];
  /** Of jobs. */
  readonly ownStreams: readonly BilledStream[];
  readonly fixed: FixedBill;
  /** Of all the streams of events. */
  readonly streamsTotal: number;
  readonly total: number;
}

/** The months at all rates, the one without events first: it has nothing but the deployed shards and the schedule. */
export function billsOf(system: MeasuredSystem, prices: Prices): RateBill[] {
  const { streams, telemetry, counts } = system;
  const fixed = fixedBillOf(counts, prices);
  const idle = system.rates.slice(0, 1).map(({ jobs, ...rest }) => ({
    ...rest,
    rate: 0,
    variants: new Map<string, MeasuredJob>(),
    jobs: jobs.map(({ usage, ...each }) => {
      const nothing = {
        events: 0,
        answerWrites: 0,
        storedBytes: { state: 0, answers: 0, indexes: 0 },
      };
      return { ...each, usage: { ...usage, ...nothing, spent: usage.idle } };
    }),
  }));
  return [...idle, ...system.rates].map(({ rate, jobs, variants, shards }) => {
    const all = streams.map(({ name, share, bytesEach }): BilledStream => {
      const count = shards.get(name) ?? 1;
      const usage = { shards: count, eventsPerSecond: rate * share, bytesEach };
      return { name, count, bill: streamBillOf(usage, prices) };
    });
    const billed = ({ job, usage, memory }: MeasuredJob): BilledJob => {
      const own = all.find(({ name }) => name === repartitionStreamOf(job));
      const bill = jobBillOf(job, usage, memory, telemetry, prices);
      return { job, usage, bill: { ...bill, stream: own ? totalOf(own.bill) : 0 } };
    };
    const owned = new Set(jobs.map(({ job }) => repartitionStreamOf(job)));
    const ownStreams = all.filter(({ name }) => owned.has(name));
    const ofEvents = all.filter(({ name }) => !owned.has(name));
    const jobBills = jobs.map(billed);
    const variantBills = [...variants].map(([name, each]) => [name, billed(each)] as const);
    const streamsTotal = sumOf(ofEvents.map(({ bill }) => totalOf(bill)));
    const jobsTotal = sumOf(jobBills.map(({ bill }) => totalOf(bill)));
    const total = totalOf(fixed) + jobsTotal + streamsTotal;
    const bills = { jobs: jobBills, variants: new Map(variantBills) };
    return { rate, ...bills, streams: ofEvents, ownStreams, fixed, streamsTotal, total };
  });
}
