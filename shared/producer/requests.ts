/** What a producer asks of its stream, and what comes of it; a request is sent once. */
import { messageOf, RetryableError, UnknownOutcomeError } from '../errors.ts';
import { type ShardRanges, shardRanges } from '../model/shardRanges.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../ports/recordSink.ts';
import type { PackedRecord } from './packing.ts';
import type { ShardQueue } from './shardQueue.ts';

export type Outcome =
  | PutOutcome
  /** It will not get better by trying again. */
  | { readonly kind: 'hopeless'; readonly reason: string };

type Failure = Exclude<Outcome, { kind: 'stored' }>;

/** Sends the heads of queues; the outcomes are in their order. */
export async function putHeads(
  sink: RecordSink,
  queues: readonly ShardQueue[],
): Promise<readonly Outcome[]> {
  try {
    const outcomes = await sink.putRecords(queues.map(recordOf));
    return queues.map((_, i) => outcomes[i] ?? NO_OUTCOME);
  } catch (error) {
    return queues.map(() => failureOf(error));
  }
}

const NO_OUTCOME: Outcome = { kind: 'refused', reason: 'the reply has no outcome for the record' };

/** The start of the shard's range as hash key: whatever the first event's key, the record goes there. */
function recordOf(queue: ShardQueue): SinkRecord {
  const record = queue.head as PackedRecord;
  return {
    partitionKey: record.events[0]?.partitionKey ?? '',
    explicitHashKey: String(queue.range.start),
    data: queue.headData,
  };
}

export async function listRanges(sink: RecordSink): Promise<ShardRanges | Failure> {
  try {
    const ranges = shardRanges(await sink.listShards());
    return ranges ?? { kind: 'refused', reason: 'the open shards do not cover the hash keys' };
  } catch (error) {
    return failureOf(error);
  }
}

const failureOf = (error: unknown): Failure => ({ kind: kindOf(error), reason: messageOf(error) });

function kindOf(error: unknown): Failure['kind'] {
  if (error instanceof UnknownOutcomeError) return 'unknown';
  return error instanceof RetryableError ? 'refused' : 'hopeless';
}

export const reasonOf = ({ kind, reason }: Failure): string =>
  kind === 'unknown' ? `${reason}, so they may be stored all the same` : reason;
