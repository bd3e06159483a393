/** Per lane, accepted, filtered, late and dead are the oracle's, and so add up to what the shard held. */
import type { Checker } from '../evidence.ts';

export const counts: Checker = ({ expected, lanes, contents }) => {
  const stored = new Map(lanes.map((each) => [`${each.lane.stream}/${each.lane.shard}`, each]));
  for (const { lane, records } of contents) {
    const should = expected.lanes.get(lane);
    const is = stored.get(lane);
    if (records.length === 0) continue;
    if (!should || !is) return `lane ${lane} has no commit`;
    for (const name of ['accepted', 'filtered', 'late', 'dead'] as const) {
      if (is.counts[name] !== should.counts[name]) {
        return `lane ${lane}: ${JSON.stringify(is.counts)}, should be ${JSON.stringify(should.counts)}`;
      }
    }
    if (is.watermark !== should.watermark) {
      return `lane ${lane}: W is ${is.watermark}, should be ${should.watermark}`;
    }
  }
  return undefined;
};
