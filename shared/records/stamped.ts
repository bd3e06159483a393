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
import { linesOfBytes, linesOfText } from './lines.ts';
import { damagedEntry, type Origin } from './origin.ts';
import { type ProducerPlace, readStamp, type Stamp } from './stamp.ts';
import { entriesOfLine } from './texts.ts';

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
  // One for all lines: nothing keeps it, and a line's entries are all asked for before the next line's.
  const within: { -readonly [Name in keyof Origin]: Origin[Name] } = { ...origin };
  let index = first;
  for (const line of linesOf(stamped.body, origin.decoding)) {
    const problem = places.open(stamped.next(), index, line);
    if (!origin.redriven) within.produced = places.current;
    const entries = problem
      ? [damagedEntry(within, index, line, problem)]
      : typeof line === 'string'
        ? entriesOfLine(within, index, line)
        : entriesOfData(within, line, index);
    for (const entry of entries) {
      yield entry;
      index += 1;
    }
  }
  if (index === first) yield damagedEntry(origin, first, data, 'the record holds no events');
}

/** As bytes all of them where the source reads those itself. */
function linesOf(body: Buffer, { reading }: Origin['decoding']): Iterable<string | Buffer> {
  if (reading.decode) return asBytes(linesOfBytes(body));
  return isUtf8(body) ? linesOfText(body.toString('utf8')) : linesOfBytes(body);
}

function* asBytes(lines: Iterable<string | Buffer>): Generator<Buffer> {
  for (const line of lines) yield typeof line === 'string' ? Buffer.from(line) : line;
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
