/** What named producers put, as bytes of records and as places of events. */

import { days } from '../../shared/index.ts';
import { type HashRange, WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import type { Offset } from '../../shared/model/offset.ts';
import { arrivalTime } from '../../shared/model/time.ts';
import {
  MemoryDraft,
  type ProducerMemory,
  type Standing,
} from '../../shared/operators/intake/producerMemory.ts';
import type { Entry } from '../../shared/records/entry.ts';
import { encodeStamp, type ProducerPlace, type Stamp } from '../../shared/records/stamp.ts';
import { nameLifeOf } from '../../shared/state/retention.ts';
import { bytesOf, type RecordContent } from './records.ts';

const MIDDLE = 2n ** 127n;
export const LEFT: HashRange = { start: 0n, end: MIDDLE - 1n };
export const RIGHT: HashRange = { start: MIDDLE, end: WHOLE_RANGE.end };

/** One line of a named record: its offset, and what it holds. */
export type Line = readonly [offset: Offset, content: RecordContent];

export interface NamedBy {
  readonly producer?: string;
  readonly planned?: HashRange;
  readonly after?: Offset;
}

/** The data of a named producer's record. */
export function named(
  lines: readonly Line[],
  { producer = 'outbox', planned = WHOLE_RANGE, after }: NamedBy = {},
): Buffer {
  const stamp = encodeStamp(
    { producer, planned },
    after,
    lines.map(([offset]) => offset),
  );
  const newline = Buffer.from('\n');
  const parts = lines.flatMap(([, content], i) =>
    i === 0 ? [bytesOf(content)] : [newline, bytesOf(content)],
  );
  return Buffer.concat([stamp, ...parts]);
}

export const NAME_LIFE = nameLifeOf(days(1));
/** In minutes. */
export const NAME_LIFE_MINUTES = NAME_LIFE / 60_000;

/** A record as a memory meets it. */
export interface Met extends NamedBy {
  /** When it arrives, in minutes. */
  readonly minute?: number;
  /** One for each event: of a line of several, the same again. */
  readonly offsets: readonly Offset[];
  /** Hash keys of the events, where they are asked for. */
  readonly hashKeys?: readonly bigint[];
}

/** An event of a record as a memory meets it. */
export interface Piece {
  readonly entry: Pick<Entry, 'index' | 'arrival'>;
  readonly place: ProducerPlace;
  hashKey(): bigint;
}

export function piecesOf(record: Met): Piece[] {
  const { producer = 'outbox', planned = WHOLE_RANGE, after, minute = 0, offsets } = record;
  const begin = offsets[0] ?? 0;
  const stamp: Stamp = { producer, planned, begin, ...(after === undefined ? {} : { after }) };
  const arrival = arrivalTime(minute * 60_000);
  return offsets.map((offset, index) => ({
    entry: { index, arrival },
    place: { stamp, offset, first: offsets.indexOf(offset), line: '' },
    hashKey() {
      const hashKey = record.hashKeys?.[index];
      if (hashKey === undefined) throw new Error('the hash key is asked for where it says nothing');
      return hashKey;
    },
  }));
}

/** What becomes of a run of events, and what is remembered behind it. */
export function taken(memory: ProducerMemory, pieces: readonly Piece[], nameLife = NAME_LIFE) {
  const draft = new MemoryDraft(memory, nameLife);
  const standings: Standing[] = pieces.map(({ entry, place, hashKey }) =>
    draft.take(entry, place, hashKey),
  );
  return { standings, memory: draft.finish() };
}
