/**
 * What a commit carries beside its numbers: inside it where it fits, else in chunks that the commit names. The chunks
 * are put first, under an id made of their content; what no commit names does not exist, so a commit that
 * loses its slot leaves nothing behind but items that expire.
 */
import { createHash } from 'node:crypto';
import { InvariantViolation } from '../../errors.ts';
import type { Lane } from '../../model/lane.ts';
import type { ProcessingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { STAMP } from '../formats.ts';
import { readImmutable } from '../immutable.ts';
import { chunkPartition, expirySeconds } from '../keys.ts';

/** Inside the commit as bytes, or by id and number of chunks. */
export type BlobReference = Uint8Array | { readonly id: string; readonly chunks: number };

/** Chunks that a commit names are gone. They expire with it, but time to live deletes in no order. */
export class BlobGone extends InvariantViolation {
  override name = 'BlobGone';
}

const INLINE_BYTES_MAX = 16 * 1024;
const CHUNK_BYTES = 380 * 1024;
const ID_LENGTH = 16;

/** Where chunks go, and up to how many bytes there are none. */
interface BlobPlace {
  readonly partition?: string;
  readonly inlineMax?: number;
}

export interface PackedBlob {
  readonly reference: BlobReference;
  readonly chunks: readonly Item[];
}

/** What a commit needs to name the bytes, and the chunks to put before it. */
export function packBlob(
  lane: Lane,
  packed: Uint8Array,
  expiresAt: ProcessingTime,
  { partition = chunkPartition(lane), inlineMax = INLINE_BYTES_MAX }: BlobPlace = {},
): PackedBlob {
  if (packed.length <= inlineMax) return { reference: packed, chunks: [] };
  const id = createHash('sha256').update(packed).digest('hex').slice(0, ID_LENGTH);
  const chunks: Item[] = [];
  for (let at = 0; at < packed.length; at += CHUNK_BYTES) {
    chunks.push({
      ...chunkKey(partition, id, chunks.length),
      ...STAMP,
      content: packed.subarray(at, at + CHUNK_BYTES),
      [EXPIRES_AT]: expirySeconds(expiresAt),
    });
  }
  return { reference: { id, chunks: chunks.length }, chunks };
}

/** Throws BlobGone. */
export async function readBlob(
  table: Table,
  lane: Lane,
  reference: BlobReference,
  partition = chunkPartition(lane),
): Promise<Uint8Array> {
  if (reference instanceof Uint8Array) return reference;
  const { id, chunks } = reference;
  const keys = Array.from({ length: chunks }, (_, n) => chunkKey(partition, id, n));
  const stored = await readImmutable(table, keys);
  if (stored.size < chunks) {
    throw new BlobGone(`${partition}: of ${id}, ${stored.size} of ${chunks} chunks are left`);
  }
  return Buffer.concat(keys.map(({ sk }) => stored.get(sk)?.['content'] as Uint8Array));
}

const chunkKey = (partition: string, id: string, n: number) => ({
  pk: partition,
  sk: `${id}#${String(n).padStart(4, '0')}`,
});
