/**
 * Puts inputs on their streams as named producers do, paced by event time, and goes on after a kill. An event's offset is the
 * how-manieth of its input it is, from 1.
 */
import type { InputEvent } from '../../inputs/readInput.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { RecordSink } from '../../shared/ports/recordSink.ts';
import {
  createNamedProducer,
  type NamedProducer,
  ProducerEnded,
} from '../../shared/producer/namedProducer.ts';
import { type Pace, paceOf, type Speed } from './pace.ts';
import type { ReplayPlace } from './replayPlaces.ts';

export interface ReplayInput {
  /** Names the same input in every run. */
  readonly name: string;
  readonly stream: StreamName;
  events(): AsyncIterable<InputEvent> | Iterable<InputEvent>;
}

interface ReplayTarget {
  readonly sink: RecordSink;
  /** How much earlier runs have put; hears how much this one has. */
  readonly place: ReplayPlace;
}

export interface ReplayOptions {
  readonly inputs: readonly ReplayInput[];
  readonly speed: Speed;
  /** Ends the replay early; what was taken is still sent. */
  readonly signal: AbortSignal;
  target(input: ReplayInput): ReplayTarget;
  /** Hears of events that are on the stream, of each once in a run, also of those put by an earlier one. */
  onStored(events: number): void;
  /** Hears how far a paced replay is in event time. */
  onReached?(eventTimeMs: number): void;
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
/** Its place is noted after so many events; so many at most are put again after a kill, and what is on its way. */
const NOTED_EVERY = 1_000;

async function replayInput(input: ReplayInput, pace: Pace, options: ReplayOptions): Promise<void> {
  const { sink, place } = options.target(input);
  options.onStored(place.stored);
  // The stream is not looked at: whatever became of it since, nothing is to be put.
  if (place.isComplete) return;
  const shards = await sink.listShards();
  let lost: string | undefined;
  const producer = createNamedProducer({
    sink,
    name: place.producer,
    recordBytesMax: RECORD_BYTES_MAX,
    pendingBytesMax: shards.length * RECORDS_PENDING * RECORD_BYTES_MAX,
    onAcknowledged: ({ events }) => options.onStored(events),
    onUndelivered({ reason }) {
      lost ??= reason;
    },
  });
  const events = pace.paced(input.stream, behind(input, place.stored));
  try {
    await putAll(events, { producer, place, signal: options.signal });
  } catch (error) {
    if (!(error instanceof ProducerEnded)) throw error;
    throw new Error(`${input.name}: events could not be put: ${lost ?? error.message}`);
  }
}

/** What earlier runs have put is passed over without waiting for its time. */
async function* behind(input: ReplayInput, stored: number): AsyncGenerator<InputEvent> {
  let passed = 0;
  for await (const event of input.events()) {
    if (passed < stored) passed += 1;
    else yield event;
  }
}

interface Putting {
  readonly producer: NamedProducer;
  readonly place: ReplayPlace;
  readonly signal: AbortSignal;
}

async function putAll(
  events: AsyncIterable<InputEvent> | Iterable<InputEvent>,
  { producer, place, signal }: Putting,
): Promise<void> {
  let offset = place.stored;
  const noteOnceStored = async (reached: number) => {
    await producer.flush();
    place.reach(reached);
  };
  for await (const event of events) {
    if (signal.aborted) break;
    offset += 1;
    await producer.put(event.partitionKey, event.line, offset);
    if (offset % NOTED_EVERY === 0) noteOnceStored(offset).catch(unlessEnded);
  }
  await producer.close();
  if (signal.aborted) place.reach(offset);
  else place.complete(offset);
}

/** Whoever puts next hears of that. */
function unlessEnded(error: unknown): void {
  if (!(error instanceof ProducerEnded)) throw error;
}
