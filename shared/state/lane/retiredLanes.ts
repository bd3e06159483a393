/**
 * What is left of a lane that has ended: its last entry and what was known of it, in an item of its own. Runs list the lanes
 * of a job's own partition; a retired one is not among them and is read by its key only.
 *
 * 1. Only a lane with an `ended` entry is retired, once every run is done with its log. So what is kept here is final.
 * 2. The record is put before the lane's item is removed, and never changed: a lane is listed, or retired, or for a moment
 *    both, and then it is retired.
 * 3. It is kept for good. A record of the shard that comes once more meets it and is dropped by its position, when the log
 *    has long expired; and a child that was silent for years takes over from it.
 * 4. An item of a retired lane that is there again, since a zombie opened the lane, is a ghost: whoever meets one removes it.
 */
import { type JobId, type Lane, laneName, laneNamed } from '../../model/lane.ts';
import { processingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { inTurns } from '../inTurns.ts';
import { laneKey, retiredPartition, slotKey } from '../keys.ts';
import { type LaneItem, laneAttributes, laneItemOf } from './laneItem.ts';
import { type Commit, commitOf, itemOf, withoutContent } from './laneLog.ts';

export interface RetiredLane {
  readonly lane: Lane;
  readonly item: LaneItem;
  /** The last entry, without its content. */
  readonly head: Commit;
  /** Events found behind what was stored. */
  readonly expired: number;
}

const keyOf = (lane: Lane) => ({ pk: retiredPartition(lane.job), sk: laneName(lane) });
/** No lane's name, which has a slash. */
const generationKey = (job: JobId) => ({ pk: retiredPartition(job), sk: 'generation' });

/** Takes lanes off the list of their job. Repeating it, or dying on the way, changes nothing. */
export async function retireLanes(table: Table, retired: readonly RetiredLane[]): Promise<void> {
  await inTurns(retired, async (each) => {
    await table.put(recordOf(each), { kind: 'absent' });
    const { generation } = each.item;
    if (generation === 0) return;
    const condition = { kind: 'absentOrAtMost', name: 'generation', value: generation } as const;
    await table.put({ ...generationKey(each.lane.job), ...STAMP, generation }, condition);
  });
  await removeItems(
    table,
    retired.map(({ lane }) => lane),
  );
}

const removeItems = (table: Table, lanes: readonly Lane[]): Promise<void> =>
  table.batchRemove(lanes.map(laneKey));

export async function readRetired(table: Table, lane: Lane): Promise<RetiredLane | undefined> {
  const item = await table.get(keyOf(lane), 'strong');
  return item && retiredOf(lane.job, item);
}

/** Of these lanes, by name, those that are retired; their items are ghosts, and are removed. */
export async function removeGhosts(
  table: Table,
  job: JobId,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const keys = names.map((name) => keyOf(laneNamed(job, name)));
  const ghosts = (await table.batchGet(keys, 'strong')).map((item) => String(item['sk']));
  if (ghosts.length > 0) {
    await removeItems(
      table,
      ghosts.map((name) => laneNamed(job, name)),
    );
  }
  return new Set(ghosts);
}

/** Every retired lane of the job: not for what runs each minute. */
export async function readRetiredLanes(table: Table, job: JobId): Promise<RetiredLane[]> {
  const retired: RetiredLane[] = [];
  const pk = retiredPartition(job);
  for await (const item of table.query({ pk, order: 'ascending', consistency: 'strong' })) {
    if (item['sk'] !== generationKey(job).sk) retired.push(retiredOf(job, item));
  }
  return retired;
}

/** The greatest generation of the job's retired lanes. */
export async function retiredGeneration(table: Table, job: JobId): Promise<number> {
  const item = readable(await table.get(generationKey(job), 'strong'));
  return (item?.['generation'] as number | undefined) ?? 0;
}

function recordOf({ lane, item, head, expired }: RetiredLane): Item {
  const { [EXPIRES_AT]: _expiresAt, ...entry } = itemOf(lane, withoutContent(head));
  return {
    ...entry,
    ...keyOf(lane),
    slot: head.slot,
    logUntil: head.expiresAt,
    item: laneAttributes(item),
    ...(expired > 0 ? { expired } : {}),
  };
}

function retiredOf(job: JobId, stored: Item): RetiredLane {
  const head = commitOf({
    ...stored,
    sk: slotKey(stored['slot'] as number),
    [EXPIRES_AT]: processingTime(stored['logUntil'] as number) / 1_000,
  });
  return {
    lane: laneNamed(job, stored['sk'] as string),
    item: laneItemOf(stored['item'] as Item),
    head,
    expired: (stored['expired'] as number | undefined) ?? 0,
  };
}
