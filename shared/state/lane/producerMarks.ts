/**
 * What a commit says of the named producers that its lane remembers: those that changed since the last page, and the page. So a head and one
 * page are all that a cold function reads, and a commit grows with the producers at work, not with all that there ever were.
 *
 * A page is put before the commit that names it, under a name made of its content, and never changes. It is never renewed: once it
 * may expire, whatever of it is not among those that changed is forgotten.
 *
 * Stored form: the clock (minutes); the ranges, each start and end; the names. A name is its hash, the age of its last record (minutes before
 * the clock), and its marks: number of the range, the place that everything is taken up to, and the stretches behind it.
 */
import { InvariantViolation } from '../../errors.ts';
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { formatHashRange, HASH_KEYS, type HashRange } from '../../model/hashRange.ts';
import type { Lane } from '../../model/lane.ts';
import { readOffset, writeOffset } from '../../model/offset.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type Duration,
  isBefore,
  type ProcessingTime,
  processingTime,
  since,
} from '../../model/time.ts';
import type { Mark, Place, Stretch } from '../../operators/intake/producerMark.ts';
import {
  ARRIVAL_STEP,
  liveNames,
  type NameHash,
  type ProducerMemory,
  type Remembered,
} from '../../operators/intake/producerMemory.ts';
import type { Item, Table, Value } from '../../ports/table.ts';
import { type BlobReference, packBlob, readBlob } from './blob.ts';

export interface ProducerMarks {
  /** The names that changed since the page. */
  readonly recent: Uint8Array;
  /** Absent where nothing else is remembered. */
  readonly page?: NamedPage;
}

interface NamedPage {
  readonly content: BlobReference;
  /** That of the memory when the page was put. */
  readonly clock: ArrivalTime;
  /** From then on it may be gone, and nothing that it holds is still remembered. */
  readonly expiresAt: ProcessingTime;
}

type Names = ProducerMemory['page'];

/** Bytes that the names that changed may take in a commit: an eighth of what the page takes, within these bounds. */
const RECENT_BYTES_MIN = 1024;
const RECENT_BYTES_MAX = 4 * 1024;
const RECENT_PER_PAGE = 8;
const NAME_BYTES = 14;

const recentMax = (page: Names): number =>
  Math.min(
    RECENT_BYTES_MAX,
    Math.max(RECENT_BYTES_MIN, (page.size * NAME_BYTES) / RECENT_PER_PAGE),
  );

interface Packing {
  readonly lane: Lane;
  readonly nameLife: Duration;
  /** When a page that is put now may be deleted. */
  readonly expiresAt: ProcessingTime;
}

/**
 * What the next commit says, and what has to be put before it.
 * @param before what the commit before it says, if the lane's memory stands in it
 */
export function packMarks(
  memory: ProducerMemory,
  before: ProducerMarks | undefined,
  { lane, nameLife, expiresAt }: Packing,
): { readonly marks: ProducerMarks; readonly chunks: readonly Item[] } {
  const { clock, page } = memory;
  const recent = new Map(liveNames({ ...memory, page: NO_NAMES }, nameLife));
  const bytes = encodeNames(clock, recent);
  if (clock === undefined || bytes.length <= recentMax(page)) {
    const isKept =
      before?.page && clock !== undefined && since(before.page.clock, clock) <= nameLife;
    const marks = { recent: bytes, ...(isKept ? { page: before.page } : {}) };
    known.set(marks, { clock, recent, page: isKept ? page : NO_NAMES });
    return { marks, chunks: [] };
  }
  const all = new Map(liveNames(memory, nameLife));
  const packed = packBlob(lane, encodeNames(clock, all), expiresAt, { inlineMax: 0 });
  const marks = {
    recent: encodeNames(clock, NO_NAMES),
    page: { content: packed.reference, clock, expiresAt },
  };
  known.set(marks, { clock, recent: NO_NAMES, page: all });
  return { marks, chunks: packed.chunks };
}

const NO_NAMES: Names = new Map();

/** What marks stand for that were packed or read here: a warm function neither reads a page nor decodes anything. */
const known = new WeakMap<ProducerMarks, ProducerMemory>();

/** The memory that a commit's marks stand for. Throws BlobGone. */
export async function readMarks(
  table: Table,
  lane: Lane,
  marks: ProducerMarks,
  now: ProcessingTime,
): Promise<ProducerMemory> {
  const found = known.get(marks);
  if (found) return found;
  const { recent, page } = marks;
  const { clock, names } = decodeNames(recent);
  const isRead = page && isBefore(now, page.expiresAt);
  const stored = isRead ? decodeNames(await readBlob(table, lane, page.content)).names : NO_NAMES;
  const memory = { clock, page: stored, recent: names };
  known.set(marks, memory);
  return memory;
}

export const storedProducers = ({ recent, page }: ProducerMarks): Value =>
  page ? [recent, page.content, page.clock, page.expiresAt] : [recent];

export function producersFrom(stored: Value): ProducerMarks {
  const [recent, content, clock, expires] = stored as [
    Uint8Array,
    BlobReference?,
    number?,
    number?,
  ];
  if (!content || clock === undefined || expires === undefined) return { recent };
  const page = { content, clock: arrivalTime(clock), expiresAt: processingTime(expires) };
  return { recent, page };
}

