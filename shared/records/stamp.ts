/**
 * What a named producer writes as the first line of a record, so that a lane can tell which of its events it has already: the
 * producer's name, the range of hash keys that the record was planned for, the last offset of the record before it, and an offset for each
 * line behind it. Owns how that is written and recognized; what follows from it is `operators/intake/producerMemory.ts`'s.
 *
 *     {"tidemark:producer":["orders-outbox","0-170141183460469231731687303715884105727","8809","8812","AQEDAQ=="]}
 *
 * Behind the range stand that last offset, in decimal digits, or nothing where the record is the first of its range; the offset of the
 * first line; and for each further line how much further its offset is: varints (7 bits a byte, low bits first) in base64. That
 * is 1.3 to 2.7 bytes an event, whatever the offsets' size.
 */
import * as z from 'zod';
import { ByteReader, ByteWriter } from '../model/bytes.ts';
import { formatHashRange, type HashRange, parseHashRange } from '../model/hashRange.ts';
import {
  OFFSETS_END,
  type Offset,
  offsetAfter,
  offsetBytes,
  offsetStep,
  parseOffset,
  readOffset,
  writeOffset,
} from '../model/offset.ts';

/** Of all records of one producer, whatever they are put by. */
export type ProducerName = string;

/** By whom a record is put, and which events may be in it: those of a range of hash keys. */
export interface Plan {
  readonly producer: ProducerName;
  readonly planned: HashRange;
}

/** What the events of a record have in common. */
export interface Stamp extends Plan {
  /** The last offset of the record before it, which was stored by then: in between the source holds nothing of the range. Absent in the first. */
  readonly after?: Offset;
  /** That of the first line. */
  readonly begin: Offset;
}

/** Where the event of an entry stands in its producer's source: at the offset, so many entries behind `first`. */
export interface ProducerPlace {
  readonly stamp: Stamp;
  readonly offset: Offset;
  /** Index in the record of the first entry with this offset: a line may hold several. */
  readonly first: number;
  /** All that stands on the line. */
  readonly line: string | Uint8Array;
}

const PRODUCER_NAME_LENGTH_MAX = 128;
const PRODUCER_NAME = /^[\w.:/@#-]+$/;

/** What is wrong with a name; undefined where it can be one. */
export function nameProblem(name: string): string | undefined {
  if (name.length === 0) return 'is empty';
  if (name.length > PRODUCER_NAME_LENGTH_MAX) {
    return `has ${name.length} characters, and at most ${PRODUCER_NAME_LENGTH_MAX} are allowed`;
  }
  if (PRODUCER_NAME.test(name)) return undefined;
  return 'may hold letters, digits and . _ : / @ # - only';
}

const STAMP = 'tidemark:producer';
const BEGIN = Buffer.from(`{"${STAMP}":[`);

/**
 * The first line of a record, with its end.
 * @param after the last offset of the record before it; undefined for the first
 */
export function encodeStamp(
  { producer, planned }: Plan,
  after: Offset | undefined,
  offsets: readonly Offset[],
): Buffer {
  const writer = new ByteWriter();
  let [before = 0] = offsets;
  const first = String(before);
  for (let i = 1; i < offsets.length; i += 1) {
    const offset = offsets[i] as Offset;
    writeOffset(writer, offsetStep(before, offset));
    before = offset;
  }
  const steps = Buffer.from(writer.finish()).toString('base64');
  const content = [producer, formatHashRange(planned), String(after ?? ''), first, steps];
  return Buffer.from(`${JSON.stringify({ [STAMP]: content })}\n`);
}

/** What the stamp of a record of one line takes at most, with its end, by the offset of that line. */
export function stampBytesOf(plan: Plan): (first: Offset) => number {
  const withoutOffsets = encodeStamp(plan, undefined, [0]).length - 1;
  // The offset before it has no more digits.
  return (first) => withoutOffsets + 2 * String(first).length;
}

/** What a further line adds to a stamp, at most, beside what base64 rounds up. */
export const stepBytes = (from: Offset, to: Offset): number =>
  (offsetBytes(offsetStep(from, to)) * 4) / 3;

/** What base64 rounds up. */
export const STEPS_PADDING = 4;

/** Cheap: almost no record begins like this. */
export const isStamped = (data: Uint8Array): boolean =>
  data[2] === BEGIN[2] && BEGIN.equals(data.subarray(0, BEGIN.length));

const stampSchema = z.object({
  [STAMP]: z.tuple([
    z.string().min(1).max(PRODUCER_NAME_LENGTH_MAX).regex(PRODUCER_NAME),
    z.string().max(80),
    z.string().max(80),
    z.string().max(80),
    z.base64(),
  ]),
});

export interface Stamped {
  readonly stamp: Stamp;
  /** The offsets of the lines, one after the other; undefined where there are no more. */
  next(): Offset | undefined;
  /** The lines. */
  readonly body: Buffer;
}

const NEWLINE = 0x0a;

/** Undefined where the stamp cannot be read. */
export function readStamp(data: Buffer): Stamped | undefined {
  const end = data.indexOf(NEWLINE);
  if (end === -1) return undefined;
  const parsed = stampSchema.safeParse(parsedJson(data.toString('utf8', 0, end)));
  if (!parsed.success) return undefined;
  const [producer, range, before, first, steps] = parsed.data[STAMP];
  const planned = parseHashRange(range);
  const begin = parseOffset(first);
  if (planned === undefined || planned.start > planned.end || begin === undefined) return undefined;
  const after = before === '' ? undefined : parseOffset(before);
  if (before !== '' && (after === undefined || after >= begin)) return undefined;
  const stamp = { producer, planned, ...(after === undefined ? {} : { after }), begin };
  const reader = new ByteReader(Buffer.from(steps, 'base64'));
  return { stamp, next: offsetsFrom(begin, reader), body: data.subarray(end + 1) };
}

function offsetsFrom(first: Offset, steps: ByteReader): () => Offset | undefined {
  let offset: Offset | undefined;
  return () => {
    if (offset === undefined) {
      offset = first;
      return first;
    }
    const step = stepIn(steps);
    const next = step === undefined ? undefined : offsetAfter(offset, step);
    if (next === undefined || next >= OFFSETS_END) return undefined;
    offset = next;
    return next;
  };
}

/** Undefined where there is none, or a damaged one. */
function stepIn(steps: ByteReader): Offset | undefined {
  try {
    return steps.isAtEnd ? undefined : readOffset(steps);
  } catch {
    return undefined;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
