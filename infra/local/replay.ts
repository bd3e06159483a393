/** Puts inputs on their streams through the producer, paced by event time, and goes on after a kill. */
import type { InputEvent } from '../../inputs/readInput.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import { type ShardRange, shardOf, shardRanges } from '../../shared/model/shardRanges.ts';
import type { RecordSink } from '../../shared/ports/recordSink.ts';
import type { Repeated, Undelivered } from '../../shared/producer/options.ts';
import { createProducer } from '../../shared/producer/producer.ts';
import { type Pace, paceOf, type Speed } from './pace.ts';
import type { Replayed } from './replayLog.ts';

export interface ReplayInput {
  /** Names the same input in every run. */
  readonly name: string;
  readonly stream: StreamName;
  events(): AsyncIterable<InputEvent> | Iterable<InputEvent>;
}

export interface ReplayTarget {
  readonly sink: RecordSink;
  /** What was put before a restart; without it everything is put. */
  readonly replayed?: Replayed;
}

export interface ReplayOptions {
  readonly inputs: readonly ReplayInput[];
  readonly speed: Speed;
  /** Ends the replay early; what was taken is still sent. */
  readonly signal: AbortSignal;
  target(input: ReplayInput): Promise<ReplayTarget>;
  /** How many of the input's events earlier runs have put. */
  counted?(input: ReplayInput): number;
  /** Hears of events that are on the stream, also of those put by an earlier run. */
  onStored(events: number): void;
  /** Hears how far a paced replay is in event time. */
  onReached?(eventTimeMs: number): void;
  /** Hears of a record that is put again although its first put may have succeeded. */
  onRepeated?(stream: StreamName, repeated: Repeated): void;
}

/** Inputs of one stream follow one another; streams run side by side. Throws when an event cannot be put. */
export async function replay(options: ReplayOptions): Promise<void> {
  const { speed, signal, onReached } = options;
  const byStream = Map.groupBy(options.inputs, ({ stream }) => stream);
  const pace = paceOf({ speed, streams: byStream.keys(), signal, onReached });
  await Promise.all(
    [...byStream].map(async ([stream, inputs]) => {
      try {
        for (const input of inputs) await replayInput(input, pace, options);
      } finally {
        pace.end(stream);
      }
    }),
  );
}

const RECORD_BYTES_MAX = 25 * 1024;
/** Of each shard: one on its way, one full, one that is being filled. A replay that is stopped still sends what it has taken. */
const RECORDS_PENDING = 3;

async function replayInput(input: ReplayInput, pace: Pace, options: ReplayOptions): Promise<void> {
  const counted = options.counted?.(input) ?? 0;
  if (counted > 0 && !(await hasMoreThan(counted, input))) {
    // The stream is not looked at: whatever became of its shards since, nothing is to be put.
    options.onStored(counted);
    return;
  }
  const { sink, replayed } = await options.target(input);
  const shards = await sink.listShards();
  const isStored = storedBefore(shards, replayed);
  let lost: Undelivered | undefined;
  const producer = createProducer({
    sink,
    recordBytesMax: RECORD_BYTES_MAX,
    pendingBytesMax: shards.length * RECORDS_PENDING * RECORD_BYTES_MAX,
    onAcknowledged(record) {
      replayed?.acknowledged(record);
      options.onStored(record.events);
    },
    onRepeated: (repeated) => options.onRepeated?.(input.stream, repeated),
    onUndelivered(undelivered) {
      lost ??= undelivered;
    },
  });
  for await (const event of pace.paced(input.stream, notStored(input, isStored, options))) {
    if (options.signal.aborted || lost) break;
    await producer.put(event.partitionKey, event.line);
  }
  await producer.close();
  if (lost) throw new Error(`${input.name}: events could not be put: ${lost.reason}`);
  if (!options.signal.aborted) replayed?.ended();
}

/** What an earlier run has put is counted, and passed over without waiting for its time. */
async function* notStored(
  input: ReplayInput,
  isStored: (event: InputEvent) => boolean,
  { onStored }: Pick<ReplayOptions, 'onStored'>,
): AsyncGenerator<InputEvent> {
  for await (const event of input.events()) {
    if (isStored(event)) onStored(1);
    else yield event;
  }
}

async function hasMoreThan(events: number, input: ReplayInput): Promise<boolean> {
  let seen = 0;
  for await (const _ of input.events()) {
    seen += 1;
    if (seen > events) return true;
  }
  return false;
}

function storedBefore(
  shards: readonly ShardRange[],
  replayed: Replayed | undefined,
): (event: InputEvent) => boolean {
  if (!replayed) return () => false;
  const ranges = shardRanges(shards);
  if (!ranges) throw new Error('the stream is being resharded; start again in a moment');
  return ({ partitionKey, line }) =>
    replayed.isStored(shardOf(partitionKey, ranges).shard, textOf(line));
}

/** As the replay log reads it back from the stream. */
const textOf = (line: string | Uint8Array): string =>
  typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
