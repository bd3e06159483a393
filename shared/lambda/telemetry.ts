/**
 * Structured logs and EMF metrics, per job. Metrics are what alarms and the dashboard stand on: events by
 * outcome, commit size, watermark lag, units consumed.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { NO_WATERMARK, type Watermark } from '../model/time.ts';
import type { CloseReport, CloseTrigger } from '../runtime/closeWindows.ts';
import type { FireReport } from '../runtime/fireTimers.ts';
import type { IngestReport } from '../runtime/ingest.ts';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

interface Units {
  readonly read: number;
  readonly write: number;
}

export interface Telemetry {
  ingested(report: IngestReport, units: Units): void;
  closed(report: CloseReport, units: Units, trigger: CloseTrigger): void;
  fired(report: FireReport, units: Units, trigger: CloseTrigger): void;
  /** Logs an error with what was being done, and throws it on. */
  guard<T>(work: () => Promise<T>, doing: object): Promise<T>;
  /** Something went wrong that changes only latency. */
  problem(problem: unknown): void;
}

export function createTelemetry(job: string): Telemetry {
  const logger = new Logger({ persistentLogAttributes: { job } });
  const metrics = new Metrics({ defaultDimensions: { job } });
  const add = (name: string, value: number, unit: Unit = MetricUnit.Count) =>
    metrics.addMetric(name, unit, value);
  const lag = (watermark: Watermark) => {
    if (watermark !== NO_WATERMARK) {
      add('WatermarkLag', Math.max(0, Date.now() - watermark), MetricUnit.Milliseconds);
    }
  };
  const consumed = ({ read, write }: Units) => {
    add('ReadUnits', read);
    add('WriteUnits', write);
  };
  return {
    ingested(report, units) {
      for (const [outcome, count] of Object.entries(report.counts)) {
        add(`Events${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`, count);
      }
      add('Commits', report.commits);
      add('CommitBytes', report.commitBytes, MetricUnit.Bytes);
      consumed(units);
      metrics.publishStoredMetrics();
      logger.info('committed', { ...report, units });
    },
    closed(report, units, trigger) {
      add('WindowsClosed', report.windowsClosed);
      add('RowsWritten', report.rowsWritten);
      add('EventsExpired', report.expired);
      add('WindowsRefused', report.windowsRefused);
      // A nudged run may stop before it knows how far the job has come.
      if (trigger === 'schedule' && report.outcome !== 'leaseTaken') lag(report.watermark);
      consumed(units);
      metrics.publishStoredMetrics();
      logger.info('closed', { ...report, units });
    },
    fired(report, units, trigger) {
      add('TimersDue', report.timersDue);
      add('RowsWritten', report.rowsWritten);
      add('LanesAdvanced', report.lanesAdvanced);
      if (trigger === 'schedule') lag(report.watermark);
      consumed(units);
      metrics.publishStoredMetrics();
      logger.info('fired', { ...report, units });
    },
    async guard(work, doing) {
      try {
        return await work();
      } catch (error) {
        logger.error('failed', { error, doing: summaryOf(doing) });
        throw error;
      }
    },
    problem: (problem) => logger.warn('nudge failed', { problem: String(problem) }),
  };
}

/** Never the records themselves: they may be large, and they are not for logs. */
function summaryOf(doing: object): object {
  const { records, ...rest } = doing as { records?: readonly unknown[] };
  return records ? { ...rest, records: records.length } : rest;
}
