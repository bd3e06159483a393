/**
 * No row is written before its time. When a run writes the row of a window that no earlier run had
 * closed, or a status that only time brings, or moves the job watermark, every lane that had committed before
 * the run began to look is as far, or was silent for long enough to be left out. Of a status whose key is one lane's, one lane is.
 */
import type { Item } from '../../../shared/ports/table.ts';
import { closingStateIn } from '../../../shared/state/closing/closingState.ts';
import type { Checker, Evidence } from '../evidence.ts';
import type { RecordedChange } from '../world/history.ts';

export const timing: Checker = (evidence) => {
  const { endedAt = Number.POSITIVE_INFINITY } = evidence;
  const lanes = Map.groupBy(evidence.commits, ({ lane }) => lane);
  const rowChanges = evidence.results.flatMap(({ changes }) => changes);
  const changes = [...rowChanges, ...evidence.closingChanges].sort((a, b) => a.at - b.at);
  let closedUpTo = Number.NEGATIVE_INFINITY;
  for (const change of changes) {
    const reached = reachedBy(evidence, change);
    if (reached <= closedUpTo || change.at >= endedAt) continue;
    if (isClock(change)) closedUpTo = reached;
    const held = [...lanes].filter(([, commits]) => holdsBack(evidence, commits, reached, change));
    if (isOfOneLane(evidence, change) && held.length < lanes.size) continue;
    const [first] = held;
    if (first) {
      const upTo = new Date(reached).toISOString();
      return `${change.by} went up to ${upTo} at ${change.at}, while ${first[0]} was not there yet`;
    }
  }
  return undefined;
};

const isOfOneLane = ({ analysis }: Evidence, { kind }: Pick<RecordedChange, 'kind'>): boolean =>
  kind === 'status' && analysis.kind === 'status';

/** It says itself how far the job has come. */
const isClock = ({ kind }: Pick<RecordedChange, 'kind'>): boolean =>
  kind === 'closing' || kind === 'clock';

const FORGETS_SOON_MS = 3_600_000;

/** How far the change says that the job has come. */
function reachedBy(
  { analysis, stateRetention }: Evidence,
  { kind, before, after }: RecordedChange,
): number {
  if (!after) return Number.NEGATIVE_INFINITY;
  if (kind === 'clock') return Number(after['watermark'] ?? Number.NEGATIVE_INFINITY);
  if (kind === 'closing') return closingReach(after);
  if (kind === 'row' && !before) return Date.parse(String(after['windowEnd']));
  if (kind !== 'status' || analysis.kind !== 'status') return Number.NEGATIVE_INFINITY;
  // Where a key starts anew, all timers of before fire.
  if (analysis.rows !== 'all' && stateRetention < FORGETS_SOON_MS) return Number.NEGATIVE_INFINITY;
  const isNew = after['status'] !== before?.['status'];
  return (isNew ? analysis.dueAt(after) : undefined) ?? Number.NEGATIVE_INFINITY;
}

/** A run that has too much to do says where it will end, and later ones go there. */
function closingReach(item: Item): number {
  const { watermark, goal } = closingStateIn(item);
  return Math.max(watermark, goal?.watermark ?? Number.NEGATIVE_INFINITY);
}

/** Whether the lane was behind and busy during the whole time in which the run may have decided. */
function holdsBack(
  { settings, clockSkew }: Evidence,
  commits: Evidence['commits'],
  reached: number,
  { at, lookedAt: from = at }: RecordedChange,
): boolean {
  const first = commits[0];
  if (!first || first.at > from) return false;
  const known = commits.filter((commit) => commit.at <= at);
  const head = known.at(-1);
  if (!head || head.isEnd || head.watermark >= reached) return false;
  const flushAfter = settings.flushAfter === 'never' ? settings.idleAfter : settings.flushAfter;
  const silence = Math.min(settings.idleAfter, flushAfter) - clockSkew;
  return known.every((commit, i) => {
    const until = Math.min(known[i + 1]?.at ?? at, at);
    if (until < from) return true;
    return commit.lastValidAt !== undefined && until - commit.lastValidAt <= silence;
  });
}
