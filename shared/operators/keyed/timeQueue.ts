/**
 * The timers of a store's keys in order of time. What has fired, or belongs to a state that is gone, is let lie until it comes to the
 * top, or until most of the queue is such: nothing is taken out when a state changes.
 *
 * 1. A timer is live where its key's state has it, and it has not fired (`TimersOf`).
 * 2. Each live timer of the store is in the queue.
 */
import { type EventTime, earliest, hasReached, type Watermark } from '../../model/time.ts';
import { Heap } from './heap.ts';
import type { KeptState, KeyedStates } from './keyedState.ts';

/** The timers of a key that have not fired. Never throws. */
export type TimersOf = (kept: KeptState) => readonly EventTime[];

export const NO_TIMERS: TimersOf = () => [];

export interface DueBounds {
  readonly upTo: Watermark;
  readonly keysMax: number;
  /** Of what firing leads to; the last key may bring more. */
  readonly bytesMax: number;
  bytesOf(kept: KeptState): number;
  /** Keys that the store is not asked about: they have changed since. */
  readonly except: { has(key: string): boolean };
}

export interface Due {
  readonly entries: ReadonlyMap<string, KeptState>;
  /** The earliest timer of the store that belongs to none of these, nor to those excepted. */
  readonly next: EventTime | undefined;
}

interface Timer {
  readonly at: EventTime;
  readonly key: string;
}

const newHeap = () => new Heap<Timer>((a, b) => a.at - b.at);
/** A queue of so many is never made anew. */
const SIZE_MIN = 10_000;

export class TimerQueue {
  #heap = newHeap();
  readonly #timersOf: TimersOf;
  readonly #states: KeyedStates;
  /** Timers in the queue after which it is made anew. */
  #sizeMax = SIZE_MIN;

  constructor(timersOf: TimersOf, states: KeyedStates) {
    this.#timersOf = timersOf;
    this.#states = states;
  }

  /** The key's state has changed. */
  note(key: string, kept: KeptState, before: KeptState | undefined): void {
    const timers = this.#timersOf(kept);
    if (timers.length === 0) return;
    const known = before ? this.#timersOf(before) : [];
    for (const at of timers) if (!known.includes(at)) this.#heap.add({ at, key });
    if (this.#heap.size > this.#sizeMax) this.#makeAnew();
  }

  #makeAnew(): void {
    const before = this.#heap;
    this.#heap = newHeap();
    for (const timer of before) if (this.#liveState(timer)) this.#heap.add(timer);
    this.#sizeMax = Math.max(SIZE_MIN, 2 * this.#heap.size);
  }

  due({ upTo, keysMax, bytesMax, bytesOf, except }: DueBounds): Due {
    const entries = new Map<string, KeptState>();
    const passed: Timer[] = [];
    let bytes = 0;
    let next: EventTime | undefined;
    for (let timer = this.#heap.first; timer; timer = this.#heap.first) {
      const { at, key } = timer;
      const kept = this.#liveState(timer);
      if (kept && !entries.has(key) && !except.has(key)) {
        next = at;
        if (!hasReached(upTo, at) || entries.size >= keysMax || bytes >= bytesMax) break;
        next = undefined;
        entries.set(key, kept);
        bytes += bytesOf(kept);
      }
      if (kept) passed.push(timer);
      this.#heap.take();
    }
    for (const timer of passed) this.#heap.add(timer);
    return { entries, next };
  }

  /** What is kept of the timer's key; undefined where it has no such timer any more. */
  #liveState({ at, key }: Timer): KeptState | undefined {
    const kept = this.#states.get(key);
    return kept && this.#timersOf(kept).includes(at) ? kept : undefined;
  }
}

/** The earlier of two times, where there are any. */
export const earliestOf = (
  a: EventTime | undefined,
  b: EventTime | undefined,
): EventTime | undefined => (a === undefined || b === undefined ? (a ?? b) : earliest(a, b));
