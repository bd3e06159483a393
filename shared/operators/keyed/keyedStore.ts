/**
 * The states of a lane's keys, in memory, as they are behind one commit of its log. Pure: restoring it and drafting commits from
 * it are the runtime's.
 *
 * 1. It changes only by commits that stand in the log, in order. Attempts work on what they have changed themselves, before it.
 * 2. What no later record can find may be left out at any time: no answer depends on it. That is judged behind the commit where
 *    the store stands, since one that is only tried may be lost.
 */
import { InvariantViolation } from '../../errors.ts';
import type { ArrivalTime, EventTime } from '../../model/time.ts';
import { valueWeight } from '../../ports/valueWeight.ts';
import { type Coverage, HASHES, hashOf, type Stretch } from './coverage.ts';
import {
  aheadBytesOf,
  type Changes,
  isKept,
  type KeptState,
  type KeyedStates,
} from './keyedState.ts';
import { type Due, type DueBounds, NO_TIMES, TimeQueue, type TimesOf } from './timeQueue.ts';

/** Before a lane's first commit. */
export const NO_SLOT = -1;

export type Entry = readonly [key: string, kept: KeptState];

/** Whether no later record can find what is kept of a key. */
export type IsForgotten = (kept: KeptState) => boolean;

/** What keys wait for. Never throws. */
export interface KeyWaits {
  /** The times of timers that have not fired: only states of status jobs have some. */
  readonly timersOf: TimesOf<EventTime>;
  /** How far the frontier has to be for the first of what waits ahead: only of status jobs that are repartitioned. */
  readonly aheadOf: TimesOf<ArrivalTime>;
}

export const NO_WAITS: KeyWaits = { timersOf: NO_TIMES, aheadOf: NO_TIMES };

/** A commit, as far as the store goes by it. */
export interface Advanced {
  readonly slot: number;
  readonly changes: Changes;
  /** What restoring reads of the commit. */
  readonly loggedBytes: number;
  readonly coverage: Coverage;
  readonly part: 'named' | 'none';
}

export class KeyedStore implements KeyedStates {
  /** By the beginning of the hash, so that a part is found without looking at all keys. */
  readonly #buckets: (Map<string, KeptState> | undefined)[] = [];
  #size = 0;
  #slot = NO_SLOT;
  /** Absent before the first commit. */
  #coverage: Coverage | undefined;
  #loggedBytes = 0;
  #weight = 0;
  #aheadBytes = 0;
  /** Encoded bytes for each one of weight: of the part that was measured last. */
  #density = DENSITY;
  readonly #timers: TimeQueue<EventTime>;
  readonly #ahead: TimeQueue<ArrivalTime>;
  /** The bucket that was swept last. */
  #swept = 0;

  constructor({ timersOf, aheadOf }: KeyWaits = NO_WAITS) {
    this.#timers = new TimeQueue(timersOf, this);
    this.#ahead = new TimeQueue(aheadOf, this);
  }

  /** The commit that it is behind. */
  get slot(): number {
    return this.#slot;
  }

  get coverage(): Coverage | undefined {
    return this.#coverage;
  }

