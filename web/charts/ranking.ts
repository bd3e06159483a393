/** How a ranking has moved since the one before it. */

export interface Ranked {
  readonly rank: number;
  readonly id: string;
  readonly count: number;
}

export type Move =
  | { readonly kind: 'up' | 'down'; readonly places: number }
  | { readonly kind: 'same' | 'new' }
  /** There is no ranking before. */
  | { readonly kind: 'first' };

export interface MovedRank extends Ranked {
  readonly move: Move;
}

export function movesOf(ranking: readonly Ranked[], before: readonly Ranked[] | undefined) {
  const ranks = before && new Map(before.map(({ id, rank }) => [id, rank]));
  return ranking.map((each): MovedRank => ({ ...each, move: moveOf(each, ranks) }));
}

function moveOf({ id, rank }: Ranked, ranks: ReadonlyMap<string, number> | undefined): Move {
  if (!ranks) return { kind: 'first' };
  const before = ranks.get(id);
  if (before === undefined) return { kind: 'new' };
  if (before === rank) return { kind: 'same' };
  return before > rank
    ? { kind: 'up', places: before - rank }
    : { kind: 'down', places: rank - before };
}

/** Counts by name as a ranking; ties in the order of the names, so that nothing moves by itself. */
export function rankedCounts(counts: Readonly<Record<string, number>>): Ranked[] {
  return Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([id, count], i) => ({ rank: i + 1, id, count }));
}
