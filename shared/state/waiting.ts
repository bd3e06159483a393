/** Reads what waits on a lane of a pattern job: it is in the commits that brought it. */
import type { PatternJob } from '../job/patternJob.ts';
import type { Lane } from '../model/lane.ts';
import { decodeHeld, isPassed, type Waiting } from '../operators/held.ts';
import { readerOf } from '../operators/judge.ts';
import type { Table } from '../ports/table.ts';
import { readBlob } from './blob.ts';
import { type Commit, readLog } from './laneLog.ts';

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
  for await (const { slot, held } of readLog(table, lane, head.heldFrom)) {
    if (slot > head.slot) break;
    if (!held) continue;
    for (const each of decodeHeld(job, reader, await readBlob(table, lane, held))) {
      if (!isPassed(each, head.watermark)) waiting.push({ slot, held: each });
    }
  }
  return waiting;
}
