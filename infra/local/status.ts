/** What the local stack shows of itself: read from the same tables that anybody can read. */
import type { Job } from '../../shared/job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../../shared/model/counts.ts';
import { isAfter, latest, type Watermark, watermarkAt } from '../../shared/model/time.ts';
import { readLaneStatuses, readWatermark } from '../../shared/state/inspect.ts';
import { deployedJobs } from './deployedJobs.ts';
import { readHeadline } from './headlines.ts';
import type { Stack } from './stack.ts';

export interface JobStatus {
  readonly name: string;
  readonly counts: Counts;
  readonly watermark: Watermark;
  /** Whether its events moved the watermark there, or the clock did, since all its shards are silent. */
  readonly watermarkBy: 'events' | 'clock';
  /** The latest answer in a few words; absent before the first one. */
  readonly headline?: string;
}

export type Status = readonly JobStatus[];

export const readStatus = (stack: Pick<Stack, 'definitions' | 'table' | 'rows'>): Promise<Status> =>
  Promise.all(deployedJobs(stack.definitions).map((job) => readJob(job, stack)));

async function readJob(job: Job, stack: Pick<Stack, 'table' | 'rows'>): Promise<JobStatus> {
  const state = stack.table('state');
  const [lanes, stored, headline] = await Promise.all([
    readLaneStatuses(job.id, state),
    readWatermark(job.id, state),
    readHeadline(job, stack),
  ]);
  const counts = lanes.reduce((sum, lane) => addCounts(sum, lane.counts), NO_COUNTS);
  // It is stored when a window closes or the schedule runs; in between, the slowest lane tells.
  const listed = lanes.filter(({ standing }) => standing === 'listed');
  const slowest = watermarkAt(Math.min(...listed.map((lane) => lane.watermark)));
  const watermark = listed.length > 0 ? latest(stored, slowest) : stored;
  // No lane's events are that far.
  const isAhead = lanes.length > 0 && lanes.every((lane) => isAfter(watermark, lane.watermark));
  const watermarkBy = isAhead ? 'clock' : 'events';
  return {
    name: job.name,
    counts,
    watermark,
    watermarkBy,
    ...(headline === undefined ? {} : { headline }),
  };
}
