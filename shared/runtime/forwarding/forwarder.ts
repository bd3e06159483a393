/**
 * Puts what forwarding lanes take on the repartition stream of their job, so that each event is there for its keyed lane once.
 *
 * 1. A lane is a named producer, and its shard the source: an event's offset is its position, so whoever forwards it again puts it under the same one.
 * 2. Behind a batch every shard of the repartition stream gets the lane's progress. All of that is stored before the lane's commit is put: so a head
 *    says up to where everything is stored, and whoever goes on from it says so to the lanes that take it in.
 * 3. A producer stays warm from batch to batch. It is dropped where a batch is forwarded again, or was given up: a new one begins behind the head.
 */
import { hash } from 'node:crypto';
import { InvariantViolation } from '../../errors.ts';
import { type JobId, type Lane, laneName, type StreamName } from '../../model/lane.ts';
import { type Offset, offsetOf } from '../../model/offset.ts';
import type { Position } from '../../model/position.ts';
import type { ArrivalTime } from '../../model/time.ts';
import type { Outgoing } from '../../operators/status/forwardingIntake.ts';
import type { OwnStreams } from '../../ports/ports.ts';
import type { PutTiming, RecordSink } from '../../ports/recordSink.ts';
import { createNamedProducer, type NamedProducer } from '../../producer/namedProducer.ts';
import { frontierLine } from '../../records/forwarded.ts';
import { nameProblem, type ProducerName } from '../../records/stamp.ts';

/** What is put of one batch. */
export interface Outgoings {
  /** In the order of the shard. */
  readonly events: readonly Outgoing[];
  readonly progress: string;
  /** Behind which event the progress stands: the last that the batch takes in. */
  readonly at: Position;
}

/** Kinesis takes a megabyte; a larger record is a request fewer, and costs by its size all the same. */
const RECORD_BYTES = 250 * 1024;
/** Long enough for a reshard, and within an invocation's time. */
const GIVEN_UP_AFTER_MS = 20_000;

interface Warm {
  readonly producer: NamedProducer;
  /** The last offset that was put. */
  readonly last: Offset;
}

export class Forwarder {
  readonly #sink: RecordSink;
  readonly #timing: Partial<PutTiming>;
  readonly #warm = new Map<string, Warm>();

  constructor(streams: OwnStreams, stream: StreamName) {
    this.#sink = streams.sinkOf(stream);
    this.#timing = streams.timing ?? {};
  }

  /**
   * Resolves when all of it is stored. Throws RetryableError where that is not known.
   * @param after the last position of the lane's head: all up to there is stored
   */
  async put(lane: Lane, after: Position | undefined, out: Outgoings): Promise<void> {
    const name = laneName(lane);
    const from = after && placeOf(after, 'progress');
    const warm = this.#warm.get(name);
    this.#warm.delete(name);
    const producer = warm && warm.last === from ? warm.producer : this.#begin(lane, from);
    for (const { position, partitionKey, line } of out.events) {
      await producer.put(partitionKey, line, placeOf(position, 'event'));
    }
    const last = placeOf(out.at, 'progress');
    await producer.flushWith(out.progress, last);
    this.#warm.set(name, { producer, last });
  }

  #begin(lane: Lane, after: Offset | undefined): NamedProducer {
    return createNamedProducer({
      name: forwarderName(lane),
      sink: this.#sink,
      recordBytesMax: RECORD_BYTES,
      // The batch is all there is to wait for, and it is put in one go.
      lingerMs: 0,
      deliveryTimeoutMs: GIVEN_UP_AFTER_MS,
      ...this.#timing,
      ...(after === undefined ? {} : { after }),
    });
  }
}

/** Puts the frontier on every shard of the repartition stream. Resolves when that is stored; throws RetryableError. */
export async function putFrontier(
  streams: OwnStreams,
  { id, stream }: { readonly id: JobId; readonly stream: StreamName },
  frontier: ArrivalTime,
): Promise<void> {
  const producer = createNamedProducer({
    name: ownName(id, 'frontier'),
    sink: streams.sinkOf(stream),
    lingerMs: 0,
    deliveryTimeoutMs: GIVEN_UP_AFTER_MS,
    ...streams.timing,
  });
  await producer.flushWith(frontierLine(frontier), frontier);
}

const forwarderName = (lane: Lane): ProducerName => ownName(lane.job, laneName(lane));

/** What is put under for a job: nobody else has it, of whatever version of the job. */
function ownName(job: JobId, of: string): ProducerName {
  const name = `${job}/${of}`;
  return nameProblem(name) === undefined ? name : hash('sha256', name, 'hex');
}

/** More entries than a record may hold. */
const INDEXES = 2n ** 24n;
/** In the order in which they may stand at one position. */
const PLACES = { event: 0n, progress: 1n } as const;
const PLACES_EACH = 2n;

/** An offset, which grows along the shard. */
function placeOf({ sequence, index }: Position, place: keyof typeof PLACES): Offset {
  const at = BigInt(index);
  const offset = offsetOf((BigInt(sequence) * INDEXES + at) * PLACES_EACH + PLACES[place]);
  if (offset !== undefined && at < INDEXES) return offset;
  throw new InvariantViolation(`event ${index} of record ${sequence} has no offset`);
}
