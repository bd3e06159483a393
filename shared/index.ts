/**
 * The engine's public face for declaring jobs: pure, without an SDK behind it. Handlers take their rim from
 * `shared/lambda`, so that a declaration runs anywhere without loading a client.
 */
export { combine, grouped } from './aggregates/compose.ts';
export { countBy, type IdCounts, type IdTotals, sumBy } from './aggregates/countBy.ts';
export { distinct } from './aggregates/distinct.ts';
export { type DoneCounts, doneBy, having } from './aggregates/doneBy.ts';
export { hyperLogLog } from './aggregates/hyperLogLog.ts';
export { count, max, min, sum } from './aggregates/scalars.ts';
export { type TallyGroup, type TallyRow, tally } from './aggregates/tally.ts';
export { type Ranked, topN } from './aggregates/topN.ts';
export { allClaims, earliestClaims, mergeClaim, type StoredClaims } from './job/claims.ts';
export { type Job, type JobFamily, job, parameterized } from './job/job.ts';
export { jobList } from './job/jobList.ts';
export { duration, oneOf, timeZone, wholeNumber } from './job/parameters.ts';
export { type Match, type Pattern, sequence } from './job/pattern/sequence.ts';
export { epochMilliseconds, id, integer, type Source, source } from './job/source.ts';
export type { EventOf } from './job/spec.ts';
export type { StatusJob, StatusRows, StatusView } from './job/statusJob.ts';
export type { WindowJob } from './job/windowJob.ts';
export { dayIn, hourIn } from './model/day.ts';
export { type CompactId, compactId, compareIds } from './model/ids.ts';
export {
  days,
  type EventTime,
  earlier,
  earliest,
  eventTime,
  hasReached,
  hours,
  isAfter,
  isBefore,
  isoTime,
  later,
  latest,
  milliseconds,
  minutes,
  seconds,
  type Watermark,
} from './model/time.ts';
export { sliding, tumbling } from './model/window.ts';
export type { Decode, Form } from './records/forms.ts';
