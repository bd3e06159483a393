/** How far a job is, over all its lanes, as people are shown it: read from the state table alone. */
import { addCounts, type Counts, NO_COUNTS } from '../model/counts.ts';
import type { JobId } from '../model/lane.ts';
import { isAfter, type ProcessingTime, type Watermark } from '../model/time.ts';
import { jobWatermark, type Silence } from '../operators/jobWatermark.ts';
import type { Table } from '../ports/table.ts';
import { type LaneStatus, readLaneStatuses, readWatermark } from './inspect.ts';

export interface JobProgress {
  readonly lanes: readonly LaneStatus[];
  readonly counts: Counts;
  /** Accepted events found behind what is stored. */
  readonly expired: number;
  readonly watermark: Watermark;
  /** Whether its events moved the watermark there, or the clock did, since all its shards are silent. */
  readonly watermarkBy: 'events' | 'clock';
  /** The watermark that the scheduled functions stored last. */
  readonly stored: Watermark;
}

/**
 * A scheduled run would find the same watermark now, so it does not matter when one stored it last, which on a quiet job is
 * seldom. All that a lane's shard holds is taken to be read.
 */
export async function readJobProgress(
  job: JobId,
  state: Table,
  now: ProcessingTime,
  silence: Silence,
): Promise<JobProgress> {
  const [lanes, stored] = await Promise.all([
    readLaneStatuses(job, state),
    readWatermark(job, state),
  ]);
  const views = listedLanes(lanes).map((lane) => ({ ...lane, hasUnread: false }));
  const watermark = jobWatermark(stored, views, now, silence);
  // No lane's events are that far.
  const isAhead = lanes.length > 0 && lanes.every((lane) => isAfter(watermark, lane.watermark));
  return {
    lanes,
    counts: lanes.reduce((sum, lane) => addCounts(sum, lane.counts), NO_COUNTS),
    expired: lanes.reduce((sum, lane) => sum + lane.expired, 0),
    watermark,
    watermarkBy: isAhead ? 'clock' : 'events',
    stored,
  };
}

/** Those that may still take events. */
export const listedLanes = (lanes: readonly LaneStatus[]): LaneStatus[] =>
  lanes.filter(({ standing }) => standing === 'listed');
