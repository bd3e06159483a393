/** A table whose operations take simulated time, those that are under way together as long as one; and invocations that end. */
import type { Duration } from '../../shared/model/time.ts';
import type { Table } from '../../shared/ports/table.ts';
import type { TestClock } from './clock.ts';
import { interceptedTable } from './interceptedTable.ts';

export class SlowTime {
  readonly #clock: TestClock;
  readonly #latency: Duration;
  #waiting: (() => void)[] = [];
  #deadline = Number.POSITIVE_INFINITY;
  #onKilled: () => void = () => {};
  /** Operations that were done. */
  operations = 0;

  constructor(clock: TestClock, latency: Duration) {
    this.#clock = clock;
    this.#latency = latency;
  }

  table(inner: Table): Table {
    return interceptedTable(inner, { before: () => this.#wait() });
  }

  /** Runs something for so long; what is under way at the end never comes back. */
  async invoke<T>(time: Duration, work: (hasTime: () => boolean) => Promise<T>) {
    const start = this.#clock.now();
    this.#deadline = start + time;
    const killed = new Promise<'killed'>((resolve) => {
      this.#onKilled = () => resolve('killed');
    });
    const outcome = await Promise.race([work(() => this.#clock.now() - start < time / 2), killed]);
    this.#waiting = [];
    return outcome;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#pass());
    });
  }

  #pass(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#clock.advance(this.#latency);
    if (this.#clock.now() >= this.#deadline) {
      this.#onKilled();
      return;
    }
    this.operations += waiting.length;
    for (const resolve of waiting) resolve();
  }
}
