/** Looks into a Kinesis shard beside its regular delivery. */
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { InvariantViolation } from '../../errors.ts';
import type { StreamName } from '../../model/lane.ts';
import { comparePositions, compareSequences, type Position } from '../../model/position.ts';
import { arrivalTime } from '../../model/time.ts';
import type { ShardReader, ShardRest } from '../../ports/shardReader.ts';
import { decodeRecord } from '../../records/decode.ts';
import type { Entry } from '../../records/entry.ts';
import { engineError } from './failures.ts';
import { listShards } from './shardDirectory.ts';

/** The record that is read already, and one behind it. */
const RECORDS_MAX = 2;
/** Kinesis may answer with nothing many times before it comes to the end of a shard. */
const EMPTY_READS_MAX = 20;

/** @param physicalNameOf the name of a stream as Kinesis knows it, with its stage. */
export function kinesisShardReader(
  client: KinesisClient,
  physicalNameOf: (stream: StreamName) => string,
): ShardReader {
  return {
    async look(stream, shard, after) {
      const name = physicalNameOf(stream);
      const shards = await listShards(client, name);
      if (!shards.has(shard)) return 'ended';
      const what = `look into shard ${shard} of stream ${name}`;
      try {
        return await lookFrom(client, { name, shard, after });
      } catch (failure) {
        // The record at the position has been trimmed, or an iterator has expired: it cannot be told.
        if (isForgotten(failure)) return 'hasMore';
        throw engineError(failure, what, 'read');
      }
    },
  };
}

const FORGOTTEN: readonly string[] = [
  'ResourceNotFoundException',
  'InvalidArgumentException',
  'ExpiredIteratorException',
];

const isForgotten = (failure: unknown): boolean =>
  failure instanceof Error && FORGOTTEN.includes(failure.name);

interface Place {
  readonly name: string;
  readonly shard: string;
  readonly after: Position | undefined;
}

async function lookFrom(client: KinesisClient, place: Place): Promise<ShardRest> {
  let iterator = await firstIterator(client, place);
  for (let reads = 0; reads < EMPTY_READS_MAX; reads += 1) {
    const reply: GetRecordsCommandOutput = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_MAX }),
    );
    if ((reply.Records ?? []).some((record) => isBeyond(record, place.after))) return 'hasMore';
    if (reply.NextShardIterator === undefined || reply.NextShardIterator === null) return 'ended';
    if (reply.MillisBehindLatest === 0) return 'drained';
    iterator = reply.NextShardIterator;
  }
  return 'hasMore';
}

/** At the position, not after it: the record may hold events that are not read yet. */
async function firstIterator(
  client: KinesisClient,
  { name, shard, after }: Place,
): Promise<string> {
  const isNothing = after === undefined || compareSequences(after.sequence, '0') === 0;
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: name,
      ShardId: shard,
      ...(isNothing
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : {
            ShardIteratorType: 'AT_SEQUENCE_NUMBER',
            StartingSequenceNumber: after.sequence,
          }),
    }),
  );
  if (ShardIterator === undefined) throw new InvariantViolation(`no iterator for ${shard}`);
  return ShardIterator;
}

type KinesisRecord = NonNullable<GetRecordsCommandOutput['Records']>[number];

/** Whether the record holds an event behind the position. */
function isBeyond(record: KinesisRecord, after: Position | undefined): boolean {
  const sequence = record.SequenceNumber ?? '0';
  if (after === undefined || compareSequences(sequence, after.sequence) > 0) return true;
  const entries: Entry[] = [];
  const arrival = arrivalTime(record.ApproximateArrivalTimestamp?.getTime() ?? 0);
  const { PartitionKey: partitionKey = '', Data: data = new Uint8Array() } = record;
  decodeRecord({ sequence, arrival, partitionKey, data }, entries);
  return entries.some((entry) => comparePositions(entry, after) > 0);
}
