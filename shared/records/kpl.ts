/**
 * The Kinesis Producer Library's aggregated record format: magic F3 89 9A C2, a protobuf message, and an
 * MD5 of the message. Source: "KPL Aggregated Record Format" in the amazon-kinesis-producer repository.
 *
 * AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2;
 *                    repeated Record records = 3; }
 * Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2;
 *          required bytes data = 3; repeated Tag tags = 4; }
 *
 * 1. Whatever encoding of this a protobuf writer may choose is read: fields in any order, unknown ones of any wire type,
 *    groups among them, varints longer than they need be; of a field that should come once, the last one counts.
 * 2. The message is walked twice: once to see that it is one and where its keys are, then as its records are asked for.
 *    So a record of half a million events costs no more memory than its keys' places.
 */
import { createHash } from 'node:crypto';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { hashKeyOf, parseHashKey } from '../model/hashRange.ts';

export interface UserRecord {
  /** Undefined where the message names none, or one that Kinesis would not take. */
  readonly partitionKey: string | undefined;
  /** By which its producer chose the shard: its explicit hash key, else its partition key's. */
  readonly hashKey: HashKey | undefined;
  readonly data: Uint8Array;
}

/** Computed when it is asked for: an MD5 for each event would cost as much as reading it. */
export type HashKey = () => bigint;

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;
const DIGEST_LENGTH = 16;
/** The longest partition key that Kinesis takes, in characters. */
const PARTITION_KEY_LENGTH_MAX = 256;

export const isAggregate = (data: Uint8Array): boolean =>
  data[0] === MAGIC[0] && MAGIC.every((byte, i) => data[i] === byte);

/** The user records, in order, or why the aggregate cannot be read. */
export function unpackAggregate(
  data: Uint8Array,
): { records: Iterable<UserRecord> } | { problem: string } {
  if (data.length < MAGIC.length + DIGEST_LENGTH) {
    return { problem: 'the aggregated record is cut short' };
  }
  const message = data.subarray(MAGIC.length, data.length - DIGEST_LENGTH);
  const digest = data.subarray(data.length - DIGEST_LENGTH);
  if (!createHash('md5').update(message).digest().equals(digest)) {
    return { problem: "the aggregated record's MD5 does not match its content" };
  }
  const survey = surveyOf(message);
  if (!survey) {
    return { problem: 'the aggregated record is not the protobuf message it should be' };
  }
  if (survey.records === 0) return { problem: 'the aggregated record holds no events' };
  return { records: userRecords(message, survey) };
}

/** Where the message's keys are. */
interface Survey {
  readonly partitionKeys: KeyTable;
  readonly explicitHashKeys: KeyTable;
  readonly records: number;
}

/** Undefined where some of the message cannot be read. */
function surveyOf(message: Uint8Array): Survey | undefined {
  const partitionKeys = new KeyTable(message);
  const explicitHashKeys = new KeyTable(message);
  let records = 0;
  try {
    for (const part of partsOf(message)) {
      if (part.kind === 'partitionKey') partitionKeys.add(part);
      else if (part.kind === 'explicitHashKey') explicitHashKeys.add(part);
      else records += 1;
    }
  } catch {
    return undefined;
  }
  return { partitionKeys, explicitHashKeys, records };
}

function* userRecords(message: Uint8Array, survey: Survey): Generator<UserRecord> {
  const keys = new Keys(survey);
  for (const part of partsOf(message)) {
    if (part.kind === 'record') yield { ...keys.of(part), data: part.data };
  }
}

interface KeyPlace {
  readonly kind: 'partitionKey' | 'explicitHashKey';
  readonly start: number;
  readonly end: number;
}

interface RecordPart {
  readonly kind: 'record';
  partitionKeyIndex?: number;
  explicitHashKeyIndex?: number;
  data: Uint8Array;
}

const NO_DATA = new Uint8Array();
const KEY_FIELDS: ReadonlyMap<number, KeyPlace['kind']> = new Map([
  [1, 'partitionKey'],
  [2, 'explicitHashKey'],
]);
const RECORDS_FIELD = 3;

