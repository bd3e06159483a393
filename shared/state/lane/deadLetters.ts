/** Whether a commit holds the dead letters that redriven events claim to be. */
import type { Lane } from '../../model/lane.ts';
import type { Table } from '../../ports/table.ts';
import { BlobGone } from './blob.ts';
import { readCommit } from './laneLog.ts';
import type { StoredSideEvent } from './sideColumns.ts';
import { findDeadLetters } from './sideOutput.ts';

/** By position. Undefined where the commit, or its side output, is not stored any more, or never was. */
export async function readDeadLetters(
  table: Table,
  lane: Lane,
  slot: number,
  positions: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StoredSideEvent> | undefined> {
  const commit = await readCommit(table, lane, slot);
  if (!commit) return undefined;
  if (!commit.side) return new Map();
  try {
    return await findDeadLetters(table, lane, commit.side, positions);
  } catch (error) {
    if (error instanceof BlobGone) return undefined;
    throw error;
  }
}
