/** A bar beside a count, in eighths of a sign, so that a short one still tells counts apart. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const FULL = '█';

/** @param greatest the count of a bar that is as wide as bars may be; what is no more than nothing has none */
export function bar(count: number, greatest: number, width: number): string {
  if (count <= 0) return '';
  const eighths = Math.max(1, Math.round((count / greatest) * width * EIGHTHS.length));
  return FULL.repeat(Math.floor(eighths / EIGHTHS.length)) + EIGHTHS[eighths % EIGHTHS.length];
}

/** Shorter ones tell nothing apart; longer ones lead the eye away from the figures. */
const WIDTH_MIN = 5;
const WIDTH_MAX = 20;

/** How wide the bars of so many columns are in that room, each with a blank before it: the first ones, where not all fit. */
export function barWidths(columns: number, room: number): number[] {
  const shown = Math.min(columns, Math.floor(room / (1 + WIDTH_MIN)));
  if (shown === 0) return [];
  const width = Math.min(WIDTH_MAX, Math.floor(room / shown) - 1);
  return Array<number>(shown).fill(width);
}
