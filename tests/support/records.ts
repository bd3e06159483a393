/** Stream records as Kinesis hands them over: 56-digit sequence numbers, arrival times, bytes. */
import { type ArrivalTime, arrivalTime } from '../../shared/model/time.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { CLOCK_START } from './clock.ts';

const FIRST_SEQUENCE = 49590338271490256608559692538361571095921575989136588898n;

export const sequenceNumber = (n: number): string => String(FIRST_SEQUENCE + BigInt(n));

/** What a record may be made of: bytes, text, an event, or several events packed line by line. */
export type RecordContent = Uint8Array | string | object | readonly object[];

export interface RecordOptions {
  /** Number of the first record in its shard. */
  readonly first?: number;
  readonly arrival?: ArrivalTime;
}

export function streamRecords(
  contents: readonly RecordContent[],
  { first = 0, arrival = arrivalTime(CLOCK_START) }: RecordOptions = {},
): StreamRecord[] {
  return contents.map((content, i) => ({
    sequence: sequenceNumber(first + i),
    arrival,
    partitionKey: `key-${(first + i) % 7}`,
    data: bytesOf(content),
  }));
}

export function bytesOf(content: RecordContent): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === 'string') return Buffer.from(content);
  const events = Array.isArray(content) ? content : [content];
  return Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
}

/** What a CloudWatch Logs subscription puts, but for the gzip around it. */
export const logEnvelope = (messages: readonly unknown[], messageType = 'DATA_MESSAGE'): string =>
  JSON.stringify({
    messageType,
    owner: '123456789012',
    logGroup: '/shop/orders',
    logStream: 'i-0abc',
    subscriptionFilters: ['to-kinesis'],
    logEvents: messages.map((message, id) => ({ id: `${id}`, timestamp: 1, message })),
  });
