/** From Lambda's Kinesis event to the engine's batches. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { InvariantViolation } from '../errors.ts';
import { laneName, type ShardId, type StreamName } from '../model/lane.ts';
import { arrivalTime } from '../model/time.ts';
import type { StreamRecord } from '../records/entry.ts';
import type { ShardBatch } from '../runtime/ingest/ingest.ts';
import { logicalName, physicalName } from './contract.ts';

/**
 * The records by stream and shard. Lambda sends one shard's at a time; a merged event is taken apart all the same.
 * Throws InvariantViolation for records of a stream that the job does not read.
 */
export function shardBatches(
  event: KinesisStreamEvent,
  stage: string,
  streams: readonly StreamName[],
): readonly ShardBatch[] {
  const batches = new Map<
    string,
    { stream: StreamName; shard: ShardId; records: StreamRecord[] }
  >();
  for (const record of event.Records) {
    const physical = record.eventSourceARN.slice(record.eventSourceARN.indexOf('/') + 1);
    const stream = logicalName(stage, physical);
    if (stream === undefined || !streams.includes(stream)) {
      const names = streams.map((each) => physicalName(stage, each)).join(', ');
      throw new InvariantViolation(
        `records of stream ${physical} came to a function that reads ${names}: its event source mapping is wrong`,
      );
    }
    const shard = record.eventID.slice(0, record.eventID.indexOf(':'));
    const name = laneName({ stream, shard });
    const batch = batches.get(name) ?? { stream, shard, records: [] };
    batches.set(name, batch);
    batch.records.push({
      sequence: record.kinesis.sequenceNumber,
      arrival: arrivalTime(Math.round(record.kinesis.approximateArrivalTimestamp * 1_000)),
      partitionKey: record.kinesis.partitionKey,
      data: Buffer.from(record.kinesis.data, 'base64'),
    });
  }
  return [...batches.values()];
}
