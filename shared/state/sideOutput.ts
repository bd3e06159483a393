/**
 * Late events and dead letters of a commit: inside it where they fit, else in chunks of their own that the
 * commit names. The chunks are put first, under an id made of their content; what no commit names does
 * not exist, so a commit that loses its slot leaves nothing behind but items that expire.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { InvariantViolation } from '../errors.ts';
import { type Lane, laneName } from '../model/lane.ts';
import { formatPosition } from '../model/position.ts';
import { NO_WATERMARK, type ProcessingTime, type Watermark, watermarkAt } from '../model/time.ts';
import type { SideEvent } from '../operators/windowFold.ts';
import { EXPIRES_AT, type Item, type Table, type Value } from '../ports/table.ts';
import { expirySeconds, sidePartition } from './keys.ts';

/** Inside the commit as bytes, or by id and number of chunks. */
export type SideReference = Uint8Array | { readonly id: string; readonly chunks: number };

/** A late event or dead letter as it is stored and shown. */
export interface StoredSideEvent {
  readonly kind: 'late' | 'dead';
  /** `<stream>/<shard>` */
  readonly lane: string;
  readonly position: string;
  readonly arrival: number;
  readonly partitionKey: string;
  /** The lane's watermark just before the event. */
  readonly watermark: Watermark;
  readonly eventTime?: number;
  readonly reason?: string;
  readonly raw: Uint8Array;
}

/** Chunks that a commit names are gone. They expire with it, but time to live deletes in no order. */
export class SideOutputGone extends InvariantViolation {
  override name = 'SideOutputGone';
}

const INLINE_BYTES_MAX = 16 * 1024;
const CHUNK_BYTES = 380 * 1024;
const ID_LENGTH = 16;

/** What a commit needs to name its side output, and the chunks to put before it. */
export function packSideOutput(
  lane: Lane,
  events: readonly SideEvent[],
  expiresAt: ProcessingTime,
): { reference: SideReference; chunks: readonly Item[] } {
  const packed = deflateRawSync(JSON.stringify(events.map(storedForm)));
  if (packed.length <= INLINE_BYTES_MAX) return { reference: packed, chunks: [] };
  const id = createHash('sha256').update(packed).digest('hex').slice(0, ID_LENGTH);
  const chunks: Item[] = [];
  for (let at = 0; at < packed.length; at += CHUNK_BYTES) {
    chunks.push({
      ...chunkKey(lane, id, chunks.length),
      content: packed.subarray(at, at + CHUNK_BYTES),
      [EXPIRES_AT]: expirySeconds(expiresAt),
    });
  }
  return { reference: { id, chunks: chunks.length }, chunks };
}

/** Throws SideOutputGone. */
export async function readSideOutput(
  table: Table,
  lane: Lane,
  reference: SideReference,
): Promise<StoredSideEvent[]> {
  const packed =
    reference instanceof Uint8Array ? reference : await readChunks(table, lane, reference);
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredForm[];
  return stored.map(({ raw, watermark, ...event }) => ({
    ...event,
    lane: laneName(lane),
    watermark: watermark === null ? NO_WATERMARK : watermarkAt(watermark),
    raw: Buffer.from(raw, 'base64'),
  }));
}

async function readChunks(
  table: Table,
  lane: Lane,
  { id, chunks }: { id: string; chunks: number },
): Promise<Uint8Array> {
  const keys = Array.from({ length: chunks }, (_, n) => chunkKey(lane, id, n));
  const items = await table.batchGet(keys, 'strong');
  if (items.length < chunks) {
    throw new SideOutputGone(
      `${sidePartition(lane)}: of ${id}, ${items.length} of ${chunks} chunks are left`,
    );
  }
  const order = (item: Item): Value => item['sk'] as string;
  const sorted = [...items].sort((a, b) => (String(order(a)) < String(order(b)) ? -1 : 1));
  return Buffer.concat(sorted.map((item) => item['content'] as Uint8Array));
}

const chunkKey = (lane: Lane, id: string, n: number) => ({
  pk: sidePartition(lane),
  sk: `${id}#${String(n).padStart(4, '0')}`,
});

type StoredForm = Omit<StoredSideEvent, 'lane' | 'raw' | 'watermark'> & {
  raw: string;
  watermark: number | null;
};

function storedForm({ kind, entry, watermark, reason, eventTime }: SideEvent): StoredForm {
  return {
    kind,
    position: formatPosition(entry),
    arrival: entry.arrival,
    partitionKey: entry.partitionKey,
    watermark: watermark === NO_WATERMARK ? null : watermark,
    raw: Buffer.from(entry.raw as string).toString('base64'),
    ...(reason === undefined ? {} : { reason }),
    ...(eventTime === undefined ? {} : { eventTime }),
  };
}
