/** The N ids with the highest counts: a step on a result, not an aggregate, so that it is exact. */
import { type CompactId, compareIds } from '../model/ids.ts';

export interface Ranked {
  readonly rank: number;
  readonly id: string;
  readonly count: number;
  readonly [attribute: string]: string | number;
}

/**
 * A ranking of what `countBy` counted, for `result`: not an aggregate, so that no count is lost on the way. Counts descend, and equal
 * ones go by id: whole numbers as numbers, before other ids. Ranks are 1 to `n`, and none is shared.
 *
 * State: none; `countBy` keeps all counts.
 * Exact: yes.
 * @param counts the result of `countBy`
 * @param n how many ids the ranking has at most
 * @example topN(new Map([['/a', 2], ['/b', 1], ['/c', 2]]), 2)
 */
export function topN(counts: ReadonlyMap<CompactId, number>, n: number): Ranked[] {
  const best: { id: CompactId; count: number }[] = [];
  for (const [id, count] of counts) {
    const worst = best[n - 1];
    if (worst && before(worst, id, count)) continue;
    // Insertion into a short sorted list: one pass over the counts whatever their number.
    let at = Math.min(best.length, n);
    while (at > 0 && !before(best[at - 1] as (typeof best)[number], id, count)) at -= 1;
    best.splice(at, 0, { id, count });
    best.length = Math.min(best.length, n);
  }
  return best.map(({ id, count }, i) => ({ rank: i + 1, id: String(id), count }));
}

function before(ranked: { id: CompactId; count: number }, id: CompactId, count: number): boolean {
  if (ranked.count !== count) return ranked.count > count;
  return compareIds(ranked.id, id) < 0;
}
