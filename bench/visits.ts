/** Jobs that count visits by page, in windows of any kind. */
import * as z from 'zod';
import { countBy, epochMilliseconds, job, seconds, source } from '../shared/index.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import type { Line } from './records.ts';

const visit = z.object({ page: z.string(), time: epochMilliseconds() });
type Visit = z.output<typeof visit>;

const visits = source({
  stream: 'visits',
  schema: visit,
  eventTime: (event) => event.time,
  partitionKey: (event) => event.page,
});

export function visitsJob(name: string, windows: Pick<WindowJob, 'assign' | 'allowedLateness'>) {
  const declared = job({
    name,
    version: 1,
    source: visits,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: seconds(60),
  }).window({
    ...windows,
    late: 'sideOutput',
    aggregate: countBy((event: Visit) => event.page),
    table: { name, partitionKey: 'site' },
    result: (counts) => [{ site: 'all', keys: counts.size }],
  });
  return declared as unknown as WindowJob;
}

export const visitLine = (event: Visit, arrivalMs: number): Line => ({
  stream: visits.stream,
  line: JSON.stringify(event),
  partitionKey: 'visits',
  arrivalMs,
});
