/**
 * A Kinesis stream as a shard source. Reads are addressed by position, so two mappings that read the same
 * shard share what was read lately; iterators stay in here.
 */
import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  type KinesisClient,
  ListShardsCommand,
  ResourceNotFoundException,
  type Shard,
} from '@aws-sdk/client-kinesis';
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';
import type { ShardRead, ShardSource, SourceRecord, SourceShard } from './shardSource.ts';

/** Reads kept for another mapping that follows closely, per stream. */
const READS_KEPT_MAX = 16;

export function kinesisSource(client: KinesisClient, streamName: string): ShardSource {
  const reads = new Map<string, Promise<ShardRead>>();
  const iterators = new Map<string, string>();

  async function readAfter(shard: ShardId, after: SequenceNumber | undefined): Promise<ShardRead> {
    const place = placeOf(shard, after);
    const iterator =
      iterators.get(place) ?? (await iteratorAfter(client, streamName, shard, after));
    iterators.delete(place);
    const reply = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    const records = (reply.Records ?? []).map(
      (record): SourceRecord => ({
        sequence: record.SequenceNumber ?? '',
        partitionKey: record.PartitionKey ?? '',
        arrivalSeconds: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1_000,
        data: record.Data ?? new Uint8Array(),
      }),
    );
    const next = reply.NextShardIterator;
    if (next === undefined) return { records, state: 'ended' };
    iterators.set(placeOf(shard, records.at(-1)?.sequence ?? after), next);
    return { records, state: reply.MillisBehindLatest === 0 ? 'atTip' : 'more' };
  }

  return {
    listShards: () => listShards(client, streamName),
    async read(shard, after) {
      const place = placeOf(shard, after);
      const known = reads.get(place);
      if (known) return known;
      const reading = readAfter(shard, after).catch((error) => {
        // Iterators live for five minutes; the next try takes a fresh one.
        if (error instanceof ExpiredIteratorException)
          return { records: [], state: 'more' as const };
        throw error;
      });
      reads.set(place, reading);
      forgetOldest(reads, READS_KEPT_MAX);
      try {
        const read = await reading;
        if (read.records.length === 0) reads.delete(place);
        return read;
      } catch (error) {
        reads.delete(place);
        throw error;
      }
    },
  };
}

const placeOf = (shard: ShardId, after: SequenceNumber | undefined): string =>
  `${shard}/${after ?? 'oldest'}`;

function forgetOldest(reads: Map<string, unknown>, keep: number): void {
  for (const place of reads.keys()) {
    if (reads.size <= keep) return;
    reads.delete(place);
  }
}

/**
 * A position that the server does not know (it lost the record, or trimmed it) means the oldest record:
 * reading again what was processed changes nothing.
 */
async function iteratorAfter(
  client: KinesisClient,
  streamName: string,
  shard: ShardId,
  after: SequenceNumber | undefined,
): Promise<string> {
  const place = { StreamName: streamName, ShardId: shard };
  const oldest = () =>
    client.send(new GetShardIteratorCommand({ ...place, ShardIteratorType: 'TRIM_HORIZON' }));
  const following = (sequence: SequenceNumber) =>
    client.send(
      new GetShardIteratorCommand({
        ...place,
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: sequence,
      }),
    );
  const reply = await (after === undefined
    ? oldest()
    : following(after).catch((error) => {
        if (isUnknownPosition(error)) return oldest();
        throw error;
      }));
  return reply.ShardIterator ?? '';
}

/** AWS says invalid argument; the embedded server says not found. */
const isUnknownPosition = (error: unknown): boolean =>
  error instanceof InvalidArgumentException || error instanceof ResourceNotFoundException;

async function listShards(client: KinesisClient, streamName: string): Promise<SourceShard[]> {
  const shards: Shard[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListShardsCommand(next ? { NextToken: next } : { StreamName: streamName }),
    );
    shards.push(...(page.Shards ?? []));
    next = page.NextToken;
  } while (next !== undefined);
  return shards.map((each) => ({
    shard: each.ShardId ?? '',
    parents: [each.ParentShardId, each.AdjacentParentShardId].filter((id) => id !== undefined),
  }));
}
