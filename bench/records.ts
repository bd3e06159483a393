/** Realistic records: sequence numbers of 56 digits, AWS's shard names, Lambda's event object. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { physicalName } from '../shared/lambda/names.ts';
import { arrivalTime } from '../shared/model/time.ts';
import type { StreamRecord } from '../shared/records/entry.ts';
import { type BenchEvent, lineOf } from './events.ts';

export const STREAM = 'user-behavior';
export const STAGE = 'prod';
/** Events per packed record: what the producer puts into 20 KB or so. */
export const PACKED = 200;

const SEQUENCE_START = 49590338271490256608559692538361571095921575n;
const SEQUENCE_STEP = 3_489_661_234n;
const SEQUENCE_SHIFT = 10n ** 12n;

let issued = 0n;

/** Grows from call to call, as a shard's numbers do. */
function nextSequence(): string {
  issued += 1n;
  return String(SEQUENCE_START * SEQUENCE_SHIFT + issued * SEQUENCE_STEP);
}

/** An event as its producer sends it. */
export interface Line {
  readonly line: string | Uint8Array;
  readonly partitionKey: string;
  /** When a record that it is the last event of arrives, in epoch milliseconds. */
  readonly arrivalMs: number;
}

/** Records of so many events each, in order; they arrive when their last event happens. */
export const recordsOf = (events: readonly BenchEvent[], eventsEach: number): StreamRecord[] =>
  recordsOfLines(
    events.map((event) => ({
      line: lineOf(event),
      partitionKey: event.itemId,
      arrivalMs: event.timestamp,
    })),
    eventsEach,
  );

/** Records of so many lines each, in order. */
export function recordsOfLines(lines: readonly Line[], linesEach: number): StreamRecord[] {
  const records: StreamRecord[] = [];
  for (let at = 0; at < lines.length; at += linesEach) {
    const packed = lines.slice(at, at + linesEach);
    const { arrivalMs, partitionKey } = packed.at(-1) as Line;
    records.push({
      sequence: nextSequence(),
      arrival: arrivalTime(arrivalMs),
      partitionKey,
      data: Buffer.from(packed.map(({ line }) => String(line)).join('\n')),
    });
  }
  return records;
}

/** What Lambda's runtime hands to a handler for these records of one shard. */
export function lambdaEventOf(
  shard: string,
  records: readonly StreamRecord[],
  stream = STREAM,
): KinesisStreamEvent {
  return {
    Records: records.map(({ sequence, arrival, partitionKey, data }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber: sequence,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrival / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shard}:${sequence}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/tidemark-prod-us-east-1-lambdaRole',
      awsRegion: 'us-east-1',
      eventSourceARN: `arn:aws:kinesis:us-east-1:123456789012:stream/${physicalName(STAGE, stream)}`,
    })),
  };
}

export function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
