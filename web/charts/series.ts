/** Points over time. A window without a row is a gap: no data is not zero. */
import type { Marks } from './marks.ts';

export interface Point extends Marks {
  /** The end of its window. */
  readonly t: number;
  /** Undefined where the window has a row that does not name it. */
  readonly value: number | undefined;
}

export interface KnownPoint extends Point {
  readonly value: number;
}

export const isKnown = (point: Point): point is KnownPoint => point.value !== undefined;

/** A run of points without a gap; provisional where its last point is. */
export interface Stretch {
  readonly points: readonly KnownPoint[];
  readonly isProvisional: boolean;
}

interface WindowRow {
  readonly windowEnd: string;
  readonly revision: number;
  readonly final: boolean;
}

/** Of rows with the newest first, as the API gives them. */
export function pointsOf<Row extends WindowRow>(
  rows: readonly Row[],
  value: (row: Row) => number | undefined,
): Point[] {
  return rows
    .map((row) => ({
      t: Date.parse(row.windowEnd),
      value: value(row),
      isProvisional: !row.final,
      corrections: row.revision,
    }))
    .sort((a, b) => a.t - b.t);
}

/** The least distance of two points: how often a window ends. */
export function slideOf(points: readonly { readonly t: number }[]): number {
  const distances = points.slice(1).map(({ t }, i) => t - (points[i]?.t ?? t));
  return Math.min(...distances.filter((each) => each > 0));
}

export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Between windows that do not follow one another. */
export function gapsOf(points: readonly { readonly t: number }[]): Gap[] {
  const slide = slideOf(points);
  return points
    .slice(1)
    .map(({ t }, i) => ({ from: points[i]?.t ?? t, to: t }))
    .filter(({ from, to }) => to - from > slide);
}

/**
 * What is drawn as one line: ends at a gap. What is not final is a stretch of its own, which begins where the final one
 * ends, so that they meet.
 */
export function stretchesOf(points: readonly Point[]): Stretch[] {
  const slide = slideOf(points);
  const stretches: { points: KnownPoint[]; isProvisional: boolean }[] = [];
  let before: KnownPoint | undefined;
  for (const point of points.filter(isKnown)) {
    const follows = before !== undefined && point.t - before.t <= slide;
    const last = stretches.at(-1);
    if (last && follows && last.isProvisional === point.isProvisional) last.points.push(point);
    else {
      const start = follows && before ? [before, point] : [point];
      stretches.push({ points: start, isProvisional: point.isProvisional });
    }
    before = point;
  }
  return stretches;
}
