/**
 * From a record's bytes to entries. Undecodable pieces become entries with a problem, so that each is counted once and the rest
 * of the record goes on. What data may be is tried in this order; a source's declaration can only leave something out:
 *
 * - an aggregate of the Kinesis Producer Library, whose records are data each;
 * - a named producer's stamp and, a line each, the data that it put (`stamped.ts`);
 * - what the source's own `decode` reads;
 * - gzip and zlib, once: what is inside is text;
 * - text: a JSON text a line, or one over several lines. A byte order mark in front is no part of it;
 * - a JSON text: a redrive envelope, whose letter is data; an envelope of CloudWatch Logs, whose messages are texts; an array
 *   of events; an event. What is none of these may be objects one behind the other, which are JSON texts each.
 *
 * 1. Entries are made as they are asked for: a record of 1 MB may hold half a million of them.
 * 2. What entries there are, at least one, and their indexes, follows from the bytes and the source's declaration alone: every
 *    look at them finds the same ones. Whether a job takes them is decided later.
 * 3. A line may be an envelope with a dead letter that comes back. The letter is read exactly as a record's data is, so what
 *    it gives is what its bytes would give for the first time. An envelope within it is dead: one level, no more.
 * 4. A payload that holds no events of a form that is read is one dead letter, as it came, which says what it looks like.
 */
import { isUtf8 } from 'node:buffer';
import { type Compression, compressionOf, inflate } from './compressed.ts';
import { decodeAs } from './decodeAs.ts';
import type { BatchRecord, Entry } from './entry.ts';
import { ANY_FORM, type Effort, type Reading } from './forms.ts';
import { isAggregate, unpackAggregate } from './kpl.ts';
import { binaryLook, contentLook, hasJsonLines, isJsonLike } from './looksLike.ts';
import { damagedEntry, type Origin } from './origin.ts';
import { isStamped } from './stamp.ts';
import { entriesOfStamped } from './stamped.ts';
import { entriesOfLinesOfBytes, entriesOfText, entriesOfValue } from './texts.ts';

/**
 * The record's entries, in order; at least one. An index counts the entries before it in the record.
 * @param effort what reading takes is added here, as it is taken
 */
export function decodeRecord(
  record: BatchRecord,
  reading: Reading = ANY_FORM,
  effort: Effort = { inflated: 0 },
): Iterable<Entry> {
  const { sequence, arrival, partitionKey } = record;
  const decoding = { reading, effort, entriesIn };
  const origin: Origin = {
    sequence,
    arrival,
    partitionKey,
    hashKey: undefined,
    redriven: undefined,
    produced: undefined,
    inside: undefined,
    decoding,
  };
  if ('data' in record) return entriesIn(origin, record.data, 0);
  return reading.decode
    ? entriesIn(origin, Buffer.from(record.line), 0)
    : entriesOfValue(origin, record.line, record.value);
}

function entriesIn(origin: Origin, data: Uint8Array, first: number): Iterable<Entry> {
  if (isAggregate(data)) return entriesOfAggregate(origin, data, first);
  if (isStamped(data)) return entriesOfStamped(origin, data, first, entriesOfData);
  return entriesOfData(origin, data, first);
}

function* entriesOfAggregate(origin: Origin, data: Uint8Array, first: number): Iterable<Entry> {
  const unpacked = unpackAggregate(data);
  if ('problem' in unpacked) {
    yield damagedEntry(origin, first, data, unpacked.problem);
    return;
  }
  const { sequence, arrival, redriven, produced, inside, decoding } = origin;
  let index = first;
  for (const { partitionKey = origin.partitionKey, hashKey, data: inner } of unpacked.records) {
    const user = { sequence, arrival, partitionKey, hashKey, redriven, produced, inside, decoding };
    for (const entry of entriesOfData(user, inner, index)) {
      yield entry;
      index += 1;
    }
  }
}

/** Entries of one piece of data, numbered from `first` on. */
function entriesOfData(origin: Origin, data: Uint8Array, first: number): Iterable<Entry> {
  if (data.length === 0) {
    return [damagedEntry(origin, first, data, 'the record is empty')];
  }
  const decoded = origin.decoding.reading.decode && decodeAs(origin, data, first);
  if (decoded) return decoded;
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const compression = compressionOf(buffer);
  return (
    (compression && entriesOfCompressed(origin, compression, buffer, first)) ??
    entriesOfBytes(origin, buffer, first)
  );
}

/** Undefined where two bytes were chance, and the data may still hold events. */
function entriesOfCompressed(
  origin: Origin,
  form: Compression,
  payload: Buffer,
  first: number,
): Iterable<Entry> | undefined {
  const inflated = inflate(form, payload);
  const dead = (what: string) => [damagedEntry(origin, first, payload, `is ${form} ${what}`)];
  if ('problem' in inflated) {
    const isChance = form === 'zlib' && (isUtf8(payload) || hasJsonLines(payload));
    return isChance ? undefined : dead(inflated.problem);
  }
  const { content } = inflated;
  origin.decoding.effort.inflated += content.length;
  const isTaken = origin.decoding.reading.forms.has(form) && isJsonLike(content);
  if (!isTaken) return dead(`of ${contentLook(content)}`);
  const inside = { form, payload, length: content.length };
  return entriesOfBytes({ ...origin, inside }, content, first);
}

/** One that is all of the data is the usual case. */
function entriesOfBytes(origin: Origin, data: Buffer, first: number): Iterable<Entry> {
  if (isUtf8(data)) return entriesOfText(origin, data, data.toString('utf8'), first);
  const look = binaryLook(data);
  if (look === undefined) return entriesOfLinesOfBytes(origin, data, first);
  return [
    damagedEntry(origin, first, data, `the bytes are not UTF-8 text: they look like ${look}`),
  ];
}
