/**
 * The late events and dead letters of a commit, as they are stored and shown. They are never more than a window of
 * decoded entries (`records/entryWindow.ts`) and are read one at a time, so neither way needs memory without a bound.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { InvariantViolation } from '../../errors.ts';
import { OPEN_LIST } from '../../model/ascii.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import { NO_WATERMARK, type ProcessingTime, watermarkAt } from '../../model/time.ts';
import type { SideEvent } from '../../operators/intake/progress.ts';
import type { Item, Table } from '../../ports/table.ts';
import { BlobGone, type BlobReference, packBlob, readBlob } from './blob.ts';
import { readCommit } from './laneLog.ts';
import { decodeSideColumns, encodeSideColumns, type StoredSideEvent } from './sideColumns.ts';

/** What the inflated bytes begin with. */
const COLUMNS = 0x01;
/** A JSON list, as format 1 has it. */

/** What a commit needs to name its side output, and the chunks to put before it. */
export function packSideOutput(
  lane: Lane,
  events: readonly SideEvent[],
  expiresAt: ProcessingTime,
): { reference: BlobReference; chunks: readonly Item[] } {
  const packed = deflateRawSync(Buffer.concat([Uint8Array.of(COLUMNS), encodeSideColumns(events)]));
  return packBlob(lane, packed, expiresAt);
}

/** The events in the order in which they were packed, made as they are asked for. Throws BlobGone. */
export async function readSideOutput(
  table: Table,
  lane: Lane,
  reference: BlobReference,
): Promise<Iterable<StoredSideEvent>> {
  const stored = inflateRawSync(await readBlob(table, lane, reference));
  switch (stored[0]) {
    case COLUMNS:
      return decodeSideColumns(stored.subarray(1), laneName(lane));
    case OPEN_LIST:
      return fromList(stored, laneName(lane));
    default:
      throw new InvariantViolation(
        `${laneName(lane)}: side output that begins with ${stored[0]} is of no known form: it is damaged`,
      );
  }
}

/**
 * The dead letters at these positions that the commit in a slot holds. Undefined where the commit, or its side output, is not
 * stored any more, or never was.
 */
export async function readLettersAt(
  table: Table,
  lane: Lane,
  slot: number,
  positions: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StoredSideEvent> | undefined> {
  const commit = await readCommit(table, lane, slot);
  if (!commit) return undefined;
  if (!commit.side) return new Map();
  const found = new Map<string, StoredSideEvent>();
  try {
    for (const event of await readSideOutput(table, lane, commit.side)) {
      if (event.kind === 'dead' && positions.has(event.position)) found.set(event.position, event);
      if (found.size === positions.size) break;
    }
    return found;
  } catch (error) {
    if (error instanceof BlobGone) return undefined;
    throw error;
  }
}

type InList = Omit<StoredSideEvent, 'lane' | 'raw' | 'watermark'> & {
  raw: string;
  watermark: number | null;
};

function* fromList(stored: Buffer, lane: string): Generator<StoredSideEvent> {
  for (const { raw, watermark, ...event } of JSON.parse(stored.toString('utf8')) as InList[]) {
    yield {
      ...event,
      lane,
      watermark: watermark === null ? NO_WATERMARK : watermarkAt(watermark),
      raw: Buffer.from(raw, 'base64'),
    };
  }
}
