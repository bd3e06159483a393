/** When all is done, every time is past: no timer sheet is left, and no event is held. */
import type { Checker } from '../evidence.ts';
import { ofStatuses } from './byKind.ts';

export const timers = ofStatuses(({ job, changes }) => {
  const left = new Set<string>();
  for (const { kind, key, after } of changes) {
    if (kind !== 'sheet' || !key.pk.startsWith(`${job}#`)) continue;
    const name = `${key.pk} ${key.sk}`;
    if (after) left.add(name);
    else left.delete(name);
  }
  const [pending] = left;
  return pending && `timer sheet ${pending} is still there`;
});

/** Where matches time out, what waits in the end may be that. */
export const heldEvents: Checker = ({ commits, analysis }) => {
  if (analysis.kind !== 'pattern' || analysis.begun) return undefined;
  const heads = new Map(commits.map((commit) => [commit.lane, commit]));
  const holding = [...heads].find(([, { isHolding }]) => isHolding);
  return holding && `lane ${holding[0]} still holds events`;
};
