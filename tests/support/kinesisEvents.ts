/** Lambda's Kinesis events, as an event source mapping sends them. */
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { SHARD } from './engine.ts';
import { bytesOf, type RecordContent, sequenceNumber } from './records.ts';

export interface KinesisEventOptions {
  readonly stream?: string;
  readonly shard?: string;
  readonly first?: number;
  readonly arrivalSeconds?: number;
}

export function kinesisEvent(
  contents: readonly RecordContent[],
  options: KinesisEventOptions = {},
): KinesisStreamEvent {
  const { stream = 'tidemark-test-user-behavior', shard = SHARD, first = 0 } = options;
  const { arrivalSeconds = 1_511_665_200.123 } = options;
  return {
    Records: contents.map((content, i): KinesisStreamRecord => {
      const sequence = sequenceNumber(first + i);
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: `key-${i}`,
          sequenceNumber: sequence,
          data: Buffer.from(bytesOf(content)).toString('base64'),
          approximateArrivalTimestamp: arrivalSeconds,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `${shard}:${sequence}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::123456789012:role/tidemark-test-us-east-1-lambdaRole',
        awsRegion: 'us-east-1',
        eventSourceARN: `arn:aws:kinesis:us-east-1:123456789012:stream/${stream}`,
      };
    }),
  };
}
