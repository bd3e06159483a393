/** Nodes in the order of time, in memory, and how to find a place in any list that is in order. */
import type { Slice } from '../../model/window.ts';
import type { Moment, PageEntry, PageNode } from './pageEntry.ts';

export class NodeMap {
  readonly #entries = new Map<Slice, readonly PageEntry[]>();
  /** Sorted only when somebody asks for an order: nodes are set in bursts, and asked for in other bursts. */
  #starts: Slice[] = [];
  #isSorted = true;

  get size(): number {
    return this.#starts.length;
  }

  get(start: Slice): readonly PageEntry[] | undefined {
    return this.#entries.get(start);
  }

  set(start: Slice, entries: readonly PageEntry[]): void {
    if (!this.#entries.has(start)) {
      const last = this.#starts.at(-1);
      if (last !== undefined && start < last) this.#isSorted = false;
      this.#starts.push(start);
    }
    this.#entries.set(start, entries);
  }

  /** Those that start in `[from, to)`, ascending. */
  *between(from: Moment, to: Moment): Generator<PageNode> {
    const starts = this.#sorted();
    for (let at = firstAtLeast(starts, from, itself); at < starts.length; at += 1) {
      const start = starts[at] as Slice;
      if (start >= to) return;
      yield { start, entries: this.#entries.get(start) ?? [] };
    }
  }

  all(): PageNode[] {
    return this.#sorted().map((start) => ({ start, entries: this.#entries.get(start) ?? [] }));
  }

  get last(): Slice | undefined {
    return this.#sorted().at(-1);
  }

  #sorted(): readonly Slice[] {
    if (!this.#isSorted) this.#starts.sort((a, b) => a - b);
    this.#isSorted = true;
    return this.#starts;
  }
}

const itself = (start: Slice): number => start;

/** The index of the first element whose number is not below this one; the length where all are. */
export function firstAtLeast<T>(
  sorted: readonly T[],
  least: number,
  numberOf: (element: T) => number,
): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(sorted[middle] as T) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
