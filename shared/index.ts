/**
 * The engine's public face for declaring jobs: pure, without an SDK behind it. Handlers take their rim from
 * `shared/lambda`, so that a declaration runs anywhere without loading a client.
 */
export { combine, grouped } from './aggregates/compose.ts';
export { countBy, type IdCounts, type IdTotals } from './aggregates/countBy.ts';
export { distinct } from './aggregates/distinct.ts';
export { hyperLogLog } from './aggregates/hyperLogLog.ts';
export { count, max, min, sum } from './aggregates/scalars.ts';
export { topN } from './aggregates/topN.ts';
export { type JobFamily, job, parameterized, type WindowJob } from './job/job.ts';
export { duration, oneOf, wholeNumber } from './job/parameters.ts';
export { epochMilliseconds, id, type Source, source } from './job/source.ts';
export { days, hours, milliseconds, minutes, seconds } from './model/time.ts';
export { sliding, tumbling } from './model/window.ts';
