/** What a producer is told, and what it tells. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import { JobDefinitionError } from '../errors.ts';
import type { ShardId } from '../model/lane.ts';
import type { Offset } from '../model/offset.ts';
import type { SequenceNumber } from '../model/position.ts';
import { type PutTiming, type RecordSink, SINK_LIMITS } from '../ports/recordSink.ts';
import { nameProblem, type ProducerName } from '../records/stamp.ts';

/** What all producers are told. */
export interface DeliveryOptions extends Partial<PutTiming> {
  readonly sink: RecordSink;
  /** How long an event may wait for others to share its record. */
  readonly lingerMs?: number;
  /** A record is closed before it exceeds this. 25 KB is one PUT unit; at most 1 MiB. */
  readonly recordBytesMax?: number;
  /** `put` resolves late while more than this waits to be acknowledged. */
  readonly pendingBytesMax?: number;
  /** An event that could not be sent for so long is given up. */
  readonly deliveryTimeoutMs?: number;
  readonly onAcknowledged?: (acknowledged: Acknowledged) => void;
  readonly onUndelivered?: (undelivered: Undelivered) => void;
}

export interface ProducerOptions extends DeliveryOptions {
  /** A record without a reply goes again: from now on its events may be there twice. */
  readonly onRepeated?: (repeated: Repeated) => void;
}

export interface NamedProducerOptions extends DeliveryOptions {
  /**
   * 1 to 128 letters, digits and `. _ : / @ # -`. Whoever puts on a stream under one name puts from one source: an event has the same
   * offset and the same partition key whenever it is put.
   */
  readonly name: ProducerName;
  /**
   * All of the source up to this offset is stored, as whoever goes on may know. Without it, a lane that has a gap in what it took cannot tell
   * at once that nothing is missing there.
   */
  readonly after?: Offset;
}

/** A stored record. */
export interface Acknowledged {
  readonly shard: ShardId;
  readonly sequence: SequenceNumber;
  /** How many events it holds. */
  readonly events: number;
}

/** A record that is put again although its first put may have succeeded. */
interface Repeated {
  readonly reason: string;
  readonly events: number;
}

/** Events given up, in put order. After a lost reply they may be stored all the same. */
export interface Undelivered {
  readonly reason: string;
  readonly events: readonly { readonly partitionKey: string; readonly data: Uint8Array }[];
}

/** Events by what became of them. */
export interface ProducerTotals {
  readonly acknowledged: number;
  readonly undelivered: number;
}

export type ProducerSettings = Required<ProducerOptions> &
  Partial<Pick<NamedProducerOptions, 'name' | 'after'>>;

/** With defaults. Throws JobDefinitionError where an option makes no sense. */
export function settingsOf(
  given: ProducerOptions & Partial<Pick<NamedProducerOptions, 'name' | 'after'>>,
): ProducerSettings {
  const settings: ProducerSettings = { ...DEFAULTS, ...given };
  checkSettings(settings);
  return settings;
}

const DEFAULTS = {
  lingerMs: 200,
  recordBytesMax: 25 * 1024,
  pendingBytesMax: 8 * 1024 * 1024,
  deliveryTimeoutMs: 120_000,
  now: () => Date.now(),
  sleep: (ms: number) => sleepFor(ms),
  random: () => Math.random(),
  onAcknowledged: () => {},
  onRepeated: () => {},
  onUndelivered: () => {},
} satisfies Omit<ProducerSettings, 'sink' | 'name' | 'after'>;

function checkSettings({
  recordBytesMax,
  lingerMs,
  pendingBytesMax,
  name,
}: ProducerSettings): void {
  const problem = name === undefined ? undefined : nameProblem(name);
  if (problem !== undefined) throw new JobDefinitionError(`the producer's name ${problem}`);
  const max = SINK_LIMITS.recordBytesMax;
  if (!(recordBytesMax >= 1 && recordBytesMax <= max)) {
    throw new JobDefinitionError(`recordBytesMax is ${recordBytesMax}; give 1 to ${max}`);
  }
  if (!(lingerMs >= 0) || !(pendingBytesMax >= 0)) {
    throw new JobDefinitionError('lingerMs and pendingBytesMax must be 0 or more');
  }
}
