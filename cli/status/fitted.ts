/** Lines that fit a terminal, the first ones first. */
import type { TerminalSize } from '../output/terminal.ts';
import { cut, textWidth } from '../output/width.ts';

/** A line that is too wide takes several rows. Where not all lines fit, the last row says how many are missing. */
export function fitted(lines: readonly string[], size: TerminalSize): string[] {
  const shown = fitting(lines, size);
  if (shown === lines.length) return [...lines];
  const room = { ...size, rows: size.rows - 1 };
  const kept = fitting(lines, room);
  const missing = lines.length - kept;
  const last = `… and ${missing} more ${missing === 1 ? 'line' : 'lines'}`;
  return [...lines.slice(0, kept), cut(last, size.columns)];
}

/** How many of the lines, from the first one on. */
function fitting(lines: readonly string[], { columns, rows }: TerminalSize): number {
  let left = rows;
  const tooMany = lines.findIndex((line) => {
    left -= Math.max(1, Math.ceil(textWidth(line) / columns));
    return left < 0;
  });
  return tooMany === -1 ? lines.length : tooMany;
}
