/**
 * What people decided about the dead letters of a commit: which they put back, discarded, or put back edited. One item a commit,
 * so that it costs what there is of commits and not of letters; without one, nothing was decided.
 *
 * 1. A letter is named by its place among the commit's side events, which never change.
 * 2. The engine goes by `edited` alone: a copy that is not its letter, byte for byte, is let in only where its digest stands
 *    here. So only who may write this table can have another event in a letter's place.
 * 3. Marks outlive their commit, as admissions do: a copy that is tried again finds what let it in.
 * 4. Two people at once: each change is a compare-and-swap.
 */
import { hash } from 'node:crypto';
import { RetryableError } from '../../errors.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import { days, type ProcessingTime, processingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { expirySeconds, marksPartition, slotKey } from '../keys.ts';

/** Mutable: `changeMarks` gives them to whoever changes them. */
export interface LetterMarks {
  readonly redriven: Set<number>;
  readonly discarded: Set<number>;
  /** Digests of the events that may come in the letters' places. */
  readonly edited: Set<string>;
}

/** Of a letter: where it first stood, and what comes instead. */
export const editDigest = (position: string, payload: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${position}\n`), payload]), 'base64url');

/** Of an item of 400 KB they take 240 KB at most. */
const EDITED_MAX = 5_000;
const ATTEMPTS = 5;
const OUTLIVES_COMMIT = days(14);

export async function readMarks(
  table: Table,
  lane: Lane,
  slot: number,
): Promise<LetterMarks | undefined> {
  const item = readable(await table.get(keyOf(lane, slot), 'strong'));
  return item && marksOf(item);
}

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

/** Throws RetryableError where others keep changing them, or more are edited than one item holds. */
export async function changeMarks(
  table: Table,
  { lane, slot, expiresAt }: MarkedCommit,
  change: (marks: LetterMarks) => void,
): Promise<void> {
  const key = keyOf(lane, slot);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = readable(await table.get(key, 'strong'));
    const marks = stored ? marksOf(stored) : noMarks();
    change(marks);
    const place = `${laneName(lane)}, commit ${slot}`;
    if (marks.edited.size > EDITED_MAX) {
      throw new RetryableError(`${place}: more than ${EDITED_MAX} of its dead letters are edited`);
    }
    const revision = Number(stored?.['revision'] ?? 0);
    const item = {
      ...key,
      ...STAMP,
      ...itemOf(marks),
      revision: revision + 1,
      [EXPIRES_AT]: expirySeconds(processingTime(expiresAt + OUTLIVES_COMMIT)),
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
  edited: new Set(),
});

const keyOf = (lane: Lane, slot: number) => ({ pk: marksPartition(lane), sk: slotKey(slot) });

const itemOf = ({ redriven, discarded, edited }: LetterMarks): Item => ({
  redriven: bitsOf(redriven),
  discarded: bitsOf(discarded),
  edited: [...edited],
});

const marksOf = (item: Item): LetterMarks => ({
  redriven: placesIn(item['redriven'] as Uint8Array),
  discarded: placesIn(item['discarded'] as Uint8Array),
  edited: new Set(item['edited'] as readonly string[]),
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
