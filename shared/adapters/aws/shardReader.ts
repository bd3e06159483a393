/**
 * Looks into a Kinesis shard beside its regular delivery: whether something is left behind a position. It gives no record away,
 * and says 'hasMore' where it cannot tell. Who asks, and what follows from it, is the business of the runtime.
 */
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { InvariantViolation } from '../../errors.ts';
import type { StreamName } from '../../model/lane.ts';
import { comparePositions, compareSequences, type Position } from '../../model/position.ts';
import { arrivalTime } from '../../model/time.ts';
import type { ShardReader, ShardRemainder } from '../../ports/shards.ts';
import { decodeRecord } from '../../records/decode.ts';
import { ANY_FORM, type Reading } from '../../records/forms.ts';
import { engineError } from './failures.ts';
import { listShards } from './shardDirectory.ts';

/** The record that is read already, and one behind it. */
const RECORDS_MAX = 2;
/** Kinesis may answer with nothing many times before it comes to the end of a shard. */
const EMPTY_READS_MAX = 20;

/**
 * A look that comes to no end leaves its iterator to the next one from the same place, so that a long empty stretch keeps
 * no lane waiting for ever.
 * @param physicalNameOf the name of a stream as Kinesis knows it, with its stage.
 * @param readingOf how the records of a stream are read: what is left of one depends on it.
 */
export function kinesisShardReader(
  client: KinesisClient,
  physicalNameOf: (stream: StreamName) => string,
  readingOf: (stream: StreamName) => Reading = () => ANY_FORM,
): ShardReader {
  const leftOff = new Map<string, string>();
  return {
    async look(stream, shard, after) {
      const name = physicalNameOf(stream);
      const description = (await listShards(client, name)).get(shard);
      if (!description) return 'ended';
      const isClosed = description.SequenceNumberRange?.EndingSequenceNumber !== undefined;
      const place = { name, shard, after, isClosed, reading: readingOf(stream) };
      try {
        return await lookFrom(client, place, leftOff);
      } catch (failure) {
        // A machine that slept between two reads: it cannot be told, and the next look begins anew.
        if (isOneOf(failure, ['ExpiredIteratorException'])) {
          leftOff.delete(nameOf(place));
          return 'hasMore';
        }
        throw engineError(failure, `look into shard ${shard} of stream ${name}`, 'read');
      }
    },
  };
}

interface Place {
  readonly name: string;
  readonly shard: string;
  readonly after: Position | undefined;
  /** Known before anything was read: nothing was put since. */
  readonly isClosed: boolean;
  readonly reading: Reading;
}

async function lookFrom(
  client: KinesisClient,
  place: Place,
  leftOff: Map<string, string>,
): Promise<ShardRemainder> {
  const where = nameOf(place);
  let iterator = leftOff.get(where) ?? (await firstIterator(client, place));
  for (let reads = 0; reads < EMPTY_READS_MAX; reads += 1) {
    const reply: GetRecordsCommandOutput = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_MAX }),
    );
    const rest = restIn(reply, place);
    if (rest !== undefined) {
      leftOff.delete(where);
      return rest;
    }
    iterator = reply.NextShardIterator as string;
    // Now, since the next read may be refused: a shard takes five a second.
    leftOff.set(where, iterator);
  }
  return 'hasMore';
}

const nameOf = ({ name, shard, after }: Place): string => JSON.stringify([name, shard, after]);

/** What a reply says of the shard; undefined where only the next one can tell. */
function restIn(
  { Records, NextShardIterator, MillisBehindLatest }: GetRecordsCommandOutput,
  { after, isClosed, reading }: Place,
): ShardRemainder | undefined {
  if ((Records ?? []).some((record) => isBeyond(record, after, reading))) return 'hasMore';
  if (NextShardIterator === undefined || NextShardIterator === null) return 'ended';
  // A closed shard's last record may come with an iterator that leads nowhere.
  if (MillisBehindLatest === 0) return isClosed ? 'ended' : 'drained';
  return undefined;
}

/**
 * At the position, not after it: the record may hold events that are not read yet. Where the record is trimmed, so is
 * everything before it, and the oldest that is left is behind the position.
 */
async function firstIterator(client: KinesisClient, place: Place): Promise<string> {
  const { after } = place;
  if (after === undefined || compareSequences(after.sequence, '0') === 0) {
    return iteratorAt(client, place, { ShardIteratorType: 'TRIM_HORIZON' });
  }
  const type = { ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const };
  try {
    return await iteratorAt(client, place, { ...type, StartingSequenceNumber: after.sequence });
  } catch (failure) {
    // AWS says invalid argument; the embedded server says not found.
    if (!isOneOf(failure, ['InvalidArgumentException', 'ResourceNotFoundException'])) throw failure;
    return iteratorAt(client, place, { ShardIteratorType: 'TRIM_HORIZON' });
  }
}

async function iteratorAt(
  client: KinesisClient,
  { name, shard }: Pick<Place, 'name' | 'shard'>,
  at: Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber'>,
): Promise<string> {
  const command = new GetShardIteratorCommand({ StreamName: name, ShardId: shard, ...at });
  const { ShardIterator } = await client.send(command);
  if (ShardIterator === undefined) throw new InvariantViolation(`no iterator for ${shard}`);
  return ShardIterator;
}

const isOneOf = (failure: unknown, names: readonly string[]): boolean =>
  failure instanceof Error && names.includes(failure.name);

type KinesisRecord = NonNullable<GetRecordsCommandOutput['Records']>[number];

/** Whether the record holds an event behind the position. */
function isBeyond(record: KinesisRecord, after: Position | undefined, reading: Reading): boolean {
  const sequence = record.SequenceNumber ?? '0';
  if (after === undefined || compareSequences(sequence, after.sequence) > 0) return true;
  const arrival = arrivalTime(record.ApproximateArrivalTimestamp?.getTime() ?? 0);
  const { PartitionKey: partitionKey = '', Data: data = new Uint8Array() } = record;
  for (const entry of decodeRecord({ sequence, arrival, partitionKey, data }, reading)) {
    if (comparePositions(entry, after) > 0) return true;
  }
  return false;
}
