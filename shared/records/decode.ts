/**
 * From a record's bytes to entries. A record holds one JSON event or newline-delimited ones, or a Kinesis
 * Producer Library aggregate of such records. Undecodable pieces become entries with a problem, so that
 * each is counted once and the rest of the record goes on.
 *
 * 1. Entries are made as they are asked for: a record of 1 MB may hold half a million of them.
 * 2. What entries there are, and their indexes, follows from the bytes alone: every job, and every look at them, finds the
 *    same ones. Whether a job takes them is decided later.
 * 3. A line may be an envelope with a dead letter that comes back. The letter is read exactly as a record's data is, so what
 *    it gives is what its bytes would give for the first time. An envelope within it is dead: one level, no more.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchRecord, DamagedEntry, Entry, ReadableEntry, StreamRecord } from './entry.ts';
import { decodeRedriven, looksRedriven, type Redriven } from './envelopes.ts';
import { isAggregate, unpackAggregate } from './kpl.ts';

/** A record, or the part of one that entries are read from. */
interface Origin extends Omit<StreamRecord, 'data'>, Pick<Entry, 'hashKey' | 'redriven'> {}

/** The record's entries, in order; at least one. An index counts the entries before it in the record. */
export const decodeRecord = (record: BatchRecord): Iterable<Entry> =>
  'data' in record
    ? entriesIn(record, record.data, 0)
    : entriesOf(entryOfValue(record, 0, record.line, record.value));

const entriesIn = (origin: Origin, data: Uint8Array, first: number): Iterable<Entry> =>
  isAggregate(data) ? entriesOfAggregate(origin, data, first) : entriesOfData(origin, data, first);

function* entriesOfAggregate(origin: Origin, data: Uint8Array, first: number): Iterable<Entry> {
  const unpacked = unpackAggregate(data);
  if ('problem' in unpacked) {
    yield damagedEntry(origin, first, data, unpacked.problem);
    return;
  }
  const { sequence, arrival, redriven } = origin;
  let index = first;
  for (const { partitionKey = origin.partitionKey, hashKey, data: inner } of unpacked.records) {
    const user = { sequence, arrival, partitionKey, hashKey, redriven };
    for (const entry of entriesOfData(user, inner, index)) {
      yield entry;
      index += 1;
    }
  }
}

/** Entries of one piece of data, numbered from `first` on. One that is all of the data is the usual case. */
function entriesOfData(origin: Origin, data: Uint8Array, first: number): Iterable<Entry> {
  if (data.length === 0) {
    return [damagedEntry(origin, first, data, 'the record is empty')];
  }
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!isUtf8(buffer)) return entriesOfBytes(origin, buffer, first);
  const text = buffer.toString('utf8');
  return text.includes('\n') || isBlank(text)
    ? entriesOfText(origin, data, text, first)
    : entriesOf(entryOf(origin, first, text));
}

function* entriesOfText(
  origin: Origin,
  data: Uint8Array,
  text: string,
  first: number,
): Iterable<Entry> {
  let index = first;
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (!isBlank(line)) {
      for (const entry of entriesOf(entryOf(origin, index, line))) {
        yield entry;
        index += 1;
      }
    }
    start = end + 1;
  }
  if (index === first) {
    yield damagedEntry(origin, first, data, 'the record holds only white space');
  }
}

/** The record has invalid UTF-8 somewhere: only the lines that hold it are lost. */
function* entriesOfBytes(origin: Origin, data: Buffer, first: number): Iterable<Entry> {
  let index = first;
  let start = 0;
  while (start < data.length) {
    const newline = data.indexOf(0x0a, start);
    const end = newline === -1 ? data.length : newline;
    const line = data.subarray(start, end);
    const entry = isUtf8(line)
      ? entryOfLine(origin, index, line.toString('utf8'))
      : damagedEntry(origin, index, line, 'the bytes are not UTF-8 text');
    for (const each of entry ? entriesOf(entry) : []) {
      yield each;
      index += 1;
    }
    start = end + 1;
  }
}

/** Undefined where the line is blank. */
const entryOfLine = (origin: Origin, index: number, line: string): Found | undefined =>
  isBlank(line) ? undefined : entryOf(origin, index, line);

const OPEN = '{'.charCodeAt(0);
const CLOSE = '}'.charCodeAt(0);

const isBlank = (line: string): boolean => line.charCodeAt(0) !== OPEN && line.trim() === '';

function entryOf(origin: Origin, index: number, line: string): Found {
  if (!mayBeJson(line)) {
    return damagedEntry(origin, index, line, 'is not JSON: none begins and ends like this');
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return damagedEntry(origin, index, line, `is not JSON: ${reasonOf(error as Error)}`);
  }
  return entryOfValue(origin, index, line, value);
}

const entryOfValue = (origin: Origin, index: number, line: string, value: unknown): Found =>
  typeof value === 'object' && value !== null && looksRedriven(value)
    ? openEnvelope(origin, index, line, value)
    : readableEntry(origin, index, line, value);

/**
 * By the sign that JSON begins with, the one that it ends with; -1 where that may differ. A line of anything else is spared
 * the parser's error, which takes longer than all other work on it: a batch of short lines would take half a minute.
 */
const JSON_ENDS: ReadonlyMap<number, number> = new Map([
  ...['{}', '[]', '""', 'te', 'fe', 'nl'].map(
    (both) => [both.charCodeAt(0), both.charCodeAt(1)] as const,
  ),
  ...[...'-0123456789 \t\r'].map((sign) => [sign.charCodeAt(0), -1] as const),
]);

function mayBeJson(line: string): boolean {
  const first = line.charCodeAt(0);
  const last = line.charCodeAt(line.length - 1);
  if (first === OPEN && last === CLOSE) return true;
  if (line.length === 1) return first >= 0x30 && first <= 0x39;
  const end = JSON_ENDS.get(first);
  if (end === undefined) return false;
  return last === end || end === -1 || last <= 0x20;
}

/** The parser's message without the text that it quotes: that is kept beside the reason anyway. */
function reasonOf({ message }: Error): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return `it is wrong from character ${position} on`;
  return message.includes('end of JSON') ? 'it ends too early' : 'something in it is out of place';
}

function openEnvelope(origin: Origin, index: number, line: string, value: object): Found {
  const letter = decodeRedriven(value);
  if (!letter) {
    return damagedEntry(origin, index, line, 'is a damaged redrive envelope; redrive it again');
  }
  if (origin.redriven) {
    return damagedEntry(origin, index, line, 'is a redrive envelope within another one');
  }
  const { sequence, arrival, partitionKey } = origin;
  const redriven = { ...letter, first: index, envelope: line };
  return { kind: 'envelope', within: { sequence, arrival, partitionKey, redriven } };
}

/** What a line is. */
type Found = Entry | Envelope;

interface Envelope {
  readonly kind: 'envelope';
  readonly within: Origin & { readonly redriven: Redriven };
}

function entriesOf(found: Found): Iterable<Entry> {
  if (!('kind' in found)) return [found];
  const { redriven } = found.within;
  return entriesIn(found.within, redriven.payload, redriven.first);
}

const readableEntry = (
  { sequence, arrival, partitionKey, hashKey, redriven }: Origin,
  index: number,
  raw: string,
  value: unknown,
): ReadableEntry => ({ sequence, index, arrival, partitionKey, raw, value, hashKey, redriven });

const damagedEntry = (
  { sequence, arrival, partitionKey, hashKey, redriven }: Origin,
  index: number,
  raw: string | Uint8Array,
  problem: string,
): DamagedEntry => ({ sequence, index, arrival, partitionKey, raw, problem, hashKey, redriven });
