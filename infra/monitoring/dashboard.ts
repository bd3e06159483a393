/**
 * The dashboard of a stage as a CloudFormation resource: the alarms on top, then how far behind everything is, then a
 * row for each job, and what the jobs share below.
 */
import type { Job } from '../../shared/job/job.ts';
import { laneStreamsOf, repartitionStreamOf } from '../../shared/job/repartition.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { hasWindows, isKeyed } from '../../shared/job/traits.ts';
import { physicalName } from '../../shared/lambda/contract.ts';
import { jobDimension, RUN_METRICS } from '../../shared/lambda/metrics.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { lagMax } from '../../shared/runtime/lagMax.ts';
import { KEYED_STORE_BYTES_MAX } from '../../shared/runtime/lanes/laneStores.ts';
import type { Variables } from '../packaging/parameters.ts';
import { alarmName, alarmsOf, iteratorAgeMax } from './alarmList.ts';
import { ageLine, durationLines, failureLines, ingestLines, lagLine } from './lines.ts';
import { functionSignal, jobSignal, streamSignal, undeliveredSignal } from './signals.ts';
import {
  type MonitoredJob,
  type MonitoredScheduled,
  type MonitoredStage,
  readStage,
} from './stage.ts';
import {
  ALARMS_MAX,
  alarmStatus,
  graph,
  type Line,
  layOut,
  pseudo,
  type Row,
  text,
  type Widget,
} from './widgets.ts';

interface DashboardResource {
  readonly Type: 'AWS::CloudWatch::Dashboard';
  readonly Properties: {
    readonly DashboardName: { readonly 'Fn::Sub': string };
    readonly DashboardBody: { readonly 'Fn::Sub': string };
  };
}

export interface DashboardTemplate {
  readonly Resources: { readonly Dashboard: DashboardResource };
}

/** Called by osls, see infra/generated.js. */
export const dashboard = async (variables: Variables): Promise<DashboardTemplate> =>
  dashboardTemplate(await readStage(variables));

export function dashboardTemplate(stage: MonitoredStage): DashboardTemplate {
  const widgets = layOut([
    ...headline(stage),
    ...stage.jobs.flatMap((each) => rowsOfJob(stage, each)),
    ...sharedRows(stage),
  ]);
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: {
          // Names of dashboards are unique in an account, over all its regions.
          DashboardName: { 'Fn::Sub': physicalName(stage.stage, pseudo('Region')) },
          DashboardBody: { 'Fn::Sub': JSON.stringify({ start: '-PT3H', widgets }) },
        },
      },
    },
  };
}

const TITLE_HEIGHT = 1;
const GRAPH_HEIGHT = 6;
const ALARMS_HEIGHT = 8;

const headline = (stage: MonitoredStage): Row[] => [
  {
    height: TITLE_HEIGHT,
    widgets: [text(`# Tidemark, ${stage.stage}: what this shows is in docs/operations.md`)],
  },
  ...alarmRows(alarmsOf(stage).map((alarm) => alarmName(stage.stage, alarm))),
  {
    height: GRAPH_HEIGHT,
    widgets: [
      graph(
        'Watermark lag of all jobs',
        stage.jobs.map((each) => lagLine(stage, each, jobDimension(each.job))),
        { unit: 'milliseconds' },
      ),
      graph(
        'Iterator age of all functions',
        stage.jobs.flatMap(({ ingest }) => ingest.map((each) => ageLine(each, each.name))),
        { unit: 'milliseconds', limit: ageLimit(stage) },
      ),
      graph(
        'Undelivered records: messages in the queue',
        [{ signal: undeliveredSignal(stage), label: 'messages' }],
        { unit: 'count' },
      ),
    ],
  },
];

/** A widget for each hundred. */
const alarmRows = (names: readonly string[]): Row[] =>
  Array.from({ length: Math.ceil(names.length / ALARMS_MAX) }, (_, i) => ({
    height: ALARMS_HEIGHT,
    widgets: [
      alarmStatus(
        'Alarms, the latest change first',
        names.slice(i * ALARMS_MAX, (i + 1) * ALARMS_MAX),
      ),
    ],
  }));

const rowsOfJob = (stage: MonitoredStage, each: MonitoredJob): Row[] => [
  {
    height: TITLE_HEIGHT,
    widgets: [text(`## ${jobDimension(each.job)}: ${streamsText(each.job)}`)],
  },
  {
    height: GRAPH_HEIGHT,
    widgets: [
      eventsGraph(stage, each),
      graph('Watermark lag', [lagLine(stage, each, 'lag')], {
        unit: 'milliseconds',
        limit: lagLimit(stage, each),
      }),
      graph(
        'Iterator age',
        ingestLines(each, (one) => [ageLine(one, 'age')]),
        {
          unit: 'milliseconds',
          limit: ageLimit(stage),
        },
      ),
      failuresGraph([...ingestLines(each, failureLines), ...windowsRefusedLines(stage, each)]),
      durationGraph(ingestLines(each, durationLines)),
      graph(
        'DynamoDB units, closing and timers included',
        [
          { signal: jobSignal(stage, each, 'ReadUnits', 'Sum'), label: 'read' },
          { signal: jobSignal(stage, each, 'WriteUnits', 'Sum'), label: 'write' },
        ],
        { unit: 'count' },
      ),
    ],
  },
];

