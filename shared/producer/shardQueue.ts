/** What waits for one shard: an open record that still takes events, and closed ones, oldest first. */
import type { Offset } from '../model/offset.ts';
import type { ShardRange } from '../model/shardRanges.ts';
import type { Plan, ProducerName } from '../records/stamp.ts';
import {
  append,
  dataOf,
  emptyRecord,
  hasRoomFor,
  type PackedRecord,
  type PutEvent,
  stampedDataOf,
} from './packing.ts';

export class ShardQueue {
  readonly range: ShardRange;
  /** Of a named producer. */
  readonly plan: Plan | undefined;
  /** Whether its oldest closed record may be sent, is on its way, or waits for another try. */
  state: 'idle' | 'sending' | 'backingOff' = 'idle';
  /** Tries of the oldest closed record so far. */
  attempts = 0;
  #open: PackedRecord | undefined;
  #closed: PackedRecord[] = [];
  /** The offset of the last event that is stored. */
  #after: Offset | undefined;

  /**
   * @param producer its name, if it has one
   * @param after up to where all of its source is stored, as far as that is known
   */
  constructor(range: ShardRange, producer?: ProducerName, after?: Offset) {
    this.range = range;
    this.plan = producer === undefined ? undefined : { producer, planned: range };
    this.#after = after;
  }

  /** The last offset that is known to be stored of its range; undefined where none is. */
  get after(): Offset | undefined {
    return this.#after;
  }

  /** The record on its way, or the next to go. */
  get head(): PackedRecord | undefined {
    return this.#closed[0];
  }

  get isReady(): boolean {
    return this.state === 'idle' && this.#closed.length > 0;
  }

  /** Returns the record that the event opened, if it opened one. */
  add(event: PutEvent, recordBytesMax: number): PackedRecord | undefined {
    if (this.#open && !hasRoomFor(this.#open, event, recordBytesMax)) this.close();
    const opened = this.#open ? undefined : emptyRecord();
    const record = this.#open ?? opened ?? emptyRecord();
    this.#open = record;
    append(record, event, this.plan);
    if (record.bytes >= recordBytesMax) this.close();
    return opened;
  }

  isOpen(record: PackedRecord): boolean {
    return this.#open === record;
  }

  /** Closes the open record: it takes no more events and may be sent. */
  close(): void {
    if (this.#open) this.#closed.push(this.#open);
    this.#open = undefined;
  }

  /** What is sent of the head: the same each time. */
  get headData(): Uint8Array {
    const record = this.#closed[0] as PackedRecord;
    return this.plan ? stampedDataOf(record, this.plan, this.#after) : dataOf(record);
  }

  /** The head is stored, or given up. */
  removeHead(): void {
    this.#after = this.#closed.shift()?.events.at(-1)?.offset;
    this.attempts = 0;
    this.state = 'idle';
  }

  /** Empties the queue: everything that waits, in put order. */
  takeAll(): PutEvent[] {
    return this.#take(0);
  }

  /** Empties the queue, but for what is on its way. */
  takeUnsent(): PutEvent[] {
    return this.#take(this.state === 'sending' ? 1 : 0);
  }

  #take(from: number): PutEvent[] {
    this.close();
    return this.#closed.splice(from).flatMap((record) => record.events);
  }
}
