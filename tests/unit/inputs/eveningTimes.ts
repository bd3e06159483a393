/** Times of generated events: how far they are out of order, and which minute of the evening they are of. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

interface Disorder {
  /** Of all events: behind one that came before. */
  readonly outOfOrder: number;
  /** How many are further behind than so. */
  behindBy(ms: number): number;
  readonly spanMs: number;
}

export function disorderOf(events: readonly { readonly timestamp: number }[]): Disorder {
  let greatest = Number.NEGATIVE_INFINITY;
  const behind = events.map(({ timestamp }) => {
    greatest = Math.max(greatest, timestamp);
    return greatest - timestamp;
  });
  const least = events.reduce((min, { timestamp }) => Math.min(min, timestamp), greatest);
  return {
    outOfOrder: behind.filter((ms) => ms > 0).length / events.length,
    behindBy: (ms) => behind.filter((each) => each > ms).length,
    spanMs: greatest - least,
  };
}

export const START_MS = Date.UTC(2026, 2, 2, 9, 50);
export const minuteOf = ({ timestamp }: { readonly timestamp: number }) =>
  (timestamp - START_MS) / MINUTE_MS;
export const between = <E extends { readonly timestamp: number }>(
  events: readonly E[],
  from: number,
  to: number,
): E[] => events.filter((event) => minuteOf(event) >= from && minuteOf(event) < to);
