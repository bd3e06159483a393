/** The late events and dead letters of a commit, as they are stored and shown. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Lane, laneName } from '../model/lane.ts';
import { formatPosition } from '../model/position.ts';
import { NO_WATERMARK, type ProcessingTime, type Watermark, watermarkAt } from '../model/time.ts';
import type { SideEvent } from '../operators/progress.ts';
import type { Item, Table } from '../ports/table.ts';
import { type BlobReference, packBlob, readBlob } from './blob.ts';

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

/** What a commit needs to name its side output, and the chunks to put before it. */
export function packSideOutput(
  lane: Lane,
  events: readonly SideEvent[],
  expiresAt: ProcessingTime,
): { reference: BlobReference; chunks: readonly Item[] } {
  return packBlob(lane, deflateRawSync(JSON.stringify(events.map(storedForm))), expiresAt);
}

/** Throws BlobGone. */
export async function readSideOutput(
  table: Table,
  lane: Lane,
  reference: BlobReference,
): Promise<StoredSideEvent[]> {
  const packed = await readBlob(table, lane, reference);
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredForm[];
  return stored.map(({ raw, watermark, ...event }) => ({
    ...event,
    lane: laneName(lane),
    watermark: watermark === null ? NO_WATERMARK : watermarkAt(watermark),
    raw: Buffer.from(raw, 'base64'),
  }));
}

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