/** What the message consists of, unknown fields apart. Throws where it is no protobuf message. */
function* partsOf(message: Uint8Array): Generator<KeyPlace | RecordPart> {
  const reader = new BinaryReader(message);
  while (reader.pos < message.length) {
    const { field, wireType } = readTag(reader);
    const kind = wireType === WireType.LengthDelimited ? KEY_FIELDS.get(field) : undefined;
    if (kind !== undefined) {
      const { length } = reader.bytes();
      yield { kind, start: reader.pos - length, end: reader.pos };
    } else if (field === RECORDS_FIELD && wireType === WireType.LengthDelimited) {
      yield readRecord(reader);
    } else skipField(reader, field, wireType);
  }
}

function readRecord(reader: BinaryReader): RecordPart {
  const record: RecordPart = { kind: 'record', data: NO_DATA };
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) {
    const { field, wireType } = readTag(reader);
    if (field === 1 && wireType === WireType.Varint) {
      record.partitionKeyIndex = Number(reader.uint64());
    } else if (field === 2 && wireType === WireType.Varint) {
      record.explicitHashKeyIndex = Number(reader.uint64());
    } else if (field === 3 && wireType === WireType.LengthDelimited) record.data = reader.bytes();
    else skipField(reader, field, wireType);
  }
  if (reader.pos !== end) throw new RangeError('a field runs over the end of its record');
  return record;
}

/** The reader's own `tag` refuses varints that are longer than they need be. */
function readTag(reader: BinaryReader): { field: number; wireType: WireType } {
  const tag = reader.uint32();
  const field = tag >>> 3;
  if (field === 0) throw new RangeError('there is no field 0');
  return { field, wireType: tag & 7 };
}

/** The reader's own `skip` goes into groups by recursion; a group in a group costs two bytes. */
function skipField(reader: BinaryReader, field: number, wireType: WireType): void {
  if (wireType !== WireType.StartGroup) {
    reader.skip(wireType, field);
    return;
  }
  const open = [field];
  while (open.length > 0) {
    const inner = readTag(reader);
    if (inner.wireType === WireType.StartGroup) open.push(inner.field);
    else if (inner.wireType !== WireType.EndGroup) reader.skip(inner.wireType, inner.field);
    else if (open.pop() !== inner.field) throw new RangeError('a group ends that did not begin');
  }
}

/** A table of the message, by the places of its keys: there may be as many as bytes, and most records name a few. */
class KeyTable {
  readonly #message: Uint8Array;
  readonly #places: number[] = [];

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  add({ start, end }: KeyPlace): void {
    this.#places.push(start, end);
  }

  at(index: number | undefined): string | undefined {
    if (index === undefined || index >= this.#places.length / 2) return undefined;
    const [start, end] = this.#places.slice(2 * index, 2 * index + 2);
    return Buffer.from(this.#message.subarray(start, end)).toString('utf8');
  }
}

type RecordKeys = Pick<UserRecord, 'partitionKey' | 'hashKey'>;

const NO_KEYS: RecordKeys = { partitionKey: undefined, hashKey: undefined };
/** Pairs of keys that are remembered, so that events of one key share its hash. */
const REMEMBERED_MAX = 4_096;

/** The keys of records, by the indexes that they name. */
class Keys {
  readonly #survey: Survey;
  readonly #remembered = new Map<string, RecordKeys>();

  constructor(survey: Survey) {
    this.#survey = survey;
  }

  of({ partitionKeyIndex, explicitHashKeyIndex }: RecordPart): RecordKeys {
    const name = `${partitionKeyIndex}/${explicitHashKeyIndex}`;
    const remembered = this.#remembered.get(name);
    if (remembered) return remembered;
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    const { partitionKeys, explicitHashKeys } = this.#survey;
    const explicit = explicitHashKeys.at(explicitHashKeyIndex);
    const keys = keysOf(partitionKeys.at(partitionKeyIndex), explicit);
    this.#remembered.set(name, keys);
    return keys;
  }
}

/** What Kinesis would refuse says nothing about where a record belongs. */
function keysOf(partitionKey: string | undefined, explicit: string | undefined): RecordKeys {
  if (!partitionKey || partitionKey.length > PARTITION_KEY_LENGTH_MAX) return NO_KEYS;
  const explicitHashKey = explicit === undefined ? undefined : parseHashKey(explicit);
  let hashKey = explicitHashKey;
  return {
    partitionKey,
    hashKey: () => {
      hashKey ??= hashKeyOf(partitionKey);
      return hashKey;
    },
  };
}
