/**
 * Structured logs and EMF metrics, per job. Metrics are what alarms and the dashboard stand on (`metrics.ts` names
 * them); a log line carries the whole report of a run.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Job } from '../job/job.ts';
import type { ScheduledFunction } from '../job/traits.ts';
import { type Lane, laneName } from '../model/lane.ts';
import { NO_WATERMARK, type Watermark } from '../model/time.ts';
import { NAMES_MAX } from '../operators/intake/producerMemory.ts';
import type { CloseReport } from '../runtime/closing/closeWindows.ts';
import type { IngestReport } from '../runtime/ingest/ingest.ts';
import type { RunTrigger } from '../runtime/scheduledRun.ts';
import type { FireReport } from '../runtime/timers/fireTimers.ts';
import {
  EVENT_METRICS,
  jobDimension,
  METRIC_UNITS,
  METRICS_NAMESPACE,
  type MetricDimensions,
  type MetricName,
  RUN_METRICS,
} from './metrics.ts';

interface Units {
  readonly read: number;
  readonly write: number;
}

export interface Telemetry {
  ingested(report: IngestReport, units: Units): void;
  /** Events on a shard where they do not belong were dropped; told once per lane, for as long as the process lives. */
  misplaced(lane: Pick<Lane, 'stream' | 'shard'>, events: number): void;
  /** Events of named producers were counted and not remembered; told as seldom. */
  unremembered(lane: Pick<Lane, 'stream' | 'shard'>, events: number): void;
  closed(report: CloseReport, units: Units, trigger: RunTrigger): void;
  fired(report: FireReport, units: Units, trigger: RunTrigger): void;
  /** A run of a scheduled function threw what `guard` has logged. */
  runFailed(name: ScheduledFunction): void;
  /** Logs an error with what was being done, and throws it on. */
  guard<T>(work: () => Promise<T>, doing: object): Promise<T>;
  /** Something went wrong that changes only latency. */
  nudgeFailed(problem: unknown): void;
}

/** For one version of a job: it is on every log line, and beside Powertools' own `service` a dimension of every metric. */
export function createTelemetry(job: Pick<Job, 'id' | 'kind'>): Telemetry {
  const dimensions: Omit<MetricDimensions, 'service'> = { job: jobDimension(job) };
  const logger = new Logger({ persistentLogAttributes: { ...dimensions } });
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    defaultDimensions: { ...dimensions },
  });
  const tell = (name: MetricName, value: number) =>
    metrics.addMetric(name, METRIC_UNITS[name], value);
  const count = (name: MetricName, value: number) => {
    if (value > 0) tell(name, value);
  };
  // A job that waits for its first event is behind nothing.
  const lag = (watermark: Watermark) =>
    tell('WatermarkLag', watermark === NO_WATERMARK ? 0 : Math.max(0, Date.now() - watermark));
  const told = new Set<string>();
  const warnOnce = (
    message: keyof typeof WARNINGS,
    lane: Pick<Lane, 'stream' | 'shard'>,
    events: number,
  ) => {
    const name = laneName(lane);
    if (events === 0 || told.has(`${message} ${name}`)) return;
    told.add(`${message} ${name}`);
    logger.warn(message, { lane: name, events, problem: WARNINGS[message] });
  };
  const publish = (units: Units) => {
    count('ReadUnits', units.read);
    count('WriteUnits', units.write);
    flush();
  };
  const flush = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    ingested(report, units) {
      for (const outcome of Object.keys(EVENT_METRICS) as (keyof typeof EVENT_METRICS)[]) {
        count(EVENT_METRICS[outcome], report.counts[outcome] ?? 0);
      }
      count('KeyedStoreBytes', report.keyedStoreBytes ?? 0);
      publish(units);
      logger.info('committed', { ...report, units });
    },
    misplaced: (lane, events) => warnOnce('misplaced', lane, events),
    unremembered: (lane, events) => warnOnce('unremembered', lane, events),
    closed(report, units, trigger) {
      count('EventsExpired', report.expired);
      count('WindowsRefused', report.windowsRefused);
      if (trigger === 'schedule' && KNOWS_WATERMARK[report.outcome]) {
        tell(RUN_METRICS.closeWindows, 1);
        lag(report.watermark);
      }
      publish(units);
      logger.info('closed', { ...report, units });
    },
    fired(report, units, trigger) {
      if (trigger === 'schedule') tell(RUN_METRICS.fireTimers, 1);
      // The watermark of a job with windows, so of one with a gate, is kept and told by their closing.
      if (trigger === 'schedule' && job.kind !== 'window') lag(report.watermark);
      publish(units);
      logger.info('fired', { ...report, units });
    },
    runFailed(name) {
      tell(RUN_METRICS[name], 0);
      flush();
    },
    async guard(work, doing) {
      try {
        return await work();
      } catch (error) {
        logger.error('failed', { error, doing: summaryOf(doing) });
        throw error;
      }
    },
    nudgeFailed: (problem) => logger.warn('nudge failed', { problem: String(problem) }),
  };
}

const WARNINGS = {
  misplaced:
    'events do not belong to the shard that they stand on, and were dropped (counted as filtered, and as misplaced). The Kinesis ' +
    'Producer Library and named producers leave them there after a resharding, and put them again where they belong. If ' +
    "the stream's aggregates are made by something that puts nothing again, say so: aggregates: 'mixed' in its source",
  unremembered:
    `a lane remembers ${NAMES_MAX} names of producers, and of each a few ranges of hash keys: these events counted, and copies of them ` +
    'count again. Whoever puts from one source keeps its name, and takes no new one for each run',
} as const;

/**
 * Whether a scheduled run knows how far the job has come; a nudged one may always stop before. One that had to give way
 * knows only what was stored last, which a quiet job stores seldom.
 */
const KNOWS_WATERMARK: Readonly<Record<CloseReport['outcome'], boolean>> = {
  closed: true,
  nothingDue: true,
  leaseTaken: false,
  fenced: false,
};

/** Never the records themselves: they may be large, and they are not for logs. */
function summaryOf(doing: object): object {
  const { records, ...rest } = doing as { records?: readonly unknown[] };
  return records ? { ...rest, records: records.length } : rest;
}
