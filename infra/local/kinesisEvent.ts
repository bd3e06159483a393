/** Records as Lambda hands them to a function. */
import type { KinesisStreamEvent } from 'aws-lambda';
import type { ShardId } from '../../shared/model/lane.ts';
import type { SourceRecord } from './shardSource.ts';

const ACCOUNT = '000000000000';

/** Everything in a record of the event but its data and partition key, in bytes of JSON. */
const ENVELOPE_BYTES = 480;

/** What a record adds to the invocation's payload. */
export const payloadBytesOf = (record: SourceRecord): number =>
  ENVELOPE_BYTES + record.partitionKey.length + 4 * Math.ceil(record.data.length / 3);

export function kinesisEvent(
  records: readonly SourceRecord[],
  from: { region: string; streamName: string; shard: ShardId },
): KinesisStreamEvent {
  const eventSourceARN = `arn:aws:kinesis:${from.region}:${ACCOUNT}:stream/${from.streamName}`;
  return {
    Records: records.map(({ sequence, partitionKey, arrivalSeconds, data }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
        approximateArrivalTimestamp: arrivalSeconds,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${from.shard}:${sequence}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${ACCOUNT}:role/tidemark`,
      awsRegion: from.region,
      eventSourceARN,
    })),
  };
}
