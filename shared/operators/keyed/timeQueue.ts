/**
 * What a store's keys wait for, in order of time. What is over, or belongs to a state that is gone, is let lie until it comes to the
 * top, or until most of the queue is such: nothing is taken out when a state changes.
 *
 * 1. A time is live where its key's state has it (`TimesOf`).
 * 2. Each live time of the store is in the queue.
 */

import { Heap } from '../../model/heap.ts';
import type { ArrivalTime, EventTime, Watermark } from '../../model/time.ts';
import type { KeptState, KeyedStates } from './keyedState.ts';

/** Of one clock. */
type Waited = EventTime | ArrivalTime;

/** The times that a key waits for. Never throws. */
export type TimesOf<Time extends Waited> = (kept: KeptState) => readonly Time[];

export const NO_TIMES = (): readonly never[] => [];

export interface DueBounds<Time extends Waited> {
  /** How far the clock is. */
  readonly upTo: Time | Watermark;
  readonly keysMax: number;
  /** Of what follows from the keys that are due; the last one may bring more. */
  readonly bytesMax: number;
  bytesOf(kept: KeptState): number;
  /** Keys that the store is not asked about: they have changed since. */
  readonly except: { has(key: string): boolean };
}

export interface Due<Time extends Waited> {
  readonly entries: ReadonlyMap<string, KeptState>;
  /** The earliest time of the store that belongs to none of these, nor to those excepted. */
  readonly next: Time | undefined;
}

interface Wait<Time> {
  readonly at: Time;
  readonly key: string;
}

const newHeap = <Time extends Waited>() => new Heap<Wait<Time>>((a, b) => a.at - b.at);
/** A queue of so many is never made anew. */
const SIZE_MIN = 10_000;

export class TimeQueue<Time extends Waited> {
  #heap = newHeap<Time>();
  readonly #timesOf: TimesOf<Time>;
  readonly #states: KeyedStates;
  /** Times in the queue after which it is made anew. */
  #sizeMax = SIZE_MIN;

  constructor(timesOf: TimesOf<Time>, states: KeyedStates) {
    this.#timesOf = timesOf;
    this.#states = states;
  }

  /** The key's state has changed. */
  note(key: string, kept: KeptState, before: KeptState | undefined): void {
    const times = this.#timesOf(kept);
    if (times.length === 0) return;
    const known = before ? this.#timesOf(before) : [];
    for (const at of times) if (!known.includes(at)) this.#heap.add({ at, key });
    if (this.#heap.size > this.#sizeMax) this.#makeAnew();
  }

  #makeAnew(): void {
    const before = this.#heap;
    this.#heap = newHeap<Time>();
    for (const wait of before) if (this.#liveState(wait)) this.#heap.add(wait);
    this.#sizeMax = Math.max(SIZE_MIN, 2 * this.#heap.size);
  }

  due({ upTo, keysMax, bytesMax, bytesOf, except }: DueBounds<Time>): Due<Time> {
    const entries = new Map<string, KeptState>();
    const passed: Wait<Time>[] = [];
    let bytes = 0;
    let next: Time | undefined;
    for (let wait = this.#heap.first; wait; wait = this.#heap.first) {
      const { at, key } = wait;
      const kept = this.#liveState(wait);
      if (kept && !entries.has(key) && !except.has(key)) {
        next = at;
        if (!(at <= upTo) || entries.size >= keysMax || bytes >= bytesMax) break;
        next = undefined;
        entries.set(key, kept);
        bytes += bytesOf(kept);
      }
      if (kept) passed.push(wait);
      this.#heap.take();
    }
    for (const wait of passed) this.#heap.add(wait);
    return { entries, next };
  }

  /** What is kept of the key that waits; undefined where it waits for nothing of that time any more. */
  #liveState({ at, key }: Wait<Time>): KeptState | undefined {
    const kept = this.#states.get(key);
    return kept && this.#timesOf(kept).includes(at) ? kept : undefined;
  }
}

/** The earlier of two times, where there are any. */
export const earliestOf = <Time extends Waited>(
  a: Time | undefined,
  b: Time | undefined,
): Time | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
};
