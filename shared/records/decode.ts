/**
 * From a record's bytes to entries. A record holds one JSON event or newline-delimited ones, or a Kinesis
 * Producer Library aggregate of such records. Undecodable pieces become entries with a problem, so that
 * each is counted once and the rest of the record goes on.
 */
import { isUtf8 } from 'node:buffer';
import type { Entry, StreamRecord } from './entry.ts';
import { isAggregate, unpackAggregate } from './kpl.ts';
import { decodeRedriven, looksRedriven } from './redrive.ts';

/** Appends the record's entries, in order. An index counts the entries before it in the record. */
export function decodeRecord(record: StreamRecord, entries: Entry[]): void {
  const first = entries.length;
  if (!isAggregate(record.data)) {
    appendData(record, record.data, first, entries);
    return;
  }
  const unpacked = unpackAggregate(record.data);
  if ('problem' in unpacked) {
    entries.push(entryWithProblem(record, 0, record.data, unpacked.problem));
    return;
  }
  for (const inner of unpacked.records) {
    const partitionKey = inner.partitionKey || record.partitionKey;
    appendData({ ...record, partitionKey }, inner.data, first, entries);
  }
}

function appendData(record: StreamRecord, data: Uint8Array, first: number, entries: Entry[]): void {
  if (data.length === 0) {
    entries.push(entryWithProblem(record, entries.length - first, data, 'the record is empty'));
    return;
  }
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!isUtf8(buffer)) {
    appendLinesOfBytes(record, buffer, first, entries);
    return;
  }
  const text = buffer.toString('utf8');
  const before = entries.length;
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = start === 0 && end === text.length ? text : text.slice(start, end);
    if (!isBlank(line)) entries.push(entryOf(record, entries.length - first, line));
    start = end + 1;
  }
  if (entries.length === before) {
    entries.push(
      entryWithProblem(record, before - first, data, 'the record holds only white space'),
    );
  }
}

/** The record has invalid UTF-8 somewhere: only the lines that hold it are lost. */
function appendLinesOfBytes(
  record: StreamRecord,
  data: Buffer,
  first: number,
  entries: Entry[],
): void {
  let start = 0;
  while (start < data.length) {
    const newline = data.indexOf(0x0a, start);
    const end = newline === -1 ? data.length : newline;
    const line = data.subarray(start, end);
    const index = entries.length - first;
    if (!isUtf8(line)) {
      entries.push(entryWithProblem(record, index, line, 'the bytes are not UTF-8 text'));
    } else if (!isBlank(line.toString('utf8'))) {
      entries.push(entryOf(record, index, line.toString('utf8')));
    }
    start = end + 1;
  }
}

const isBlank = (line: string): boolean => line.charCodeAt(0) !== 0x7b && line.trim() === '';

function entryOf(record: StreamRecord, index: number, line: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return entryWithProblem(record, index, line, `is not JSON: ${(error as Error).message}`);
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
  } catch (error) {
    const problem = `is still not JSON after a redrive: ${(error as Error).message}`;
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