function encodeNames(clock: ArrivalTime | undefined, names: Names): Uint8Array {
  const writer = new ByteWriter();
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const ranges = new Map<string, HashRange>();
  for (const [, { marks }] of sorted) {
    for (const { range } of marks) ranges.set(formatHashRange(range), range);
  }
  const numbers = new Map([...ranges.keys()].map((text, i) => [text, i]));
  writer.unsigned(clock === undefined ? 0 : 1 + clock / ARRIVAL_STEP);
  writer.unsigned(ranges.size);
  for (const { start, end } of ranges.values()) {
    writeHashKey(writer, start);
    // Of a range up to the last hash key, or to the middle, little is left.
    writeHashKey(writer, LAST_HASH_KEY - end);
  }
  writer.unsigned(sorted.length);
  for (const [name, { arrival, marks }] of sorted) {
    writer.bytes(Buffer.from(name, 'hex'));
    writer.unsigned(clock === undefined ? 0 : since(arrival, clock) / ARRIVAL_STEP);
    writer.unsigned(marks.length);
    for (const mark of marks)
      writeMark(writer, mark, numbers.get(formatHashRange(mark.range)) ?? 0);
  }
  return writer.finish();
}

/** With the number of the range: whether there is an `upTo`, whether that has an ordinal, whether there are stretches. */
const MARK_FLAGS = 8;

function writeMark(writer: ByteWriter, { upTo, stretches }: Mark, range: number): void {
  const hasOrdinal = upTo !== undefined && upTo.ordinal > 0;
  const flags = (upTo ? 4 : 0) + (hasOrdinal ? 2 : 0) + (stretches.length > 0 ? 1 : 0);
  writer.unsigned(MARK_FLAGS * range + flags);
  if (upTo) writeOffset(writer, upTo.offset);
  if (hasOrdinal) writer.unsigned(upTo.ordinal);
  if (stretches.length === 0) return;
  writer.unsigned(stretches.length);
  for (const { after, to, isOld } of stretches) {
    writePlace(writer, after);
    writePlace(writer, to);
    writer.byte(isOld ? 1 : 0);
  }
}

function writePlace(writer: ByteWriter, { offset, ordinal }: Place): void {
  writeOffset(writer, offset);
  writer.unsigned(ordinal === Number.POSITIVE_INFINITY ? 0 : ordinal + ORDINALS_FROM);
}

/** 0 stands for all that there are, 1 for the place before the first. */
const ORDINALS_FROM = 2;

const NAME_HASH_BYTES = 8;

/** Throws InvariantViolation for what `encodeNames` did not write. */
function decodeNames(bytes: Uint8Array): { clock: ArrivalTime | undefined; names: Names } {
  const reader = new ByteReader(bytes);
  const steps = reader.unsigned();
  const clock = steps === 0 ? undefined : arrivalTime((steps - 1) * ARRIVAL_STEP);
  const ranges = Array.from({ length: reader.unsigned() }, () => {
    const start = readHashKey(reader);
    return { start, end: LAST_HASH_KEY - readHashKey(reader) };
  });
  const names = new Map<NameHash, Remembered>();
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    const name = Buffer.from(reader.bytes(NAME_HASH_BYTES)).toString('hex');
    const arrival = arrivalTime((clock ?? 0) - reader.unsigned() * ARRIVAL_STEP);
    const marks = Array.from({ length: reader.unsigned() }, () => readMark(reader, ranges));
    names.set(name, { arrival, marks });
  }
  return { clock, names };
}

function readMark(reader: ByteReader, ranges: readonly HashRange[]): Mark {
  const head = reader.unsigned();
  const flags = head % MARK_FLAGS;
  const range = ranges[(head - flags) / MARK_FLAGS];
  if (!range) {
    throw new InvariantViolation('a mark of a producer is of no range: the item is damaged');
  }
  const offset = flags >= 4 ? readOffset(reader) : undefined;
  const ordinal = (flags & 2) > 0 ? reader.unsigned() : 0;
  const count = (flags & 1) > 0 ? reader.unsigned() : 0;
  const stretches = Array.from({ length: count }, () => readStretch(reader));
  return { range, ...(offset === undefined ? {} : { upTo: { offset, ordinal } }), stretches };
}

function readStretch(reader: ByteReader): Stretch {
  const after = readPlace(reader);
  const to = readPlace(reader);
  return { after, to, isOld: reader.byte() === 1 };
}

function readPlace(reader: ByteReader): Place {
  const offset = readOffset(reader);
  const ordinal = reader.unsigned();
  return { offset, ordinal: ordinal === 0 ? Number.POSITIVE_INFINITY : ordinal - ORDINALS_FROM };
}

const LAST_HASH_KEY = HASH_KEYS - 1n;
const HASH_KEY_DIGITS = 32;

/** The digits of a number of 128 bits up to its last one that is not 0: shards are cut at round numbers. */
function writeHashKey(writer: ByteWriter, hashKey: bigint): void {
  const digits = hashKey
    .toString(16)
    .padStart(HASH_KEY_DIGITS, '0')
    .replace(/(00)+$/, '');
  writer.unsigned(digits.length / 2);
  writer.bytes(Buffer.from(digits, 'hex'));
}

function readHashKey(reader: ByteReader): bigint {
  const digits = Buffer.from(reader.bytes(reader.unsigned())).toString('hex');
  return BigInt(`0x${digits.padEnd(HASH_KEY_DIGITS, '0')}`);
}
