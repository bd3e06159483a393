/** How wide the levels of the page index are. */
import type { Duration } from '../../model/time.ts';
import type { WindowAssigner } from '../../model/window.ts';

/** A window should need at most about this many nodes of the widest level; below it, rolling up gains nothing. */
const WIDEST_LEVEL_COUNT = 12;
const ROLL_UP_FACTORS = [12, 5] as const;

/** Widths of the roll-up levels: 5 s slices in a 1 h window give 1 min and 5 min. */
export function rollUpWidths(assign: WindowAssigner): readonly Duration[] {
  const widths: Duration[] = [];
  let width: number = assign.sliceWidth;
  for (let level = 0; assign.size / width > WIDEST_LEVEL_COUNT; level += 1) {
    width *= ROLL_UP_FACTORS[level % ROLL_UP_FACTORS.length] as number;
    if (width > assign.size) break;
    widths.push(width as Duration);
  }
  return widths;
}
