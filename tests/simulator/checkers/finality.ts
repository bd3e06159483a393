/** When all is done, a row is final if every lane's own watermark has passed its window's end and lateness. */
import type { Item } from '../../../shared/ports/table.ts';
import { ofWindows, type WindowEvidence } from './byKind.ts';

export const finality = ofWindows((evidence) => {
  const { table, expected, analysis, lanes, expiredBefore } = evidence;
  const started = lanes.map(({ lane }) => expected.lanes.get(`${lane.stream}/${lane.shard}`));
  const least = Math.min(...started.map((lane) => lane?.watermark ?? Number.NEGATIVE_INFINITY));
  for (const row of table.rows) {
    const end = Date.parse(String(row['windowEnd']));
    if (end <= expiredBefore || row['withdrawn'] === true || isOutOfReach(evidence, row)) continue;
    if (row['final'] !== true && end + analysis.lateness <= least) {
      return `row ${row['windowEnd']} is not final, though every lane is past ${new Date(least).toISOString()}`;
    }
  }
  return undefined;
});

/** The row's pages expired before its window became final. */
function isOutOfReach({ table, storedSince }: WindowEvidence, row: Item): boolean {
  const last = table.changes.findLast(({ after }) => after === row);
  return last !== undefined && last.at < storedSince;
}
