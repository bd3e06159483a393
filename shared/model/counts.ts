/**
 * The counts that must add up (invariant I3): every event that arrives is in exactly one of these.
 * `expired` is found later, by the closer, among the accepted ones, and is kept in the closing state.
 */

export interface Counts {
  readonly accepted: number;
  readonly filtered: number;
  readonly late: number;
  readonly dead: number;
}

export const NO_COUNTS: Counts = { accepted: 0, filtered: 0, late: 0, dead: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    accepted: a.accepted + b.accepted,
    filtered: a.filtered + b.filtered,
    late: a.late + b.late,
    dead: a.dead + b.dead,
  };
}

export const totalOf = (c: Counts): number => c.accepted + c.filtered + c.late + c.dead;
