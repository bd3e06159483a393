/** What tests of alarms and of the dashboard share: a stage as osls would describe it, and which metrics there are. */
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import type { Signal } from '../../../infra/monitoring/signals.ts';
import { type MonitoredStage, readStage } from '../../../infra/monitoring/stage.ts';
import type { JobFamily } from '../../../shared/index.ts';
import { createTelemetry } from '../../../shared/lambda/telemetry.ts';
import type { PackagedTemplate } from '../../support/packagedTemplate.ts';
import {
  captureMetrics,
  type EmittedMetrics,
  stubMetricsEnvironment,
} from '../lambda/emittedMetrics.ts';
import { CLOSED, FIRED, INGESTED, UNITS } from '../lambda/reports.ts';

const PARAMETERS: Readonly<Record<string, unknown>> = {
  'param:batchWindowSeconds': 10,
  'param:streamRetentionHours': 24,
  'param:alarmEmail': '',
};
const ENVIRONMENT: Readonly<Record<string, unknown>> = {
  TIDEMARK_STAGE: 'test',
  TIDEMARK_FLUSH_AFTER: '5min',
  TIDEMARK_IDLE_AFTER: '60s',
  POWERTOOLS_SERVICE_NAME: 'tidemark-test',
};

interface StageOptions {
  /** Such as `param:alarmEmail`; given on the command line they are texts. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, unknown>>;
  /** Beside the project's own. */
  readonly more?: Readonly<Record<string, JobFamily>>;
}

export function testStage(options: StageOptions = {}): Promise<MonitoredStage> {
  const parameters = { ...PARAMETERS, ...options.parameters };
  const variables = {
    resolveVariable: async (name: string) => Reflect.get(parameters, name),
    resolveConfigurationProperty: async () => ({ ...ENVIRONMENT, ...options.environment }),
  };
  return readStage(variables, { ...INGEST_JOBS, ...options.more });
}

type Asked = Omit<Signal, 'statistic'>;

/** Everything that the stage's functions tell, in runs in which something of everything happens. */
export function toldBy(stage: MonitoredStage): EmittedMetrics[] {
  stubMetricsEnvironment(stage.service);
  const told = captureMetrics();
  for (const { job, scheduled } of stage.jobs) {
    const telemetry = createTelemetry(job);
    telemetry.ingested(INGESTED, UNITS);
    if (scheduled.includes('closeWindows')) telemetry.closed(CLOSED, UNITS, 'schedule');
    if (scheduled.includes('fireTimers')) telemetry.fired(FIRED, UNITS, 'schedule');
  }
  return told();
}

/** Of AWS's own metrics, the ones that every resource of the kind has, and how it is named. */
const AWS_METRICS = {
  'AWS/Lambda': {
    type: 'AWS::Lambda::Function',
    dimension: 'FunctionName',
    name: 'FunctionName',
    metrics: [
      'Invocations',
      'Errors',
      'Throttles',
      'Duration',
      'IteratorAge',
      // Where it has a URL.
      'UrlRequestCount',
      'Url4xxCount',
      'Url5xxCount',
    ],
  },
  'AWS/Kinesis': {
    type: 'AWS::Kinesis::Stream',
    dimension: 'StreamName',
    name: 'Name',
    metrics: [
      'IncomingRecords',
      'WriteProvisionedThroughputExceeded',
      'ReadProvisionedThroughputExceeded',
    ],
  },
  'AWS/SQS': {
    type: 'AWS::SQS::Queue',
    dimension: 'QueueName',
    name: 'QueueName',
    metrics: ['ApproximateNumberOfMessagesVisible'],
  },
} as const;

/** Whether there is such a metric: told by a function, or AWS's own of a resource in the template. */
export function exists(
  asked: Asked,
  told: readonly EmittedMetrics[],
  { Resources }: PackagedTemplate,
): boolean {
  if (asked.namespace in AWS_METRICS) {
    const known = AWS_METRICS[asked.namespace as keyof typeof AWS_METRICS];
    const resource = Object.values(Resources).find(
      ({ Type, Properties }) =>
        Type === known.type && Properties[known.name] === asked.dimensions[known.dimension],
    );
    const isKnown = (known.metrics as readonly string[]).includes(asked.metric);
    return isKnown && resource !== undefined && Object.keys(asked.dimensions).length === 1;
  }
  return told.some(
    ({ namespace, dimensions, values }) =>
      namespace === asked.namespace &&
      asked.metric in values &&
      sorted(dimensions) === sorted(asked.dimensions),
  );
}

const sorted = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).sort());
