/** Of the copies of a redriven event exactly one is admitted, and every origin that came back has one. */
import type { Checker, Evidence } from '../evidence.ts';

export const admissions: Checker = (evidence) => {
  const copies = copiesByOrigin(evidence);
  for (const [origin, places] of copies) {
    const by = evidence.admissions.get(origin);
    if (by === undefined) return `no copy of ${origin} was admitted`;
    if (!places.includes(by)) return `${origin} was admitted for ${by}, which is no copy of it`;
  }
  const isOdd = evidence.admissions.size !== copies.size;
  return isOdd ? 'something was admitted that never came back' : undefined;
};

function copiesByOrigin({ job, contents }: Evidence): Map<string, string[]> {
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
  return copies;
}
