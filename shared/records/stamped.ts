/**
 * From a named producer's record to entries: what stands on each line behind the stamp is read as a record's data are, and says where
 * it stands in the producer's source.
 *
 * 1. A line has one offset, whatever is read from it. An entry's place is that offset and how many entries with it came before.
 * 2. A line whose offset is not behind that of the line before it, or that has none, is dead: its producer is broken. It has a place
 *    all the same, so a copy of it is known as one.
 * 3. A stamp that cannot be read makes one dead letter of the record, as it came: which events are copies could not be told.
 * 4. Within a dead letter that came back, offsets say nothing: whether it comes in is decided for all of it.
 */
import { isUtf8 } from 'node:buffer';
import type { Offset } from '../model/offset.ts';
import type { Entry } from './entry.ts';
import { isBlank } from './jsonText.ts';
import { damagedEntry, type Origin } from './origin.ts';
import { type ProducerPlace, readStamp, type Stamp } from './stamp.ts';
import { entriesOfText } from './texts.ts';

const UNREADABLE =
  "begins with a producer's stamp that cannot be read, so which of its events are copies cannot be told";

type EntriesOfData = (origin: Origin, data: Uint8Array, first: number) => Iterable<Entry>;

export function* entriesOfStamped(
  origin: Origin,
  data: Uint8Array,
  first: number,
  entriesOfData: EntriesOfData,
): Iterable<Entry> {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const stamped = readStamp(buffer);
  if (!stamped) {
    yield damagedEntry(origin, first, data, UNREADABLE);
    return;
  }
  const places = new Places(stamped.stamp, first);
  const isText = origin.decoding.reading.decode === undefined && isUtf8(stamped.body);
  const lines = isText ? linesOfText(stamped.body) : linesOfBytes(stamped.body);
  let index = first;
  for (const line of lines) {
    const problem = places.open(stamped.next(), index, line);
    const within = origin.redriven ? origin : { ...origin, produced: places.current };
    for (const entry of entriesOfLine(within, line, index, problem)) {
      yield entry;
      index += 1;
    }
  }
  if (index === first) yield damagedEntry(origin, first, data, 'the record holds no events');

  function entriesOfLine(
    within: Origin,
    line: string | Uint8Array,
    at: number,
    problem: string | undefined,
  ): Iterable<Entry> {
    if (problem) return [damagedEntry(within, at, line, problem)];
    return typeof line === 'string'
      ? entriesOfText(within, line, line, at)
      : entriesOfData(within, line, at);
  }
}

/** The places of a record's lines, one after the other. */
class Places {
  current: ProducerPlace | undefined;
  readonly #stamp: Stamp;
  readonly #first: number;

  constructor(stamp: Stamp, first: number) {
    this.#stamp = stamp;
    this.#first = first;
  }

  /** Moves on to the next line; gives why it cannot be one. */
  open(offset: Offset | undefined, index: number, line: string | Uint8Array): string | undefined {
    const before = this.current;
    if (offset !== undefined && (before === undefined || offset > before.offset)) {
      this.current = { stamp: this.#stamp, offset, first: index, line };
      return undefined;
    }
    const { offset: last = this.#stamp.begin, first = this.#first } = before ?? {};
    this.current = { stamp: this.#stamp, offset: last, first, line };
    return offset === undefined
      ? 'has no offset, and others in its record have: its producer is broken'
      : `has the offset ${offset}, and so has the line before it: its producer is broken`;
  }
}

/** Blank ones left out. */
function* linesOfText(body: Buffer): Generator<string> {
  const text = body.toString('utf8');
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (!isBlank(line)) yield line;
    start = end + 1;
  }
}

/** The same. */
function* linesOfBytes(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.length : newline;
    const line = body.subarray(start, end);
    if (!(isUtf8(line) && isBlank(line.toString('utf8')))) yield line;
    start = end + 1;
  }
}
