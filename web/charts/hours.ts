/** The hours of a day as bars: what they are parts of, and which is the highest. */

export interface HourBar {
  readonly hour: number;
  readonly count: number;
  /** Of the highest. */
  readonly share: number;
}

export function hourBars(counts: readonly number[]): HourBar[] {
  const max = Math.max(1, ...counts);
  return counts.map((count, hour) => ({ hour, count, share: count / max }));
}

/** The first of equals; undefined where nothing happened. */
export function peakOf(counts: readonly number[]): Omit<HourBar, 'share'> | undefined {
  const count = Math.max(0, ...counts);
  return count === 0 ? undefined : { hour: counts.indexOf(count), count };
}

/** As a clock has it: 9 is 09:00. */
export const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;
