/** Small jobs for tests of the engine: visits of pages, counted per page. */
import * as z from 'zod';
import type { IdCounts, IdTotals } from '../../shared/aggregates/countBy.ts';
import {
  countBy,
  epochMilliseconds,
  job,
  minutes,
  seconds,
  source,
  tumbling,
  type WindowJob,
} from '../../shared/index.ts';
import type { Duration } from '../../shared/model/time.ts';
import type { WindowAssigner } from '../../shared/model/window.ts';

const visitSchema = z.object({ page: z.string().min(1, 'is empty'), time: epochMilliseconds() });

export type Visit = z.output<typeof visitSchema>;
export type VisitsJob = WindowJob<Visit, IdCounts, IdTotals>;

/** 2017-11-26T01:00:00Z: the test events begin here, on the border of a window of any usual size. */
export const T0 = 1_511_658_000_000;

/** A visit, so many seconds after `T0`. */
export const visit = (page: string, second: number): Visit => ({ page, time: T0 + second * 1_000 });

export const visitSource = source({
  stream: 'page-views',
  schema: visitSchema,
  eventTime: (event) => event.time,
  partitionKey: (event) => event.page,
});

export interface VisitsOptions {
  readonly assign?: WindowAssigner;
  readonly allowedLateness?: Duration;
  readonly maxOutOfOrderness?: Duration;
  readonly version?: number;
  readonly filter?: (event: Visit) => boolean;
  readonly pageOf?: (event: Visit) => string;
}

/** Visits per page; one row per window, `{ site: 'all', visits, pages: { page: count } }`, pages while they are few. */
export function visitsJob(options: VisitsOptions = {}): VisitsJob {
  return job({
    name: 'visits',
    version: options.version ?? 1,
    source: visitSource,
    maxOutOfOrderness: options.maxOutOfOrderness ?? seconds(0),
    maxFutureSkew: minutes(10),
    ...(options.filter ? { filter: options.filter } : {}),
  }).window({
    assign: options.assign ?? tumbling({ size: minutes(1) }),
    allowedLateness: options.allowedLateness ?? seconds(0),
    late: 'sideOutput',
    aggregate: countBy(options.pageOf ?? ((event) => event.page)),
    table: { name: 'visits', partitionKey: 'site' },
    result: (totals) => [rowOf(totals)],
  });
}

const PAGES_SHOWN_MAX = 100;

function rowOf(totals: IdTotals) {
  const pages = [...totals].map(([page, count]): [string, number] => [String(page), count]);
  const visits = pages.reduce((sum, [, count]) => sum + count, 0);
  const few = pages.length <= PAGES_SHOWN_MAX ? pages.sort() : [];
  return { site: 'all', visits, pages: Object.fromEntries(few) };
}

/** The engine runs jobs whose types it does not know. */
export const untyped = (typed: VisitsJob): WindowJob => typed as unknown as WindowJob;
