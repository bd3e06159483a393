/** What waits for one shard: an open record that still takes events, and closed ones, oldest first. */
import type { ShardRange } from '../model/shardRanges.ts';
import { append, emptyRecord, hasRoomFor, type PackedRecord, type PutEvent } from './packing.ts';

export class ShardQueue {
  readonly range: ShardRange;
  /** Whether its oldest closed record may be sent, is on its way, or waits for another try. */
  state: 'idle' | 'sending' | 'backingOff' = 'idle';
  /** Tries of the oldest closed record so far. */
  attempts = 0;
  #open: PackedRecord | undefined;
  #closed: PackedRecord[] = [];

  constructor(range: ShardRange) {
    this.range = range;
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
    append(record, event);
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

  /** The head is stored, or given up. */
  removeHead(): void {
    this.#closed.shift();
    this.attempts = 0;
    this.state = 'idle';
  }

  /** Empties the queue: everything that waits, in put order. */
  takeAll(): PutEvent[] {
    this.close();
    return this.#closed.splice(0).flatMap((record) => record.events);
  }
}
