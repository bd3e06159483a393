/** A job of each kind that takes knocks, for what is the same in all of them; and a key of either half of the hash keys. */
import { countBy, job as declare, minutes, seconds, tumbling } from '../../../shared/index.ts';
import type { Job } from '../../../shared/job/job.ts';
import { LEFT, RIGHT } from '../../support/namedRecords.ts';
import {
  gatedJob,
  knocksJob,
  type Signal,
  sharedTasksJob,
  signals,
  tasksJob,
} from '../../support/signals.ts';
import { within } from '../../support/splitShards.ts';

const windowJob = () =>
  declare({
    name: 'counted',
    version: 1,
    source: signals,
    maxOutOfOrderness: seconds(0),
    maxFutureSkew: minutes(10),
  }).window({
    assign: tumbling({ size: minutes(1) }),
    allowedLateness: seconds(0),
    late: 'sideOutput',
    aggregate: countBy((event: Signal) => event.key),
    table: { name: 'counted', partitionKey: 'site' },
    result: (totals) => [{ site: 'all', counts: Object.fromEntries(totals) }],
  }) as unknown as Job;

const passing = (state: unknown) => ({ verdict: 'pass', state: Number(state) + 1 }) as const;

export const KINDS: readonly (readonly [string, () => Job])[] = [
  ['window', windowJob],
  ['gated window', () => gatedJob({ decide: passing }) as unknown as Job],
  ['status', () => tasksJob() as unknown as Job],
  ['status on two streams', () => sharedTasksJob() as unknown as Job],
  ['pattern', () => knocksJob() as unknown as Job],
];

export const [L = ''] = within(LEFT);
export const [R = ''] = within(RIGHT);
