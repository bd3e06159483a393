/** Durations as people read them. */
import type { Duration } from './time.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;
/** Of a longer time the smaller units say nothing. */
const PARTS_MAX = 2;

/** `5 min 10 s`, `2 h`, `3 d 4 h`: to the second, and of it the two units that matter. */
export function durationText(duration: Duration): string {
  let rest = Math.max(0, Math.floor(duration / 1_000));
  const counts = UNITS.map(([unit, seconds]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return { unit, count };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0 s';
  return counts
    .slice(first, first + PARTS_MAX)
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count.toLocaleString('en-US')} ${unit}`)
    .join(' ');
}
