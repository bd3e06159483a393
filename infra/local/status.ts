/** What the local stack shows of itself: read from the same tables that anybody can read. */
import { collect } from '../../cli/collect.ts';
import { JOBS } from '../../functions/jobs.ts';
import { addCounts, type Counts, NO_COUNTS } from '../../shared/model/counts.ts';
import type { JobId } from '../../shared/model/lane.ts';
import {
  laterWatermark,
  NO_WATERMARK,
  type Watermark,
  watermarkAt,
} from '../../shared/model/time.ts';
import type { Item } from '../../shared/ports/table.ts';
import { readClosingState, readLanes } from '../../shared/state/inspect.ts';
import type { Stack } from './stack.ts';

interface JobStatus {
  readonly job: JobId;
  readonly counts: Counts;
  readonly watermark: Watermark;
}

export interface Status {
  readonly jobs: readonly JobStatus[];
  /** The latest window of board `items:pv`. */
  readonly hotItems: Item | undefined;
  /** The latest windows, newest first. */
  readonly traffic: readonly Item[];
}

const TRAFFIC_ROWS = 5;

export async function readStatus(stack: Pick<Stack, 'table'>): Promise<Status> {
  const [jobs, hotItems, traffic] = await Promise.all([
    Promise.all(JOBS.map((family) => readJob(family.build().id, stack))),
    latestRows(stack, 'hot-items', 'items:pv', 1),
    latestRows(stack, 'pvuv', 'all', TRAFFIC_ROWS),
  ]);
  return { jobs, hotItems: hotItems[0], traffic };
}

async function readJob(job: JobId, stack: Pick<Stack, 'table'>): Promise<JobStatus> {
  const state = stack.table('state');
  const [lanes, closing] = await Promise.all([readLanes(job, state), readClosingState(job, state)]);
  const counts = lanes.reduce((sum, lane) => addCounts(sum, lane.counts), NO_COUNTS);
  // Closing stores the watermark when a window closes; in between, the slowest lane tells.
  const slowest = watermarkAt(Math.min(...lanes.map((lane) => lane.watermark)));
  const watermark = lanes.length > 0 ? laterWatermark(closing.watermark, slowest) : NO_WATERMARK;
  return { job, counts, watermark };
}

function latestRows(
  stack: Pick<Stack, 'table'>,
  table: string,
  pk: string,
  limit: number,
): Promise<Item[]> {
  return collect(
    stack.table(table).query({ pk, order: 'descending', limit, consistency: 'eventual' }),
  );
}
