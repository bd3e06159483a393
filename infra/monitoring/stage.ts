/**
 * What is monitored of a stage: its jobs, the functions that run them, and the settings that alarms are measured by.
 * All of it is read from what the deployment sets, so that an alarm asks for the metrics that these functions tell.
 */
import { z } from 'zod';
import { INGEST_JOBS } from '../../functions/jobs.ts';
import type { Job, JobFamily } from '../../shared/job/job.ts';
import {
  SCHEDULED_FUNCTIONS,
  type ScheduledFunction,
  scheduledFunctionsOf,
} from '../../shared/job/traits.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { type Duration, hours, seconds } from '../../shared/model/time.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import { ingestFunctionsOf } from '../ingestFunctions.ts';
import type { Variables } from '../packaging/parameters.ts';

export interface MonitoredFunction {
  /** Its key in serverless.yml. */
  readonly name: string;
  /** As AWS knows it: `tidemark-prod-hotItems`. */
  readonly physicalName: string;
  readonly kind: 'ingest' | 'scheduled' | 'api';
}

export interface MonitoredScheduled extends MonitoredFunction {
  readonly name: ScheduledFunction;
  readonly kind: 'scheduled';
}

export interface MonitoredJob {
  readonly job: Job;
  /** The function that reads its sources, and behind it the one that has its keys, if that is another one. */
  readonly ingest: readonly MonitoredFunction[];
  /** The scheduled functions that run for it. */
  readonly scheduled: readonly ScheduledFunction[];
}

export interface MonitoredStage {
  readonly stage: string;
  /** The value of the dimension `service` of the project's own metrics. */
  readonly service: string;
  readonly jobs: readonly MonitoredJob[];
  readonly scheduled: readonly MonitoredScheduled[];
  readonly api: MonitoredFunction;
  readonly settings: Pick<EngineSettings, 'flushAfter' | 'idleAfter'>;
  readonly batchWindow: Duration;
  readonly streamRetention: Duration;
  /** Where alarms are sent; undefined if nowhere. */
  readonly alarmEmail: string | undefined;
}

const environmentSchema = z
  .record(z.string(), z.coerce.string())
  .and(z.object({ POWERTOOLS_SERVICE_NAME: z.string().min(1) }));

/** @param ingestJobs the project's, by the names of their functions, unless a test adds one. */
export async function readStage(
  variables: Variables,
  ingestJobs: Readonly<Record<string, JobFamily>> = INGEST_JOBS,
): Promise<MonitoredStage> {
  const parameter = (name: string) => variables.resolveVariable(`param:${name}`);
  const variablesOfFunctions = environmentSchema.parse(
    await variables.resolveConfigurationProperty(['provider', 'environment']),
  );
  const environment = readEnvironment(variablesOfFunctions);
  const { stage } = environment;
  const functionOf = <Name extends string, Kind extends MonitoredFunction['kind']>(
    name: Name,
    kind: Kind,
  ) => ({ name, physicalName: physicalName(stage, name), kind });
  const jobs = Object.entries(ingestJobs).map(([name, family]) => ({
    job: environment.build(family),
    ingest: ingestFunctionsOf(name, family.usual).map((each) => functionOf(each.name, 'ingest')),
    scheduled: scheduledFunctionsOf(family.usual),
  }));
  return {
    stage,
    service: variablesOfFunctions.POWERTOOLS_SERVICE_NAME,
    jobs,
    scheduled: SCHEDULED_FUNCTIONS.filter((name) =>
      jobs.some(({ scheduled }) => scheduled.includes(name)),
    ).map((name) => functionOf(name, 'scheduled')),
    api: functionOf('api', 'api'),
    settings: environment.settings,
    batchWindow: seconds(
      z.coerce
        .number()
        .min(0)
        .parse(await parameter('batchWindowSeconds')),
    ),
    streamRetention: hours(
      z.coerce
        .number()
        .min(24)
        .parse(await parameter('streamRetentionHours')),
    ),
    alarmEmail: z.string().parse(await parameter('alarmEmail')) || undefined,
  };
}

export const functionsOf = (stage: MonitoredStage): readonly MonitoredFunction[] => [
  ...stage.jobs.flatMap(({ ingest }) => ingest),
  ...stage.scheduled,
  stage.api,
];
