/**
 * The counts that must add up: every event that arrives is in exactly one of the first four.
 * `expired` is found later, by the closer, among the accepted ones, and is kept in the closing state.
 */

export interface Counts {
  readonly accepted: number;
  readonly filtered: number;
  readonly late: number;
  readonly dead: number;
  /**
   * Of the filtered ones, those that stood in an aggregate on a shard that they do not belong to, so that their producer put
   * them again. Absent where there are none.
   */
  readonly misplaced?: number;
}

export const NO_COUNTS: Counts = { accepted: 0, filtered: 0, late: 0, dead: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return countsOf({
    accepted: a.accepted + b.accepted,
    filtered: a.filtered + b.filtered,
    late: a.late + b.late,
    dead: a.dead + b.dead,
    misplaced: (a.misplaced ?? 0) + (b.misplaced ?? 0),
  });
}

/** What was counted between two running totals. */
export const countsBetween = (from: Counts, to: Counts): Counts =>
  countsOf({
    accepted: to.accepted - from.accepted,
    filtered: to.filtered - from.filtered,
    late: to.late - from.late,
    dead: to.dead - from.dead,
    misplaced: (to.misplaced ?? 0) - (from.misplaced ?? 0),
  });

/** The counts among other things. */
export const countsOf = ({ accepted, filtered, late, dead, misplaced = 0 }: Counts): Counts => ({
  accepted,
  filtered,
  late,
  dead,
  ...(misplaced > 0 ? { misplaced } : {}),
});

export const totalOf = (c: Counts): number => c.accepted + c.filtered + c.late + c.dead;
