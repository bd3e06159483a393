/**
 * The vocabulary of the project's own metrics: what functions tell, and what alarms and the dashboard ask for. A metric
 * that is not here can neither be told nor asked for.
 *
 * Every name costs $0.30 a month for each job that tells it, by the hour in which it is told. So here is only what an alarm or a
 * widget shows; everything else of a run is in its log line.
 */
import type { Job } from '../job/job.ts';
import type { ScheduledFunction } from '../job/traits.ts';
import type { Counts } from '../model/counts.ts';

export const METRICS_NAMESPACE = 'Tidemark';

/** By name; the units are CloudWatch's. Counts are told where they are not zero. */
export const METRIC_UNITS = {
  EventsAccepted: 'Count',
  EventsFiltered: 'Count',
  EventsLate: 'Count',
  EventsDead: 'Count',
  /** Copies that named producers put again, and that were dropped. */
  EventsRepeated: 'Count',
  /** Events of named producers that a lane had no room to remember. */
  EventsUnremembered: 'Count',
  /** Window jobs: accepted events found behind everything that is still stored. */
  EventsExpired: 'Count',
  /** Window jobs: windows whose row could not be corrected because a page is gone. */
  WindowsRefused: 'Count',
  /** The clock less the job watermark, each minute; 0 before a job's first valid event. */
  WatermarkLag: 'Milliseconds',
  /** Runs of closeWindows: 1 for one on schedule that did its work, 0 for one that failed, however it was asked for. */
  ClosingRuns: 'Count',
  /** The same of fireTimers. */
  TimerRuns: 'Count',
  /** Keyed jobs: about what the keys of a shard take in the memory of the function. */
  KeyedStoreBytes: 'Bytes',
  ReadUnits: 'Count',
  WriteUnits: 'Count',
} as const;

export type MetricName = keyof typeof METRIC_UNITS;

/**
 * Each event that arrives is told under one of the first four; misplaced ones are among the filtered. Copies are told beside them, and
 * those of the four that were not remembered.
 */
export const EVENT_METRICS = {
  accepted: 'EventsAccepted',
  filtered: 'EventsFiltered',
  late: 'EventsLate',
  dead: 'EventsDead',
  repeated: 'EventsRepeated',
  unremembered: 'EventsUnremembered',
} as const satisfies Record<Exclude<keyof Counts, 'misplaced'>, MetricName>;

/** What tells the runs of a scheduled function for a job. */
export const RUN_METRICS = {
  closeWindows: 'ClosingRuns',
  fireTimers: 'TimerRuns',
} as const satisfies Record<ScheduledFunction, MetricName>;

/** What tells a metric of one job in one stage from all others; `service` keeps the stages of an account apart. */
export interface MetricDimensions {
  readonly service: string;
  readonly job: string;
}

/**
 * The dimension `job`: `hot-items@1`. Versions that run side by side are told apart, so that one that reads its stream from
 * the start does not make the other look late.
 */
export const jobDimension = ({ id }: Pick<Job, 'id'>): string => id;
