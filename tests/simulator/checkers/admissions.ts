/** Of the copies of a redriven event exactly one is admitted, and every origin that came back has one. */
import type { Checker } from '../evidence.ts';

export const admissions: Checker = ({ job, contents, admissions: admitted }) => {
  const copies = new Map<string, string[]>();
  for (const { lane, records } of contents) {
    for (const { sequence, facts } of records) {
      for (const fact of facts) {
        if (fact.kind !== 'redriven' || fact.origin.job !== job) continue;
        const origin = `${fact.origin.lane}#${fact.origin.position}`;
        copies.set(origin, [...(copies.get(origin) ?? []), `${lane}#${sequence}/${fact.index}`]);
      }
    }
  }
  for (const [origin, places] of copies) {
    const by = admitted.get(origin);
    if (by === undefined) return `no copy of ${origin} was admitted`;
    if (!places.includes(by)) return `${origin} was admitted for ${by}, which is no copy of it`;
  }
  return admitted.size === copies.size ? undefined : 'something was admitted that never came back';
};
