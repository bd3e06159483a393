/** What a named producer knows to be stored is on a shard that counts it: so, with the counts of the lanes, each event counts once. */
import type { Checker } from '../evidence.ts';

export const namedEvents: Checker = ({ named, contents }) => {
  const stored = new Set<string>();
  for (const { lane, low = 0, high = 1, records } of contents) {
    const stream = lane.slice(0, lane.lastIndexOf('/'));
    for (const { put } of records.flatMap(({ facts }) => facts)) {
      if (put && put.low >= low && put.high <= high)
        stored.add(`${stream} ${put.name} ${put.place}`);
    }
  }
  const lost = named.find((event) => !stored.has(event));
  return lost && `${lost} is on no shard that counts it`;
};
