/**
 * Event time as a replay plays it: one clock for all of its streams.
 *
 * 1. It begins once every stream has its first event, with the earliest of them.
 * 2. An event waits until the clock is as far as it is; one that is behind the clock does not wait.
 * 3. An event counts as no later than the one behind it, so that a single wrong time, such as a year too high, holds nothing up.
 * 4. Where a stream cannot be put as fast, the clock is set back to it, so that all streams stay together.
 * 5. Where all streams would wait for longer than `PAUSE_MS_MAX`, as over a night without events, the clock jumps.
 */
import type { InputEvent } from '../../inputs/inputEvent.ts';
import { realTiming } from './realTiming.ts';
import type { Timing } from './shardSource.ts';

/** How many times faster than it happened; 'max' does not wait. */
export type Speed = number | 'max';
type Events = AsyncIterable<InputEvent> | Iterable<InputEvent>;

export interface Pace {
  /** The events of one of the stream's inputs, each when it is due. */
  paced(stream: string, events: Events): Events;
  /** The stream has no more inputs: nobody waits for it. */
  end(stream: string): void;
}

const PAUSE_MS_MAX = 5_000;
/** How far a stream may be behind the clock, in real time. */
const BEHIND_MS_MAX = 500;
/** Waiting is looked at anew so often, since the clock may jump meanwhile. */
const LOOK_MS = 50;
const WAIT_MS_MIN = 5;

export interface PaceOptions {
  readonly speed: Speed;
  /** All that take part; the clock waits for each of them. */
  readonly streams: Iterable<string>;
  readonly signal: AbortSignal;
  /** Hears how far the stream is that is ahead, whenever one gets further. */
  readonly onReached?: ((eventTimeMs: number) => void) | undefined;
  readonly timing?: Timing;
}

export function paceOf({ speed, ...options }: PaceOptions): Pace {
  if (speed === 'max') return { paced: (_, events) => events, end: () => {} };
  return new Clock(speed, options);
}

class Clock implements Pace {
  readonly #speed: number;
  readonly #signal: AbortSignal;
  readonly #onReached: (eventTimeMs: number) => void;
  readonly #timing: Timing;
  /** Streams that may still bring events. */
  readonly #live: Set<string>;
  /** What streams wait for, in event time. */
  readonly #waiting = new Map<string, number>();
  /** How far each stream is. */
  readonly #reached = new Map<string, number>();
  /** An event time and when it was, or is to be, in real time. */
  #start: { readonly eventMs: number; readonly realMs: number } | undefined;

  constructor(speed: number, options: Omit<PaceOptions, 'speed'>) {
    const { streams, signal, onReached = () => {}, timing = realTiming } = options;
    this.#speed = speed;
    this.#live = new Set(streams);
    this.#signal = signal;
    this.#onReached = onReached;
    this.#timing = timing;
  }

  async *paced(stream: string, events: Events): AsyncGenerator<InputEvent> {
    for await (const [event, next] of withNext(events)) {
      const own = event.eventTimeMs;
      const due = own === undefined ? undefined : Math.min(own, next?.eventTimeMs ?? own);
      if (due !== undefined) await this.#until(stream, due);
      yield event;
    }
  }

  end(stream: string): void {
    this.#live.delete(stream);
    this.#move();
  }

  async #until(stream: string, eventMs: number): Promise<void> {
    this.#waiting.set(stream, eventMs);
    this.#move();
    for (let ms = this.#msUntil(eventMs); ms >= WAIT_MS_MIN; ms = this.#msUntil(eventMs)) {
      await this.#timing.sleep(Math.min(ms, LOOK_MS), this.#signal);
      if (this.#signal.aborted) break;
    }
    this.#waiting.delete(stream);
    // An event that is behind its own stream was always late: it says nothing of how fast the stream is put.
    if (eventMs <= (this.#reached.get(stream) ?? Number.NEGATIVE_INFINITY)) return;
    this.#reached.set(stream, eventMs);
    const realMs = this.#timing.now() - BEHIND_MS_MAX;
    if (this.#msUntil(eventMs) < -BEHIND_MS_MAX) this.#start = { eventMs, realMs };
    this.#onReached(Math.max(...this.#reached.values()));
  }

  #msUntil(eventMs: number): number {
    if (!this.#start) return Number.POSITIVE_INFINITY;
    const { eventMs: startMs, realMs } = this.#start;
    return realMs + (eventMs - startMs) / this.#speed - this.#timing.now();
  }

  /** Starts the clock, or has it jump, where everybody waits. */
  #move(): void {
    if (this.#live.size === 0 || this.#waiting.size < this.#live.size) return;
    const eventMs = Math.min(...this.#waiting.values());
    const realMs = this.#timing.now();
    if (!this.#start) this.#start = { eventMs, realMs };
    else if (this.#msUntil(eventMs) > PAUSE_MS_MAX) {
      this.#start = { eventMs, realMs: realMs + PAUSE_MS_MAX };
    }
  }
}

async function* withNext(events: Events): AsyncGenerator<[InputEvent, InputEvent | undefined]> {
  let held: InputEvent | undefined;
  for await (const event of events) {
    if (held) yield [held, event];
    held = event;
  }
  if (held) yield [held, undefined];
}
