/** Where entries are read from, and what is made of a piece that is read there. */
import type { ControlEntry, DamagedEntry, Entry, ReadableEntry, StreamRecord } from './entry.ts';
import type { Effort, Reading } from './forms.ts';

/** How a record is decoded, whatever is read from it. */
interface Decoding {
  readonly reading: Reading;
  readonly effort: Effort;
  /** Reads data as a record's are read: the letter in a redrive envelope. */
  entriesIn(origin: Origin, data: Uint8Array, first: number): Iterable<Entry>;
}

/** A record, or the part of one that entries are read from. All have all attributes: there is one for each event of an aggregate. */
export interface Origin extends Omit<StreamRecord, 'data'> {
  readonly hashKey: Entry['hashKey'];
  readonly redriven: Entry['redriven'];
  readonly produced: Entry['produced'];
  /** Set where the part is the content of a compressed payload. */
  readonly inside: Inside | undefined;
  readonly decoding: Decoding;
}

interface Inside {
  readonly form: string;
  readonly payload: Uint8Array;
  /** Of the content, in bytes. */
  readonly length: number;
}

export const readableEntry = (
  { sequence, arrival, partitionKey, hashKey, redriven, produced }: Origin,
  index: number,
  raw: string | Uint8Array,
  value: unknown,
): ReadableEntry => ({
  sequence,
  index,
  arrival,
  partitionKey,
  raw,
  value,
  hashKey,
  redriven,
  produced,
});

export const damagedEntry = (
  { sequence, arrival, partitionKey, hashKey, redriven, produced }: Origin,
  index: number,
  raw: string | Uint8Array,
  problem: string,
): DamagedEntry => ({
  sequence,
  index,
  arrival,
  partitionKey,
  raw,
  problem,
  hashKey,
  redriven,
  produced,
});

export const controlEntry = (
  { sequence, arrival, partitionKey, hashKey, redriven, produced }: Origin,
  index: number,
  raw: string | Uint8Array,
): ControlEntry => {
  const place = { sequence, index, arrival, partitionKey, raw, hashKey, redriven, produced };
  return { ...place, value: undefined, isControl: true };
};