  /** Bytes of the log since the last part, as far as restoring reads them. */
  get loggedBytes(): number {
    return this.#loggedBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** About what it takes in memory (bytes). */
  get weight(): number {
    return this.#weight;
  }

  /** Bytes of the events that wait ahead. */
  get aheadBytes(): number {
    return this.#aheadBytes;
  }

  /** About what a snapshot of it would take (bytes). */
  get snapshotBytes(): number {
    return Math.ceil(this.#weight * this.#density);
  }

  get(key: string): KeptState | undefined {
    return this.#buckets[bucketOf(hashOf(key))]?.get(key);
  }

  *entries(): Generator<Entry> {
    for (const bucket of this.#buckets) if (bucket) yield* bucket;
  }

  /** Part of what a lane begins with. */
  load(entries: Iterable<Entry>): void {
    for (const [key, kept] of entries) this.#set(key, kept);
  }

  /** Where it stands once everything is loaded. */
  standAt(slot: number, coverage: Coverage | undefined, loggedBytes: number): void {
    this.#slot = slot;
    this.#coverage = coverage;
    this.#loggedBytes = loggedBytes;
  }

  /** Takes over what the next commit says. */
  advance({ slot, changes, loggedBytes, coverage, part }: Advanced): void {
    if (slot !== this.#slot + 1) {
      throw new InvariantViolation(
        `a keyed store behind slot ${this.#slot} was given slot ${slot}`,
      );
    }
    for (const [key, kept] of changes) this.#set(key, kept);
    this.#slot = slot;
    this.#coverage = coverage;
    this.#loggedBytes = part === 'named' ? loggedBytes : this.#loggedBytes + loggedBytes;
  }

  /** The keys whose timers are due, and when the next one is that is not among them. Changes nothing. */
  due(bounds: DueBounds<EventTime>): Due<EventTime> {
    return this.#timers.due(bounds);
  }

  /** The same of the keys whose events ahead may be taken. */
  dueAhead(bounds: DueBounds<ArrivalTime>): Due<ArrivalTime> {
    return this.#ahead.due(bounds);
  }

  /** Drops what is forgotten, of some keys: of others each time. */
  sweep(isForgotten: IsForgotten): void {
    for (let n = 0; n < SWEPT_AT_ONCE; n += 1) {
      this.#swept = (this.#swept + 1) % BUCKETS;
      for (const [key, kept] of this.#buckets[this.#swept] ?? []) {
        if (isForgotten(kept)) this.#remove(key);
      }
    }
  }

  /** Notes what a part took when it was encoded. */
  measure(weight: number, bytes: number): void {
    if (weight > 0) this.#density = bytes / weight;
  }

  /**
   * The keys of the next part, in any order, and the stretch that they fill: from a hash on, as many as take about so
   * many bytes encoded. Those that are forgotten are dropped on the way.
   */
  partFrom(
    from: number,
    bytesMax: number,
    isForgotten: IsForgotten,
  ): { readonly stretch: Stretch; readonly entries: readonly Entry[]; readonly weight: number } {
    const share = this.snapshotBytes <= bytesMax ? 1 : bytesMax / this.snapshotBytes;
    const to = Math.min(HASHES, from + Math.ceil(HASHES * share));
    const found: HashedEntry[] = [];
    for (const hashed of this.#within({ from, to })) {
      const [key, kept] = hashed.entry;
      if (isForgotten(kept)) this.#remove(key);
      else found.push(hashed);
    }
    return cutTo({ from, to }, found, WEIGHT_FACTOR * (bytesMax / this.#density));
  }

  *#within({ from, to }: Stretch): Generator<HashedEntry> {
    for (let at = bucketOf(from); at <= bucketOf(to - 1); at += 1) {
      for (const entry of this.#buckets[at] ?? []) {
        const hash = hashOf(entry[0]);
        if (hash >= from && hash < to) yield { hash, entry };
      }
    }
  }

  #set(key: string, kept: KeptState): void {
    if (!isKept(kept)) {
      this.#remove(key);
      return;
    }
    const at = bucketOf(hashOf(key));
    const bucket = this.#buckets[at] ?? new Map<string, KeptState>();
    this.#buckets[at] = bucket;
    const before = bucket.get(key);
    // In its old place: to take it out first costs more.
    bucket.set(key, kept);
    if (before) this.#weight -= weightOf(key, before);
    else this.#size += 1;
    this.#weight += weightOf(key, kept);
    this.#aheadBytes += aheadBytesOf(kept) - (before ? aheadBytesOf(before) : 0);
    this.#timers.note(key, kept, before);
    this.#ahead.note(key, kept, before);
  }

  #remove(key: string): void {
    const bucket = this.#buckets[bucketOf(hashOf(key))];
    const before = bucket?.get(key);
    if (!before) return;
    bucket?.delete(key);
    this.#size -= 1;
    this.#weight -= weightOf(key, before);
    this.#aheadBytes -= aheadBytesOf(before);
  }
}

const BUCKETS = 1_024;
/** Buckets: all keys are looked at in a few minutes of commits. */
const SWEPT_AT_ONCE = 4;
const bucketOf = (hash: number): number => Math.floor(hash / (HASHES / BUCKETS));

/** Before a part was measured. */
const DENSITY = 0.1;
/** Where keys lie unevenly, a stretch holds so many times what it should at most. */
const WEIGHT_FACTOR = 4;

interface HashedEntry {
  readonly hash: number;
  readonly entry: Entry;
}

/** The first of these, by hash; all of one hash, in any case. */
function cutTo(stretch: Stretch, found: HashedEntry[], weightMax: number) {
  let weight = 0;
  for (const { entry } of found) weight += weightOf(...entry);
  const all = { stretch, entries: found.map(({ entry }) => entry), weight };
  if (weight <= weightMax) return all;
  found.sort((a, b) => a.hash - b.hash);
  weight = 0;
  for (const [i, { hash, entry }] of found.entries()) {
    if (weight > weightMax && hash !== found[i - 1]?.hash) {
      const entries = found.slice(0, i).map((each) => each.entry);
      return { stretch: { ...stretch, to: hash }, entries, weight };
    }
    weight += weightOf(...entry);
  }
  return all;
}

/** What an entry of a map takes, with the objects that it leads to. */
const ENTRY_BYTES = 120;

/** About what a key takes in memory (bytes). */
export function weightOf(key: string, kept: KeptState): number {
  const { state, partitionKey } = kept;
  return (
    ENTRY_BYTES +
    key.length +
    (partitionKey === key ? 0 : partitionKey.length) +
    (state === undefined ? 0 : valueWeight(state)) +
    aheadBytesOf(kept)
  );
}
