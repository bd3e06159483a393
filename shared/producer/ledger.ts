/**
 * Keeps account of every event put: pending until it is acknowledged or given up. So `flush` knows what it waits for, and `close`
 * what became of everything. Sends nothing and repeats nothing: that is `delivery.ts`'s.
 */
import type { ProducerTotals } from './options.ts';
import type { PutEvent } from './packing.ts';

interface FlushWaiter {
  /** Waits for the events put before this one. */
  readonly before: number;
  left: number;
  readonly resolve: () => void;
}

export class Ledger {
  readonly #pendingBytesMax: number;
  #pendingBytes = 0;
  #pending = 0;
  #put = 0;
  #acknowledged = 0;
  #undelivered = 0;
  #flushes: FlushWaiter[] = [];
  #waitingForRoom: (() => void)[] = [];

  constructor(pendingBytesMax: number) {
    this.#pendingBytesMax = pendingBytesMax;
  }

  get totals(): ProducerTotals {
    return { acknowledged: this.#acknowledged, undelivered: this.#undelivered };
  }

  get isFlushing(): boolean {
    return this.#flushes.length > 0;
  }

  /** Takes an event on; returns its place in put order. */
  take(bytes: number): number {
    this.#pending += 1;
    this.#pendingBytes += bytes;
    this.#put += 1;
    return this.#put - 1;
  }

  settle(events: readonly PutEvent[], outcome: keyof ProducerTotals): void {
    this.#pending -= events.length;
    for (const event of events) this.#pendingBytes -= event.data.length;
    if (outcome === 'acknowledged') this.#acknowledged += events.length;
    else this.#undelivered += events.length;
    for (const flush of this.#flushes) {
      flush.left -= events.filter((event) => event.order < flush.before).length;
      if (flush.left === 0) flush.resolve();
    }
    this.#flushes = this.#flushes.filter((flush) => flush.left > 0);
    if (this.#hasRoom) for (const resume of this.#waitingForRoom.splice(0)) resume();
  }

  get #hasRoom(): boolean {
    return this.#pendingBytes <= this.#pendingBytesMax;
  }

  /** Resolves when there is room for another event. */
  async room(): Promise<void> {
    if (this.#hasRoom) return;
    await new Promise<void>((resolve) => {
      this.#waitingForRoom.push(resolve);
    });
  }

  /** Resolves when everything put so far is settled. */
  async settled(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      this.#flushes.push({ before: this.#put, left: this.#pending, resolve });
    });
  }
}
