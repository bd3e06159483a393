/**
 * Every alarm of a stage, from its jobs and functions. What each means and what to do is in docs/operations.md, under the
 * title that it has here.
 *
 * What makes an alarm of a figure follows from what is normal. Missing data is taken for good where only trouble is told,
 * for bad where something is told each minute, and for no news where figures come with invocations only.
 */
import { hasWindows, isKeyed, type ScheduledFunction } from '../../shared/job/traits.ts';
import { jobDimension, RUN_METRICS } from '../../shared/lambda/metrics.ts';
import type { Duration } from '../../shared/model/time.ts';
import { lagMax, PATIENCE } from '../../shared/runtime/lagMax.ts';
import { KEYED_STORE_BYTES_MAX } from '../../shared/runtime/lanes/laneStores.ts';
import { functionSignal, jobSignal, type Signal, undeliveredSignal } from './signals.ts';
import {
  functionsOf,
  type MonitoredFunction,
  type MonitoredJob,
  type MonitoredStage,
} from './stage.ts';

/** The kinds of alarm, each with its title in docs/operations.md. */
export const ALARM_TITLES = {
  'iterator-age': 'Iterator age',
  'records-expiring': 'Records about to expire',
  errors: 'Errors',
  throttles: 'Throttles',
  'runs-failing': 'Scheduled runs failing or missing',
  'watermark-lag': 'Watermark lag',
  'dead-letters': 'Dead letters',
  'expired-events': 'Expired events',
  'windows-refused': 'Windows refused',
  'keyed-store': 'Keyed store',
  'undelivered-records': 'Undelivered records',
} as const;

export type AlarmKind = keyof typeof ALARM_TITLES;

export interface Alarm {
  readonly kind: AlarmKind;
  /** The function, the job, or both; nothing where there is one in a stage. */
  readonly about?: string;
  /** What it means, one sentence. */
  readonly meaning: string;
  readonly signal: Signal;
  readonly fires: { readonly above: number } | { readonly below: number };
  readonly periodSeconds: number;
  /** So many of the last so many periods. */
  readonly datapoints: { readonly bad: number; readonly of: number };
  readonly missing: 'breaching' | 'notBreaching' | 'ignore';
}

/** A quarter of the retention is gone: the rest is the time in which nothing is lost yet. */
const EXPIRING_SHARE = 1 / 4;

export const alarmsOf = (stage: MonitoredStage): readonly Alarm[] => [
  ...stage.jobs
    .flatMap(({ ingest }) => ingest)
    .flatMap((each) => [iteratorAge(stage, each), recordsExpiring(stage, each)]),
  ...functionsOf(stage).flatMap((each) => [errors(each), throttles(each)]),
  ...stage.jobs.flatMap((each) => jobAlarms(stage, each)),
  undelivered(stage),
];

export const alarmName = (stage: string, { kind, about }: Pick<Alarm, 'kind' | 'about'>): string =>
  ['tidemark', stage, ...(about === undefined ? [] : [about]), kind].join('-');

/** The iterator age at which a function has fallen behind; a batch may wait for its window to fill. */
export const iteratorAgeMax = ({ batchWindow }: MonitoredStage): number => PATIENCE + batchWindow;

const jobAlarms = (stage: MonitoredStage, each: MonitoredJob): Alarm[] => [
  ...each.scheduled.map((name) => runsFailing(stage, each, name)),
  ...watermarkLag(stage, each),
  deadLetters(stage, each),
  ...(hasWindows(each.job) ? [expiredEvents(stage, each), windowsRefused(stage, each)] : []),
  ...(isKeyed(each.job) ? [keyedStore(stage, each)] : []),
];

/**
 * For ten minutes; a single bad one mends itself by the retry that follows. Lambda waits ever longer between its tries, and a
 * function tells nothing meanwhile, so periods are long enough to hold one.
 */
const LASTING = { periodSeconds: 300, datapoints: { bad: 2, of: 2 } } as const;
/** Once is enough. */
const ONCE = { periodSeconds: 300, datapoints: { bad: 1, of: 1 } } as const;

const iteratorAge = (stage: MonitoredStage, ingest: MonitoredFunction): Alarm => ({
  kind: 'iterator-age',
  about: ingest.name,
  meaning: `${ingest.name} reads records ${textOf(iteratorAgeMax(stage))} after they arrived: it is too slow, or fails.`,
  signal: functionSignal(ingest, 'IteratorAge', 'Maximum'),
  fires: { above: iteratorAgeMax(stage) },
  ...LASTING,
  missing: 'ignore',
});

function recordsExpiring(stage: MonitoredStage, ingest: MonitoredFunction): Alarm {
  const above = stage.streamRetention * EXPIRING_SHARE;
  return {
    kind: 'records-expiring',
    about: ingest.name,
    meaning:
      `${ingest.name} is ${textOf(above)} behind its stream, which keeps records for ` +
      `${textOf(stage.streamRetention)}: what it has not read by then is lost to it.`,
    signal: functionSignal(ingest, 'IteratorAge', 'Maximum'),
    fires: { above },
    ...ONCE,
    missing: 'ignore',
  };
}

