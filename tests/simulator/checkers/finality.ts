/** When all is done, a row is final if every lane's own watermark has passed its window's end and lateness. */
import type { Checker } from '../evidence.ts';

export const finality: Checker = ({ rows, expected, analysis, lanes, expiredBefore }) => {
  const started = lanes.map(({ lane }) => expected.lanes.get(`${lane.stream}/${lane.shard}`));
  const least = Math.min(...started.map((lane) => lane?.watermark ?? Number.NEGATIVE_INFINITY));
  for (const row of rows) {
    const end = Date.parse(String(row['windowEnd']));
    if (end <= expiredBefore) continue;
    if (row['final'] !== true && end + analysis.lateness <= least) {
      return `row ${row['windowEnd']} is not final, though every lane is past ${new Date(least).toISOString()}`;
    }
  }
  return undefined;
};
