/**
 * What a named producer knows of the ranges that it plans for: up to where each is stored, and which of them have what every shard
 * gets. Sends nothing: that is `delivery.ts`'s.
 */
import { formatHashRange, type HashRange } from '../model/hashRange.ts';
import type { Offset } from '../model/offset.ts';
import type { ShardRange } from '../model/shardRanges.ts';
import type { PutEvent } from './packing.ts';

/** By range, the last offset that is known to be stored. */
export class StoredOffsets {
  readonly #atStart: Offset | undefined;
  /** Undefined before the first plan. */
  #byRange: Map<string, Offset | undefined> | undefined;

  /** @param atStart up to where all of the source is stored, as far as that is known */
  constructor(atStart: Offset | undefined) {
    this.#atStart = atStart;
  }

  of(range: HashRange): Offset | undefined {
    return this.#byRange?.get(formatHashRange(range));
  }

  note(range: HashRange, offset: Offset | undefined): void {
    this.#byRange?.set(formatHashRange(range), offset);
  }

  /** A range that was there before goes on from what it has; of one that was not, nothing is known but at the start. */
  planFor(ranges: readonly HashRange[]): void {
    const before = this.#byRange;
    const known = (range: string) => (before ? before.get(range) : this.#atStart);
    this.#byRange = new Map(ranges.map(formatHashRange).map((range) => [range, known(range)]));
  }
}

/** One event for every shard. */
export class ForAll {
  readonly event: PutEvent;
  readonly #storedOn = new Set<string>();

  constructor(event: PutEvent) {
    this.event = event;
  }

  /** What is put on one of them: copies are settled together. */
  get copy(): PutEvent {
    return { ...this.event, isCopy: true };
  }

  storedOn(range: HashRange): void {
    this.#storedOn.add(formatHashRange(range));
  }

  /** Of a plan, the ranges that do not have it. */
  leftIn(ranges: readonly ShardRange[]): ShardRange[] {
    return ranges.filter((range) => !this.#storedOn.has(formatHashRange(range)));
  }
}

export const isOriginal = ({ isCopy }: PutEvent): boolean => isCopy !== true;
