/**
 * No row is written before its window closed: when a run writes a row, every lane that had committed before
 * the run began is past the window's end, or silent for long enough to be left out.
 */
import type { Checker, Evidence } from '../evidence.ts';

export const timing: Checker = (evidence) => {
  const { rowChanges } = evidence;
  const commitsByLane = Map.groupBy(evidence.commits, ({ lane }) => lane);
  for (const { before, after, at, by, lookedAt } of rowChanges) {
    if (before || !after || lookedAt === undefined) continue;
    if (at >= (evidence.endedAt ?? Number.POSITIVE_INFINITY)) continue;
    const end = Date.parse(String(after['windowEnd']));
    for (const [lane, commits] of commitsByLane) {
      if (holdsBack(evidence, commits, end, { from: lookedAt, at })) {
        return `${by} wrote the window ending ${after['windowEnd']} at ${at}, while ${lane} was not there yet`;
      }
    }
  }
  return undefined;
};

/** Whether the lane was behind and busy during the whole time in which the run may have decided. */
function holdsBack(
  { settings, clockSkew }: Evidence,
  commits: Evidence['commits'],
  end: number,
  { from, at }: { from: number; at: number },
): boolean {
  const first = commits[0];
  if (!first || first.at > from) return false;
  const known = commits.filter((commit) => commit.at <= at);
  if ((known.at(-1)?.watermark ?? end) >= end) return false;
  const flushAfter = settings.flushAfter === 'never' ? settings.idleAfter : settings.flushAfter;
  const silence = Math.min(settings.idleAfter, flushAfter) - clockSkew;
  return known.every((commit, i) => {
    if (commit.lastValidAt === undefined) return false;
    const until = Math.min(known[i + 1]?.at ?? at, at);
    return until < from || until - commit.lastValidAt <= silence;
  });
}
