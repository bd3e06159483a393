/**
 * The counts that must add up: every event that arrives is in exactly one of the first four. A copy that a named producer put again is no
 * event: it is counted apart.
 * `expired` is found later, by the closer, among the accepted ones, and is kept in the closing state.
 */

export interface Counts {
  readonly accepted: number;
  readonly filtered: number;
  readonly late: number;
  readonly dead: number;
  /**
   * Of the filtered ones, those that stood on a shard that they do not belong to, in an aggregate or in a named producer's record, so
   * that their producer put them again. Absent where there are none, as are the next two.
   */
  readonly misplaced?: number;
  /** Beside all of these: copies of events that the lane had taken before. */
  readonly repeated?: number;
  /** Of the first four, those of a named producer that the lane had no room to remember: copies of them count again. */
  readonly unremembered?: number;
}

export const NO_COUNTS: Counts = { accepted: 0, filtered: 0, late: 0, dead: 0 };

export const addCounts = (a: Counts, b: Counts): Counts => combined(a, b, (x, y) => x + y);

/** What was counted between two running totals. */
export const countsBetween = (from: Counts, to: Counts): Counts =>
  combined(from, to, (x, y) => y - x);

function combined(a: Counts, b: Counts, combine: (x: number, y: number) => number): Counts {
  const others = listed(b);
  return countsFrom(listed(a).map((count, i) => combine(count, others[i] ?? 0)));
}

/** The counts among other things. */
export const countsOf = (counts: Counts): Counts => countsFrom(listed(counts));

/** All events; a misplaced one is counted where its producer puts it again. */
export const totalOf = ({ accepted, filtered, late, dead, misplaced = 0 }: Counts): number =>
  accepted + filtered + late + dead - misplaced;

/** As they are stored: the last ones only as far as there are any. */
export function storedCounts(counts: Counts): number[] {
  const all = listed(counts);
  while (all.length > ALWAYS_STORED && all.at(-1) === 0) all.pop();
  return all;
}

const ALWAYS_STORED = 4;

const listed = ({
  accepted,
  filtered,
  late,
  dead,
  misplaced = 0,
  repeated = 0,
  unremembered = 0,
}: Counts): number[] => [accepted, filtered, late, dead, misplaced, repeated, unremembered];

/** The inverse of `storedCounts`. */
export const countsFrom = ([
  accepted = 0,
  filtered = 0,
  late = 0,
  dead = 0,
  misplaced = 0,
  repeated = 0,
  unremembered = 0,
]: readonly number[]): Counts => ({
  accepted,
  filtered,
  late,
  dead,
  ...(misplaced > 0 ? { misplaced } : {}),
  ...(repeated > 0 ? { repeated } : {}),
  ...(unremembered > 0 ? { unremembered } : {}),
});
