/**
 * What people decided about the dead letters of a commit: which they put back, and which they discarded. One item a commit, so
 * that it costs what there is of commits and not of letters; without one, nothing was decided. Nothing that the engine
 * decides is decided by it.
 *
 * 1. A letter is named by its place among the commit's side events, which never change.
 * 2. Two people at once: each change is a compare-and-swap.
 */
import { RetryableError } from '../../errors.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import { days, later, type ProcessingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Item, type Key, type Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { expirySeconds, marksPartition, slotKey } from '../keys.ts';

/** Mutable: `changeMarks` gives them to whoever changes them. */
export interface LetterMarks {
  readonly redriven: Set<number>;
  readonly discarded: Set<number>;
}

const ATTEMPTS = 5;
const OUTLIVES_COMMIT = days(14);

/** Of all commits of a lane, by slot; there are few. */
export async function readMarksOfLane(
  table: Table,
  lane: Lane,
): Promise<ReadonlyMap<number, LetterMarks>> {
  const marks = new Map<number, LetterMarks>();
  const pk = marksPartition(lane);
  for await (const item of table.query({ pk, order: 'ascending', consistency: 'strong' })) {
    marks.set(Number(item['sk']), marksOf(readable(item)));
  }
  return marks;
}

/** The commit whose letters are decided about. */
export interface MarkedCommit {
  readonly lane: Lane;
  readonly slot: number;
  readonly expiresAt: ProcessingTime;
}

/** Throws RetryableError where others keep changing them. */
export const changeMarks = (
  table: Table,
  commit: MarkedCommit,
  change: (marks: LetterMarks) => void,
): Promise<void> =>
  swapItem(table, keyOf(commit.lane, commit.slot), commit, (stored) => {
    const marks = stored ? marksOf(stored) : noMarks();
    change(marks);
    return itemOf(marks);
  });

/** Changes an item about a commit, or makes it. Throws RetryableError where others keep changing it. */
export async function swapItem(
  table: Table,
  key: Key,
  { lane, slot, expiresAt }: MarkedCommit,
  change: (stored: Item | undefined) => Item,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = readable(await table.get(key, 'strong'));
    const revision = Number(stored?.['revision'] ?? 0);
    const item = {
      ...key,
      ...STAMP,
      ...change(stored),
      revision: revision + 1,
      [EXPIRES_AT]: expirySeconds(later(expiresAt, OUTLIVES_COMMIT)),
    };
    const unchanged = stored
      ? ({ kind: 'equals', name: 'revision', value: revision } as const)
      : ({ kind: 'absent' } as const);
    if ((await table.put(item, unchanged)).kind === 'written') return;
  }
  throw new RetryableError(
    `${laneName(lane)}, commit ${slot}: somebody else marks its letters now`,
  );
}

const noMarks = (): LetterMarks => ({
  redriven: new Set(),
  discarded: new Set(),
});

const keyOf = (lane: Lane, slot: number) => ({ pk: marksPartition(lane), sk: slotKey(slot) });

const itemOf = ({ redriven, discarded }: LetterMarks): Item => ({
  redriven: bitsOf(redriven),
  discarded: bitsOf(discarded),
});

const marksOf = (item: Item): LetterMarks => ({
  redriven: placesIn(item['redriven'] as Uint8Array),
  discarded: placesIn(item['discarded'] as Uint8Array),
});

/** A bit a side event: of the most that a commit may hold, 14 KB. */
function bitsOf(places: ReadonlySet<number>): Uint8Array {
  let length = 0;
  for (const place of places) length = Math.max(length, (place >> 3) + 1);
  const bits = new Uint8Array(length);
  for (const place of places) bits[place >> 3] = (bits[place >> 3] as number) | (1 << (place & 7));
  return bits;
}

function placesIn(bits: Uint8Array): Set<number> {
  const places = new Set<number>();
  for (const [at, byte] of bits.entries()) {
    for (let bit = 0; bit < 8; bit += 1) if (byte & (1 << bit)) places.add(at * 8 + bit);
  }
  return places;
}
