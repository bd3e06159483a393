/** Columns without borders, for what is drawn again and again on a terminal. */
import { padEnd, padStart, textWidth } from './width.ts';

/** @param right the columns whose cells stand at their right end, as numbers do */
export function columnLines(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => textWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => (right.has(i) ? padStart : padEnd)(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
