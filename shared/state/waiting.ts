/** Reads what waits on a lane of a pattern job: it is in the commits that brought it. */
import type { PatternJob } from '../job/patternJob.ts';
import type { Lane, ShardId } from '../model/lane.ts';
import { decodeHeld, isPassed, type Waiting } from '../operators/held.ts';
import { readerOf } from '../operators/judge.ts';
import type { ShardDirectory } from '../ports/shardDirectory.ts';
import type { Table } from '../ports/table.ts';
import { readBlob } from './blob.ts';
import { type Commit, readHead, readLog } from './laneLog.ts';

/** Whatever the log brought since `heldFrom` and the head's watermark has not passed. */
export async function readWaiting(
  table: Table,
  job: PatternJob,
  lane: Lane,
  head: Commit,
): Promise<readonly Waiting[]> {
  if (head.heldFrom === undefined) return [];
  const reader = readerOf(job, lane.stream);
  const waiting: Waiting[] = [];
  for await (const { slot, expiresAt, held } of readLog(table, lane, head.heldFrom)) {
    if (slot > head.slot) break;
    if (!held) continue;
    for (const each of decodeHeld(job, reader, await readBlob(table, lane, held))) {
      if (!isPassed(each, head.watermark)) waiting.push({ slot, expiresAt, held: each });
    }
  }
  return waiting;
}

/**
 * The time-outs that a lane takes over before its slot 0: those that wait on the ended lanes of its shard's parents, for
 * the keys that come to this shard. (Events do not wait there any more.) Its first commit brings them again.
 */
export async function adoptTimeOuts(
  job: PatternJob,
  { state, shards }: { state: Table; shards: ShardDirectory },
  lane: Lane,
  parents: readonly ShardId[],
): Promise<readonly Waiting[]> {
  const adopted: Waiting[] = [];
  if (parents.length === 0) return adopted;
  const owns = await shards.ownershipOf(lane.stream, lane.shard);
  for (const shard of parents) {
    const parent = { ...lane, shard };
    const head = await readHead(state, parent);
    if (!head) continue;
    for (const waiting of await readWaiting(state, job, parent, head)) {
      const { held } = waiting;
      if (held.kind === 'timer' && owns(held.partitionKey)) adopted.push({ ...waiting, slot: 0 });
    }
  }
  return adopted;
}
