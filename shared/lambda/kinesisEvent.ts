/** From Lambda's Kinesis event to the engine's batches. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { InvariantViolation } from '../errors.ts';
import type { StreamName } from '../model/lane.ts';
import { arrivalTime } from '../model/time.ts';
import type { StreamRecord } from '../records/entry.ts';
import type { ShardBatch } from '../runtime/ingest.ts';
import { logicalName, physicalName } from './names.ts';

/**
 * The records by shard. Lambda sends one shard's at a time; a merged event is taken apart all the same.
 * Throws InvariantViolation for records of any other stream: they would be counted as this stream's.
 */
export function shardBatches(
  event: KinesisStreamEvent,
  stage: string,
  stream: StreamName,
): readonly ShardBatch[] {
  const byShard = new Map<string, StreamRecord[]>();
  for (const record of event.Records) {
    const physical = record.eventSourceARN.slice(record.eventSourceARN.indexOf('/') + 1);
    if (logicalName(stage, physical) !== stream) {
      throw new InvariantViolation(
        `records of stream ${physical} came to a function that reads ${physicalName(stage, stream)}: its event source mapping is wrong`,
      );
    }
    const shard = record.eventID.slice(0, record.eventID.indexOf(':'));
    const records = byShard.get(shard) ?? [];
    byShard.set(shard, records);
    records.push({
      sequence: record.kinesis.sequenceNumber,
      arrival: arrivalTime(Math.round(record.kinesis.approximateArrivalTimestamp * 1_000)),
      partitionKey: record.kinesis.partitionKey,
      data: Buffer.from(record.kinesis.data, 'base64'),
    });
  }
  return [...byShard].map(([shard, records]) => ({ stream, shard, records }));
}