const errors = (each: MonitoredFunction): Alarm => ({
  kind: 'errors',
  about: each.name,
  meaning: FAILING[each.kind](each.name),
  signal: errorSignal(each),
  fires: { above: 0 },
  ...LASTING,
  missing: 'notBreaching',
});

const FAILING = {
  ingest: (name) =>
    `${name} keeps failing: the batch it fails on comes again, and its shard waits.`,
  scheduled: (name) =>
    `${name} keeps failing, at least for one job: the alarm of its runs names it.`,
  api: (name) => `${name} keeps failing to answer: those who ask are told to try again.`,
} as const satisfies Record<MonitoredFunction['kind'], (name: string) => string>;

/** What goes wrong in the API is an answer of its own; whoever calls its URL is told the same where the function fails. */
export const errorSignal = (each: MonitoredFunction): Signal =>
  functionSignal(each, each.kind === 'api' ? 'Url5xxCount' : 'Errors', 'Sum');

const throttles = (each: MonitoredFunction): Alarm => ({
  kind: 'throttles',
  about: each.name,
  meaning: `Lambda keeps refusing to run ${each.name}: the account's concurrency is used up.`,
  signal: functionSignal(each, 'Throttles', 'Sum'),
  fires: { above: 0 },
  ...LASTING,
  missing: 'notBreaching',
});

/** A run that throws says so; one that is killed, or is not there at all, is one that is missing. */
const runsFailing = (
  stage: MonitoredStage,
  each: MonitoredJob,
  name: ScheduledFunction,
): Alarm => ({
  kind: 'runs-failing',
  about: `${jobDimension(each.job)}-${name}`,
  meaning: `${name} keeps failing for ${jobDimension(each.job)}, is killed, or is not run for it.`,
  signal: jobSignal(stage, each, RUN_METRICS[name], 'Minimum'),
  fires: { below: 1 },
  ...LASTING,
  missing: 'breaching',
});

function watermarkLag(stage: MonitoredStage, each: MonitoredJob): Alarm[] {
  const above = lagMax(stage.settings, stage.batchWindow, each.job);
  if (above === undefined) return [];
  return [
    {
      kind: 'watermark-lag',
      about: jobDimension(each.job),
      meaning: `The answers of ${jobDimension(each.job)} are ${textOf(above)} behind the clock.`,
      signal: jobSignal(stage, each, 'WatermarkLag', 'Maximum'),
      fires: { above },
      periodSeconds: 60,
      // The schedule may run twice in one minute and not in the next, and give way to a nudged run in a third.
      datapoints: { bad: 5, of: 5 },
      // Whoever tells it has an alarm for when it does not run.
      missing: 'ignore',
    },
  ];
}

const deadLetters = (stage: MonitoredStage, each: MonitoredJob): Alarm => ({
  kind: 'dead-letters',
  about: jobDimension(each.job),
  meaning: `${jobDimension(each.job)} could not take some events and keeps them for 14 days, with the reason.`,
  signal: jobSignal(stage, each, 'EventsDead', 'Sum'),
  fires: { above: 0 },
  ...ONCE,
  missing: 'notBreaching',
});

const expiredEvents = (stage: MonitoredStage, each: MonitoredJob): Alarm => ({
  kind: 'expired-events',
  about: jobDimension(each.job),
  meaning: `${jobDimension(each.job)} took events whose windows are no longer stored: they are in no row.`,
  signal: jobSignal(stage, each, 'EventsExpired', 'Sum'),
  fires: { above: 0 },
  ...ONCE,
  missing: 'notBreaching',
});

const windowsRefused = (stage: MonitoredStage, each: MonitoredJob): Alarm => ({
  kind: 'windows-refused',
  about: jobDimension(each.job),
  meaning: `Rows of ${jobDimension(each.job)} were left as they are, because stored contents of their windows are gone.`,
  signal: jobSignal(stage, each, 'WindowsRefused', 'Sum'),
  fires: { above: 0 },
  ...ONCE,
  missing: 'notBreaching',
});

const keyedStore = (stage: MonitoredStage, each: MonitoredJob): Alarm => ({
  kind: 'keyed-store',
  about: jobDimension(each.job),
  meaning: `The keys of a shard of ${jobDimension(each.job)} take half of the memory that they may.`,
  signal: jobSignal(stage, each, 'KeyedStoreBytes', 'Maximum'),
  fires: { above: KEYED_STORE_BYTES_MAX / 2 },
  ...LASTING,
  missing: 'ignore',
});

const undelivered = (stage: MonitoredStage): Alarm => ({
  kind: 'undelivered-records',
  meaning:
    'Lambda gave up records of a stream: a function failed until they expired. The queue says which it knows of.',
  signal: undeliveredSignal(stage),
  fires: { above: 0 },
  ...ONCE,
  missing: 'notBreaching',
});

/** `5 min 10 s`, of a duration in milliseconds. */
function textOf(duration: Duration | number): string {
  const wholeSeconds = Math.round(duration / 1_000);
  const parts = [
    [Math.floor(wholeSeconds / 3_600), 'h'],
    [Math.floor(wholeSeconds / 60) % 60, 'min'],
    [wholeSeconds % 60, 's'],
  ] as const;
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(' ');
}
