/** What is known of a lane beside its log: one item, put before slot 0. */
import { formatHashRange, type HashRange, parseHashRange } from '../../model/hashRange.ts';
import type { JobId, Lane, ShardId } from '../../model/lane.ts';
import {
  type ArrivalTime,
  arrivalTime,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { Item, Table } from '../../ports/table.ts';
import { readable, STAMP, storedAs } from '../formats.ts';
import { LANE_PREFIX, laneKey } from '../keys.ts';

export interface LaneItem {
  readonly parents: readonly ShardId[];
  /** Above that of every lane that keys may have come from; orders what two lanes write about one key. */
  readonly generation: number;
  /** The watermark of the first event: that of the parents, in a keyed job. */
  readonly startWatermark: Watermark;
  /** The greatest arrival time of the parents' records, in a keyed job. */
  readonly startArrival?: ArrivalTime;
  /** When the lane was opened: its shard's parents are closed since then at the latest. Absent in format 1. */
  readonly openedAt?: ProcessingTime;
  /** That of the shard, which may be forgotten before the lane is; not noted by lanes that began before this was. */
  readonly range?: HashRange;
}

export const FIRST_LANE: Omit<LaneItem, 'parents'> = {
  generation: 0,
  startWatermark: NO_WATERMARK,
};

export async function createLane(
  table: Table,
  lane: Lane,
  begun: LaneItem,
): Promise<'created' | 'existed'> {
  const outcome = await table.put(
    { ...laneKey(lane), ...STAMP, ...laneAttributes(begun) },
    { kind: 'absent' },
  );
  return outcome.kind === 'written' ? 'created' : 'existed';
}

export function laneAttributes(item: LaneItem): Item {
  const { parents, generation, startWatermark, startArrival, range, openedAt } = item;
  return {
    parents,
    ...(generation > 0 ? { generation } : {}),
    ...(startWatermark === NO_WATERMARK ? {} : { startWatermark }),
    ...(startArrival === undefined ? {} : { startArrival }),
    ...(range ? { range: formatHashRange(range) } : {}),
    ...(openedAt === undefined ? {} : { openedAt }),
  };
}

export async function readLane(table: Table, lane: Lane): Promise<LaneItem | undefined> {
  const item = await table.get(laneKey(lane), 'strong');
  return item && laneItemOf(readable(item));
}

/** Every lane of the job that is not retired, by name. */
export async function readLanes(table: Table, job: JobId): Promise<Map<string, LaneItem>> {
  const lanes = new Map<string, LaneItem>();
  const request = {
    pk: job,
    from: LANE_PREFIX,
    order: 'ascending',
    consistency: 'strong',
  } as const;
  for await (const item of table.query(request)) {
    const sk = item['sk'] as string;
    if (!sk.startsWith(LANE_PREFIX)) break;
    lanes.set(sk.slice(LANE_PREFIX.length), laneItemOf(readable(item)));
  }
  return lanes;
}

export function laneItemOf(item: Item): LaneItem {
  const range = typeof item['range'] === 'string' ? parseHashRange(item['range']) : undefined;
  const openedAt = storedAs(item['openedAt'], processingTime);
  const startArrival = storedAs(item['startArrival'], arrivalTime);
  return {
    parents: (item['parents'] as ShardId[] | undefined) ?? [],
    generation: (item['generation'] as number | undefined) ?? 0,
    startWatermark: storedAs(item['startWatermark'], watermarkAt) ?? NO_WATERMARK,
    ...(startArrival === undefined ? {} : { startArrival }),
    ...(range ? { range } : {}),
    ...(openedAt === undefined ? {} : { openedAt }),
  };
}
