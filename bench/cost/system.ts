/** The deployed system at several rates: what its jobs, streams and alarms cost in a month. */
import { fileURLToPath } from 'node:url';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import { type Definitions, readDefinitions } from '../../infra/local/definitions.ts';
import { alarms } from '../../infra/monitoring/alarms.ts';
import { dashboard } from '../../infra/monitoring/dashboard.ts';
import type { JobFamily } from '../../shared/index.ts';
import type { Job } from '../../shared/job/job.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import {
  billOf,
  type FixedBill,
  fixedBillOf,
  idleBillOf,
  type JobBill,
  type Memory,
  type StreamBill,
  streamBillOf,
} from './bill.ts';
import { measure, type Stretches, type Usage } from './measure.ts';
import type { Prices } from './prices.ts';
import { millisecondsByStream, type StreamSample, sampleStream, shardsFor } from './shards.ts';
import { measureTelemetry, type Telemetry } from './telemetry.ts';
import { shareOf } from './traffic.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAGE = 'prod';

/** What is measured; prices come later. */
export interface MeasuredSystem {
  readonly jobs: readonly MeasuredJob[];
  readonly streams: readonly MeasuredStream[];
  readonly rates: readonly MeasuredRate[];
  readonly telemetry: Telemetry;
  readonly counts: {
    readonly metrics: number;
    readonly alarms: number;
    readonly dashboards: number;
  };
}

interface MeasuredJob {
  readonly job: Job;
  readonly memory: Memory;
}

interface MeasuredStream extends StreamSample {
  /** Of the deployment. */
  readonly shards: number;
}

interface MeasuredRate {
  readonly rate: number;
  /** In the order of the jobs. */
  readonly usages: readonly Usage[];
  readonly shards: ReadonlyMap<string, number>;
}

/** @param rates events a second, ascending; what jobs take for an event is learned from the first. */
export async function measureSystem(
  rates: readonly number[],
  ingestJobs: Readonly<Record<string, JobFamily>> = INGEST_JOBS,
): Promise<MeasuredSystem> {
  const definitions = readDefinitions({ root: ROOT, stage: STAGE });
  const { settings } = readEnvironment(definitions.environment);
  const deployed = new Map(definitions.streams.map(({ name, shards }) => [name, shards]));
  const streams = definitions.streams.map(({ name, shards }) => ({
    ...sampleStream(name),
    shards,
  }));
  const jobs = Object.entries(ingestJobs).map(([folder, family]) => ({
    job: family.build(),
    memory: memoryOf(definitions, folder),
  }));
  const known: Stretches = new Map();
  const measured: MeasuredRate[] = [];
  for (const rate of rates) {
    const first = measured[0];
    const shards = first ? neededShards(streams, jobs, first, rate) : deployed;
    const idle = first ? 'leftOut' : 'measured';
    const usages: Usage[] = [];
    for (const [folder, family] of Object.entries(ingestJobs)) {
      const batching = batchingOf(definitions, folder);
      const shardsOf = (stream: string) => shards.get(stream) ?? 1;
      usages.push(await measure({ family, rate, shardsOf, batching, settings, idle }, known));
    }
    measured.push({ rate, usages, shards });
  }
  const telemetry = measureTelemetry(definitions.environment);
  const resources = await monitoring(definitions);
  return {
    jobs,
    streams,
    rates: measured,
    telemetry,
    counts: { metrics: telemetry.metrics, ...resources },
  };
}

function neededShards(
  streams: readonly MeasuredStream[],
  jobs: readonly MeasuredJob[],
  { usages }: MeasuredRate,
  rate: number,
): Map<string, number> {
  const readers = jobs.map(({ job }, i) => millisecondsByStream(job, usages[i] as Usage));
  return new Map(
    streams.map((stream) => {
      const milliseconds = readers.map((each) => each.get(stream.name) ?? 0);
      const needed = shardsFor(stream, rate * shareOf(stream.name), milliseconds, stream.shards);
      return [stream.name, needed];
    }),
  );
}

function memoryOf({ functions }: Definitions, folder: string): Memory {
  const of = (name: string): number => {
    const found = functions.find((each) => each.name === name);
    if (!found) throw new Error(`serverless.yml has no function ${name}`);
    return found.memoryMegabytes;
  };
  return { ingest: of(folder), close: of('closeWindows'), fire: of('fireTimers') };
}

function batchingOf({ functions }: Definitions, folder: string) {
  const mapping = functions.find(({ name }) => name === folder)?.mappings[0];
  if (!mapping) throw new Error(`serverless.yml has no stream for ${folder}`);
  return { windowMs: mapping.batchWindowSeconds * 1_000, records: mapping.batchSize };
}

/** How many alarms and dashboards the deployment makes; none of their settings change that. */
async function monitoring({ environment, functions }: Definitions) {
  const seconds = functions.flatMap(({ mappings }) => mappings)[0]?.batchWindowSeconds ?? 0;
  const parameters: Readonly<Record<string, unknown>> = {
    'param:batchWindowSeconds': seconds,
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

/** A month at a rate. */
export interface RateBill {
  readonly rate: number;
  /** In the order of the jobs. */
  readonly jobs: readonly JobBill[];
  /** By name. */
  readonly streams: ReadonlyMap<string, StreamBill & { readonly count: number }>;
  readonly fixed: FixedBill;
  readonly total: number;
}

/** The months at all rates, the one without events first. */
export function billsOf(system: MeasuredSystem, prices: Prices): RateBill[] {
  const { jobs, streams, rates, telemetry, counts } = system;
  const fixed = fixedBillOf(counts, prices);
  const billFor = (rate: number, usages: readonly Usage[], shards: ReadonlyMap<string, number>) => {
    const jobBills = jobs.map(({ job, memory }, i) => {
      const context = { memory, telemetry, prices };
      return (rate === 0 ? idleBillOf : billOf)(job, usages[i] as Usage, context);
    });
    const streamBills = new Map(
      streams.map(({ name, bytesEach, shards: deployed }) => {
        const count = shards.get(name) ?? deployed;
        const usage = { shards: count, eventsPerSecond: rate * shareOf(name), bytesEach };
        return [name, { ...streamBillOf(usage, prices), count }];
      }),
    );
    const total =
      fixed.total + sumOf([...jobBills, ...streamBills.values()].map((each) => each.total));
    return { rate, jobs: jobBills, streams: streamBills, fixed, total };
  };
  const idle = billFor(0, rates[0]?.usages ?? [], new Map());
  return [idle, ...rates.map(({ rate, usages, shards }) => billFor(rate, usages, shards))];
}

export const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const streamTotalOf = ({ streams }: RateBill): number =>
  sumOf([...streams.values()].map(({ total }) => total));
