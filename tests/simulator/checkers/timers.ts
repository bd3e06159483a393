/** When all is done, every time is past: no event is held. */
import type { Checker } from '../evidence.ts';

/** Where matches time out, what waits in the end may be that. */
export const heldEvents: Checker = ({ commits, analysis }) => {
  if (analysis.kind !== 'pattern' || analysis.begun) return undefined;
  const heads = new Map(commits.map((commit) => [commit.lane, commit]));
  const holding = [...heads].find(([, { isHolding }]) => isHolding);
  return holding && `lane ${holding[0]} still holds events`;
};
