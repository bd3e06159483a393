/**
 * Events onto a stream. A producer with a name puts a file's: each counts once, however often it is put. One without puts those that
 * say themselves where they stood first, as redriven ones do.
 */
import type { InputEvent } from '../../inputs/readInput.ts';
import { kinesisSink } from '../../shared/adapters/aws/kinesisSink.ts';
import { PoisonEventError } from '../../shared/errors.ts';
import { createNamedProducer, ProducerEnded } from '../../shared/producer/namedProducer.ts';
import type { DeliveryOptions, Undelivered } from '../../shared/producer/options.ts';
import { createProducer } from '../../shared/producer/producer.ts';
import type { ProducerName } from '../../shared/records/stamp.ts';
import type { Connection } from '../connect.ts';
import { untilAborted } from '../stopOnSignals.ts';
import { PutLog } from './putLog.ts';

/** A stream that takes nothing for so long is given up. */
const DELIVERY_TIMEOUT_MS = 30_000;
const RECORD_BYTES_MAX = 25 * 1024;
/** What is taken is sent after Ctrl-C, too, so it is little; and for each shard enough that none has to wait. */
const PENDING_BYTES_MAX = { least: 1_048_576, ofShard: 3 * RECORD_BYTES_MAX } as const;

type Puttable = Pick<InputEvent, 'line' | 'partitionKey' | 'lineNumber'>;

/** With its offset: the how-manieth of its file it is, from 1. */
export type NumberedEvent<Event = Puttable> = Event & { readonly offset: number };

/** All events of a file, counted: the same file gives the same offsets each time. */
export async function* numbered<Event extends object>(
  events: AsyncIterable<Event>,
): AsyncGenerator<NumberedEvent<Event>> {
  let offset = 0;
  for await (const event of events) {
    offset += 1;
    yield { ...event, offset };
  }
}

export interface PutReport {
  /** Those that are on the stream. */
  readonly events: number;
  readonly records: number;
  readonly shards: number;
  /**
   * 'whole': every event was read, and is put or can never be. Else it read no further: because it could not, because the stream took
   * no more, or because it was told to stop.
   */
  readonly ending: 'whole' | 'unread' | 'undelivered' | 'stopped';
  /** What went wrong; absent where nothing did. */
  readonly problem?: string;
}

export type PutTarget = Pick<Connection, 'kinesis' | 'nameOf'>;

/**
 * Puts them as the name's, and waits until they are stored. Reads no further once some could not be, or the signal aborts; what was
 * read is put. Throws what the reading throws where nothing was read.
 * @param file how the file is named to people
 */
export async function putNamed(
  target: PutTarget,
  stream: string,
  events: AsyncIterable<NumberedEvent>,
  { name, file, signal }: { name: ProducerName; file: string; signal: AbortSignal },
): Promise<PutReport> {
  let isAtEnd = false;
  async function* toEnd() {
    yield* events;
    isAtEnd = true;
  }
  const log = new PutLog(file);
  const report = await putAll(target, stream, untilAborted(toEnd(), signal), log, (options) => {
    const producer = createNamedProducer({ ...options, name });
    return {
      put: ({ partitionKey, offset }, data) => heardOf(producer.put(partitionKey, data, offset)),
      close: () => heardOf(producer.close()),
    };
  });
  return report.ending === 'whole' && !isAtEnd ? { ...report, ending: 'stopped' } : report;
}

/** The same without a name. */
export function putUnnamed(
  target: PutTarget,
  stream: string,
  events: AsyncIterable<Puttable>,
): Promise<PutReport> {
  return putAll(target, stream, events, new PutLog(), (options) => {
    const producer = createProducer(options);
    return {
      put: ({ partitionKey }, data) => producer.put(partitionKey, data),
      close: () => producer.close(),
    };
  });
}

/** What it gave up was told before. */
async function heardOf(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof ProducerEnded)) throw error;
  });
}

interface Putter<Event> {
  put(event: Event, data: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
}

async function putAll<Event extends Puttable>(
  { kinesis, nameOf }: PutTarget,
  stream: string,
  events: AsyncIterable<Event>,
  log: PutLog,
  open: (options: DeliveryOptions) => Putter<Event>,
): Promise<PutReport> {
  const sink = kinesisSink(kinesis, nameOf(stream));
  // Asked before anything is read: a server that is not there should be said at once.
  const { length: shards } = await sink.listShards();
  const put = { events: 0, records: 0, shards: new Set<string>() };
  const putter = open({
    sink,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    recordBytesMax: RECORD_BYTES_MAX,
    pendingBytesMax: Math.max(PENDING_BYTES_MAX.least, shards * PENDING_BYTES_MAX.ofShard),
    onAcknowledged(record) {
      put.events += record.events;
      put.records += 1;
      put.shards.add(record.shard);
    },
    onUndelivered: (undelivered: Undelivered) => log.lose(undelivered),
  });
  let unread: unknown;
  try {
    for await (const event of events) {
      await putOne(event, putter, log);
      if (log.hasLost) break;
    }
  } catch (error) {
    unread = error;
  }
  // Also where the input ends in an error: what was read before it is put.
  await putter.close();
  // With nothing read, nothing is on the stream: the error says it all.
  if (unread !== undefined && log.isEmpty) throw unread;
  const problem = log.problem(put.events, unread);
  return {
    ...put,
    shards: put.shards.size,
    ending: log.hasLost ? 'undelivered' : unread === undefined ? 'whole' : 'unread',
    ...(problem === undefined ? {} : { problem }),
  };
}

async function putOne<Event extends Puttable>(
  event: Event,
  putter: Putter<Event>,
  log: PutLog,
): Promise<void> {
  try {
    await putter.put(event, log.take(event));
  } catch (error) {
    if (!(error instanceof PoisonEventError)) throw error;
    log.refuse(event, error.message);
  }
}
