/**
 * Simulated time and the cooperative scheduler: everything that happens is an action due at a time. One
 * action runs at a time, and all that it set free (promises) settles before the next one: the order of
 * everything follows from the seed alone.
 */

interface Due {
  readonly at: number;
  readonly order: number;
  run(): void;
}

export class Timeline {
  now: number;
  steps = 0;
  #order = 0;
  readonly #heap: Due[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Runs the action once `delay` ms have passed. */
  after(delay: number, run: () => void): void {
    this.#push({ at: this.now + Math.max(0, delay), order: this.#order, run });
    this.#order += 1;
  }

  /** A promise that settles once `delay` ms have passed. */
  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** Runs due actions until the condition holds, none is left, or `limit` of them have run. */
  async runUntil(isDone: () => boolean, limit: number): Promise<'done' | 'empty' | 'limit'> {
    for (let left = limit; left > 0; left -= 1) {
      if (isDone()) return 'done';
      const due = this.#pop();
      if (!due) return 'empty';
      this.now = Math.max(this.now, due.at);
      this.steps += 1;
      due.run();
      await settled();
    }
    return 'limit';
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Due, due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) {
        child += 1;
      }
      if (isBefore(last, heap[child] as Due)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** The engine only awaits simulated operations, so one turn of the event loop settles all promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
