/** Per lane, accepted, filtered, late and dead are the oracle's, and so add up to what the shard held. */
import type { Checker, Evidence } from '../evidence.ts';
import type { ExpectedLane } from '../oracle/lanes.ts';

export const counts: Checker = ({ expected, lanes, contents }) => {
  const stored = new Map(lanes.map((each) => [`${each.lane.stream}/${each.lane.shard}`, each]));
  for (const { lane, records } of contents) {
    if (records.length === 0) continue;
    const problem = laneProblem(stored.get(lane), expected.lanes.get(lane));
    if (problem) return `lane ${lane} ${problem}`;
  }
  return undefined;
};

const NAMES = ['accepted', 'filtered', 'late', 'dead'] as const;

function laneProblem(
  is: Evidence['lanes'][number] | undefined,
  should: ExpectedLane | undefined,
): string | undefined {
  if (!should || !is) return 'has no commit';
  if (NAMES.some((name) => is.counts[name] !== should.counts[name])) {
    return `counts ${JSON.stringify(is.counts)}, should count ${JSON.stringify(should.counts)}`;
  }
  const { misplaced = 0 } = is.counts;
  if (misplaced !== should.misplaced) {
    return `counts ${misplaced} as misplaced, should count ${should.misplaced}`;
  }
  const { repeated = 0 } = is.counts;
  if (repeated !== should.repeated) {
    return `counts ${repeated} as repeated, should count ${should.repeated}`;
  }
  const isOff = is.watermark !== should.watermark;
  return isOff ? `has W ${is.watermark}, should have ${should.watermark}` : undefined;
}
