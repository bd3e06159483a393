/**
 * From a record's bytes to entries. A record holds one JSON event or newline-delimited ones, or a Kinesis
 * Producer Library aggregate of such records. Undecodable pieces become entries with a problem, so that
 * each is counted once and the rest of the record goes on.
 *
 * Entries are made as they are asked for: a record of 1 MB may hold half a million of them.
 */
import { isUtf8 } from 'node:buffer';
import type { Entry, StreamRecord } from './entry.ts';
import { isAggregate, unpackAggregate } from './kpl.ts';
import { decodeRedriven, looksRedriven } from './redrive.ts';

/** The longest partition key that Kinesis takes, in characters. */
const PARTITION_KEY_LENGTH_MAX = 256;

/** The record's entries, in order; at least one. An index counts the entries before it in the record. */
export function decodeRecord(record: StreamRecord): Iterable<Entry> {
  return isAggregate(record.data)
    ? entriesOfAggregate(record)
    : entriesOfData(record, record.data, 0);
}

function* entriesOfAggregate(record: StreamRecord): Iterable<Entry> {
  const unpacked = unpackAggregate(record.data);
  if ('problem' in unpacked) {
    yield entryWithProblem(record, 0, record.data, unpacked.problem);
    return;
  }
  let index = 0;
  for (const inner of unpacked.records) {
    const partitionKey = isPartitionKey(inner.partitionKey)
      ? inner.partitionKey
      : record.partitionKey;
    for (const entry of entriesOfData({ ...record, partitionKey }, inner.data, index)) {
      yield entry;
      index += 1;
    }
  }
}

/** What stands in an aggregate was checked by nobody. A key of 1 MB would be stored with each of its events. */
const isPartitionKey = (key: string): boolean =>
  key.length > 0 && key.length <= PARTITION_KEY_LENGTH_MAX;

/** Entries of one piece of data, numbered from `first` on. One that is all of the data is the usual case. */
function entriesOfData(record: StreamRecord, data: Uint8Array, first: number): Iterable<Entry> {
  if (data.length === 0) {
    return [entryWithProblem(record, first, data, 'the record is empty')];
  }
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!isUtf8(buffer)) return entriesOfBytes(record, buffer, first);
  const text = buffer.toString('utf8');
  return text.includes('\n') || isBlank(text)
    ? entriesOfText(record, data, text, first)
    : [entryOf(record, first, text)];
}

function* entriesOfText(
  record: StreamRecord,
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
      yield entryOf(record, index, line);
      index += 1;
    }
    start = end + 1;
  }
  if (index === first) {
    yield entryWithProblem(record, first, data, 'the record holds only white space');
  }
}

/** The record has invalid UTF-8 somewhere: only the lines that hold it are lost. */
function* entriesOfBytes(record: StreamRecord, data: Buffer, first: number): Iterable<Entry> {
  let index = first;
  let start = 0;
  while (start < data.length) {
    const newline = data.indexOf(0x0a, start);
    const end = newline === -1 ? data.length : newline;
    const line = data.subarray(start, end);
    const entry = isUtf8(line)
      ? entryOfLine(record, index, line.toString('utf8'))
      : entryWithProblem(record, index, line, 'the bytes are not UTF-8 text');
    if (entry) {
      yield entry;
      index += 1;
    }
    start = end + 1;
  }
}

/** Undefined where the line is blank. */
const entryOfLine = (record: StreamRecord, index: number, line: string): Entry | undefined =>
  isBlank(line) ? undefined : entryOf(record, index, line);

const isBlank = (line: string): boolean => line.charCodeAt(0) !== 0x7b && line.trim() === '';

function entryOf(record: StreamRecord, index: number, line: string): Entry {
  if (!mayBeJson(line)) {
    return entryWithProblem(record, index, line, 'is not JSON: none begins and ends like this');
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return entryWithProblem(record, index, line, `is not JSON: ${reasonOf(error as Error)}`);
  }
  if (typeof value === 'object' && value !== null && looksRedriven(value)) {
    return redrivenEntry(record, index, line, value);
  }
  return {
    sequence: record.sequence,
    index,
    arrival: record.arrival,
    partitionKey: record.partitionKey,
    raw: line,
    value,
  };
}

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
  if (line.length === 1) return first >= 0x30 && first <= 0x39;
  const end = JSON_ENDS.get(first);
  if (end === undefined) return false;
  const last = line.charCodeAt(line.length - 1);
  return last === end || end === -1 || last <= 0x20;
}

/** The parser's message without the text that it quotes: that is kept beside the reason anyway. */
function reasonOf({ message }: Error): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return `it is wrong from character ${position} on`;
  return message.includes('end of JSON') ? 'it ends too early' : 'something in it is out of place';
}

function redrivenEntry(record: StreamRecord, index: number, line: string, value: object): Entry {
  const redriven = decodeRedriven(value);
  if (!redriven) {
    return entryWithProblem(record, index, line, 'is a damaged redrive envelope; redrive it again');
  }
  const { origin, raw } = redriven;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    const { sequence, arrival, partitionKey } = record;
    return {
      sequence,
      index,
      arrival,
      partitionKey,
      raw: text,
      value: JSON.parse(text),
      redriven: origin,
    };
  } catch {
    const problem = 'is still not JSON after a redrive';
    return { ...entryWithProblem(record, index, raw, problem), redriven: origin };
  }
}

function entryWithProblem(
  record: StreamRecord,
  index: number,
  raw: string | Uint8Array,
  problem: string,
): Entry {
  return {
    sequence: record.sequence,
    index,
    arrival: record.arrival,
    partitionKey: record.partitionKey,
    raw,
    value: undefined,
    problem,
  };
}
