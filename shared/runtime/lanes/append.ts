/** Appending what a batcher has built. */
import { UnknownOutcomeError } from '../../errors.ts';
import type { Lane } from '../../model/lane.ts';
import type { Table } from '../../ports/table.ts';
import { appendCommit } from '../../state/lane/laneLog.ts';
import type { Prefix } from './batch.ts';

/** Puts what the commit names, then takes its slot. 'unknown' where no reply came and the write may still happen. */
export async function append(
  table: Table,
  lane: Lane,
  { commit, chunks }: Prefix,
): Promise<'appended' | 'taken' | 'unknown'> {
  if (chunks.length > 0) await table.batchPut(chunks);
  try {
    return await appendCommit(table, lane, commit);
  } catch (error) {
    if (error instanceof UnknownOutcomeError) return 'unknown';
    throw error;
  }
}
