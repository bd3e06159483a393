/** A job that has had very many lanes: generation after generation of shards was split, and all but the last are long silent. */
import type { MemoryTable } from '../shared/adapters/memory/table.ts';
import type { Job } from '../shared/job/job.ts';
import { streamsOf } from '../shared/job/spec.ts';
import type { Lane } from '../shared/model/lane.ts';
import { laneName } from '../shared/model/lane.ts';
import { type ProcessingTime, processingTime, watermarkAt } from '../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../shared/runtime/settings.ts';
import { readClosing, takeLease } from '../shared/state/closing/closing.ts';
import type { MergedLane } from '../shared/state/closing/closingState.ts';
import { createLane, FIRST_LANE } from '../shared/state/lane/laneItem.ts';
import { appendCommit } from '../shared/state/lane/laneLog.ts';

export interface Dying {
  readonly dead: number;
  /** Shards of a generation. */
  readonly live: number;
  /** When the dead lanes' last events were committed, and their children opened. */
  readonly silentSince: ProcessingTime;
  /** Of their last events. */
  readonly watermark: number;
}

export const shardNumbered = (n: number): string => `shardId-${String(n).padStart(12, '0')}`;

/** Puts the lanes' items and logs of one entry each. Gives what closing knows of them once they are merged. */
export async function putDeadLanes(
  state: MemoryTable,
  job: Job,
  { dead, live, silentSince, watermark }: Dying,
): Promise<Map<string, MergedLane>> {
  const merged = new Map<string, MergedLane>();
  const [stream = ''] = streamsOf(job);
  const expiresAt = processingTime(silentSince + DEFAULT_SETTINGS.logRetention);
  for (let n = 0; n < dead; n += 1) {
    const lane: Lane = { job: job.id, stream, shard: shardNumbered(n) };
    const parents = n < live ? [] : [shardNumbered(n - live)];
    await createLane(state, lane, { ...FIRST_LANE, parents, openedAt: silentSince });
    const position = { sequence: String(1_000 + n), index: 0 };
    await appendCommit(state, lane, {
      slot: 0,
      from: position,
      to: position,
      greatest: undefined,
      watermark: watermarkAt(watermark),
      totals: { accepted: 1, filtered: 0, late: 0, dead: 0 },
      lastValidAt: silentSince,
      shape: job.shape,
      expiresAt,
    });
    merged.set(laneName(lane), {
      cursor: 1,
      watermark: watermarkAt(watermark),
      lastValidAt: silentSince,
      headExpiresAt: expiresAt,
      expired: 0,
    });
  }
  return merged;
}

/** As if closing had merged these lanes and come to a watermark. */
export async function putClosing(
  state: MemoryTable,
  job: Job,
  lanes: ReadonlyMap<string, MergedLane>,
  watermark: number,
): Promise<void> {
  const view = await readClosing(state, job.id);
  const merged = { ...view.state, shape: job.shape, lanes, watermark: watermarkAt(watermark) };
  await takeLease(state, job.id, { ...view, state: merged }, processingTime(0));
}
