/**
 * The part of a batch that is decoded. A batch of 6 MB may hold three million entries, and what one of them is parsed
 * into may be thirty times as large as its text: so the batch is decoded a window at a time, and on from where the last
 * one ended once all of it is committed.
 */
import { comparePositions, compareSequences, type Position } from '../model/position.ts';
import { decodeRecord } from './decode.ts';
import type { BatchRecord, Entry } from './entry.ts';
import { ANY_FORM, type Effort, type Reading } from './forms.ts';

/** Entries decoded at once. Small events of 60 bytes fill a batch of 6 MB with 105,000. */
const WINDOW_ENTRIES_MAX = 110_000;
/**
 * Their text together, in characters, or bytes where it is no text; a single entry may have more. What is inflated counts as
 * well: a record of little text may have taken long, and its entries keep all of it in memory.
 */
const WINDOW_LENGTH_MAX = 6 * 1024 * 1024;
/** Lists in each other take up to thirty times the memory of their text: what holds lists counts so many times. */
const LIST_WEIGHT = 4;

export class EntryWindow {
  readonly #records: Iterator<BatchRecord>;
  /** The record that is being decoded, and the entries that are left of it. */
  #record: BatchRecord | undefined;
  #rest: Iterator<Entry> = [].values();
  #entries: readonly Entry[] = [];
  #at = 0;
  readonly #reading: Reading;
  readonly #effort: Effort = { inflated: 0 };

  /** @param records in the shard's order; one that comes twice is taken once. */
  constructor(records: readonly BatchRecord[], reading: Reading = ANY_FORM) {
    this.#records = records.values();
    this.#reading = reading;
  }

  /** Entries from `at` on wait; none where the batch is at its end. */
  get waiting(): { readonly entries: readonly Entry[]; readonly at: number } {
    return { entries: this.#entries, at: this.#at };
  }

  /** The first entry that waits. */
  get first(): Entry | undefined {
    return this.#entries[this.#at];
  }

  /** Lets go what stands at or below the position, and decodes on if that is everything. */
  moveBehind(position: Position | undefined): void {
    if (position) this.#at = this.#firstBehind(position);
    if (this.first) return;
    // Before the next ones are made, so that no two windows are in memory.
    this.#entries = [];
    this.#at = 0;
    this.#entries = this.#decode(position);
  }

  /** Searched in halves: a commit of many entries is let go at once. */
  #firstBehind(position: Position): number {
    let [from, to] = [this.#at, this.#entries.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isCovered(this.#entries[middle] as Entry, position)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #decode(after: Position | undefined): Entry[] {
    const entries: Entry[] = [];
    let length = 0;
    this.#effort.inflated = 0;
    const hasRoom = () =>
      entries.length < WINDOW_ENTRIES_MAX && length + this.#effort.inflated < WINDOW_LENGTH_MAX;
    while (entries.length === 0 || hasRoom()) {
      const entry = this.#nextEntry(after);
      if (!entry) break;
      if (entries.length === 0 && isCovered(entry, after)) continue;
      entries.push(entry);
      length += weightOf(entry);
    }
    return entries;
  }

  #nextEntry(after: Position | undefined): Entry | undefined {
    for (;;) {
      const next = this.#rest.next();
      if (!next.done) return next.value;
      this.#record = this.#nextRecord(after);
      if (!this.#record) return undefined;
      this.#rest = decodeRecord(this.#record, this.#reading, this.#effort)[Symbol.iterator]();
    }
  }

  /** Records that are committed as a whole are not even decoded. */
  #nextRecord(after: Position | undefined): BatchRecord | undefined {
    const last = this.#record?.sequence;
    for (let next = this.#records.next(); !next.done; next = this.#records.next()) {
      const { sequence } = next.value;
      if (last !== undefined && compareSequences(sequence, last) <= 0) continue;
      if (after !== undefined && compareSequences(sequence, after.sequence) < 0) continue;
      return next.value;
    }
    return undefined;
  }
}

const isCovered = (entry: Entry, by: Position | undefined): boolean =>
  by !== undefined && comparePositions(entry, by) <= 0;

function weightOf(entry: Entry): number {
  const { raw } = entry;
  const hasLists = 'value' in entry && typeof raw === 'string' && raw.includes('[');
  return hasLists ? raw.length * LIST_WEIGHT : raw.length;
}
