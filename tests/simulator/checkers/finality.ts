/** When all is done, a row is final if every lane's own watermark has passed its window's end and lateness. */
import type { Item } from '../../../shared/ports/table.ts';
import type { Checker, Evidence } from '../evidence.ts';

export const finality: Checker = (evidence) => {
  const { rows, expected, analysis, lanes, expiredBefore } = evidence;
  const started = lanes.map(({ lane }) => expected.lanes.get(`${lane.stream}/${lane.shard}`));
  const least = Math.min(...started.map((lane) => lane?.watermark ?? Number.NEGATIVE_INFINITY));
  for (const row of rows) {
    const end = Date.parse(String(row['windowEnd']));
    if (end <= expiredBefore || isOutOfReach(evidence, row)) continue;
    if (row['final'] !== true && end + analysis.lateness <= least) {
      return `row ${row['windowEnd']} is not final, though every lane is past ${new Date(least).toISOString()}`;
    }
  }
  return undefined;
};

/** The row's pages expired before its window became final. */
function isOutOfReach({ rowChanges, storedSince }: Evidence, row: Item): boolean {
  const last = rowChanges.findLast(({ after }) => after === row);
  return last !== undefined && last.at < storedSince;
}
