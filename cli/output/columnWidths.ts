/** Which columns of a table a terminal has room for, and how wide each may be. */

export interface WantedWidth {
  /** Of its widest cell. */
  readonly natural: number;
  /** What it says too little below. */
  readonly least: number;
}

/** These say what a row is about: they stay, however narrow the terminal. */
const COLUMNS_KEPT_MIN = 2;

/** Of what is around cells: `│ a │ b │`. */
export const frameWidth = (columns: number): number => 3 * columns + 1;

/**
 * The widest ones shrink first. Where all are at their least and do not fit, columns are left out from the last on: the result
 * has a width for each that stays.
 */
export function columnWidths(wanted: readonly WantedWidth[], width: number): number[] {
  for (let shown = wanted.length; shown > COLUMNS_KEPT_MIN; shown -= 1) {
    const columns = wanted.slice(0, shown);
    const room = width - frameWidth(shown);
    if (sum(columns.map(({ least }) => least)) <= room) return shrink(columns, room);
  }
  const kept = wanted.slice(0, COLUMNS_KEPT_MIN).map(({ natural }) => ({ natural, least: 1 }));
  return shrink(kept, width - frameWidth(kept.length));
}

/** As wide as they are where there is room; otherwise none is wider than what makes them fit. */
function shrink(columns: readonly WantedWidth[], room: number): number[] {
  const widths = (widest: number) =>
    columns.map(({ natural, least }) => Math.max(least, Math.min(natural, widest)));
  let widest = Math.max(1, room);
  while (widest > 1 && sum(widths(widest)) > room) widest -= 1;
  let left = room - sum(widths(widest));
  return widths(widest).map((width, i) => {
    const grows = left > 0 && width === widest && width < (columns[i]?.natural ?? 0);
    if (grows) left -= 1;
    return grows ? width + 1 : width;
  });
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