function streamsText(job: Job): string {
  const [sources, own] = [streamsOf(job).join(' and '), repartitionStreamOf(job)];
  return own === undefined ? sources : `${sources}, by way of ${own}`;
}

function eventsGraph(stage: MonitoredStage, each: MonitoredJob): Widget {
  const line = (metric: Parameters<typeof jobSignal>[2], label: string): Line => ({
    signal: jobSignal(stage, each, metric, 'Sum'),
    label,
  });
  return graph(
    'Events by outcome',
    [
      line('EventsAccepted', 'accepted'),
      line('EventsFiltered', 'filtered'),
      line('EventsLate', 'late'),
      line('EventsDead', 'dead'),
      line('EventsRepeated', 'beside them, copies dropped'),
      line('EventsUnremembered', 'of them, not remembered'),
      ...(hasWindows(each.job) ? [line('EventsExpired', 'of the accepted, expired')] : []),
    ],
    { unit: 'count' },
  );
}

const windowsRefusedLines = (stage: MonitoredStage, each: MonitoredJob): Line[] =>
  hasWindows(each.job)
    ? [{ signal: jobSignal(stage, each, 'WindowsRefused', 'Sum'), label: 'windows refused' }]
    : [];

const sharedRows = (stage: MonitoredStage): Row[] => {
  const streams = [...new Set(stage.jobs.flatMap(({ job }) => laneStreamsOf(job)))];
  const linesOf = (metric: Parameters<typeof streamSignal>[2]): Line[] =>
    streams.map((stream: StreamName) => ({
      signal: streamSignal(stage, stream, metric),
      label: stream,
    }));
  return [
    ...stage.scheduled.flatMap((each) => rowsOfScheduled(stage, each)),
    ...rowsOfApi(stage),
    { height: TITLE_HEIGHT, widgets: [text('## Streams, and keys')] },
    {
      height: GRAPH_HEIGHT,
      widgets: [
        graph('Records put', linesOf('IncomingRecords'), { unit: 'count' }),
        graph('Puts refused: too few shards', linesOf('WriteProvisionedThroughputExceeded'), {
          unit: 'count',
        }),
        graph('Reads refused: too many readers', linesOf('ReadProvisionedThroughputExceeded'), {
          unit: 'count',
        }),
        keysGraph(stage),
      ],
    },
  ];
};

/** Of the jobs that keep their keys in memory. */
const keysGraph = (stage: MonitoredStage): Widget =>
  graph(
    'Keys in memory, of the largest shard',
    stage.jobs
      .filter(({ job }) => isKeyed(job))
      .map((each) => ({
        signal: jobSignal(stage, each, 'KeyedStoreBytes', 'Maximum'),
        label: jobDimension(each.job),
      })),
    { unit: 'bytes', limit: { label: 'at most', value: KEYED_STORE_BYTES_MAX } },
  );

const rowsOfScheduled = (stage: MonitoredStage, each: MonitoredScheduled): Row[] => [
  { height: TITLE_HEIGHT, widgets: [text(`## ${each.name}`)] },
  {
    height: GRAPH_HEIGHT,
    widgets: [
      graph(
        'Invocations, by the schedule and by nudges',
        [{ signal: functionSignal(each, 'Invocations', 'Sum'), label: 'invocations' }],
        { unit: 'count' },
      ),
      graph('Runs on schedule that did their work, by job', runLines(stage, each), {
        unit: 'count',
      }),
      failuresGraph(failureLines(each)),
      durationGraph(durationLines(each)),
    ],
  },
];

const rowsOfApi = ({ api }: MonitoredStage): Row[] => [
  { height: TITLE_HEIGHT, widgets: [text(`## ${api.name}`)] },
  {
    height: GRAPH_HEIGHT,
    widgets: [
      graph(
        'Requests',
        [
          { signal: functionSignal(api, 'UrlRequestCount', 'Sum'), label: 'requests' },
          { signal: functionSignal(api, 'Url4xxCount', 'Sum'), label: 'of them wrong or refused' },
        ],
        { unit: 'count' },
      ),
      failuresGraph(failureLines(api)),
      durationGraph(durationLines(api)),
    ],
  },
];

const runLines = (stage: MonitoredStage, { name }: MonitoredScheduled): Line[] =>
  stage.jobs
    .filter(({ scheduled }) => scheduled.includes(name))
    .map((each) => ({
      signal: jobSignal(stage, each, RUN_METRICS[name], 'Sum'),
      label: jobDimension(each.job),
    }));

const failuresGraph = (lines: readonly Line[]): Widget =>
  graph('Errors and throttles', lines, { unit: 'count' });

const durationGraph = (lines: readonly Line[]): Widget =>
  graph('Duration', lines, { unit: 'milliseconds' });

const ageLimit = (stage: MonitoredStage) => ({ label: 'alarm', value: iteratorAgeMax(stage) });

function lagLimit(stage: MonitoredStage, each: MonitoredJob) {
  const value = lagMax(stage.settings, stage.batchWindow, each.job);
  return value === undefined ? undefined : { label: 'alarm', value };
}
