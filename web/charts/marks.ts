/** What the engine says of a window, and what a screen makes of it. */

interface WindowRow {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly revision: number;
  readonly final: boolean;
}

export interface Marks {
  /** It may still take late events. */
  readonly isProvisional: boolean;
  /** How often late events have changed it since it was first written. */
  readonly corrections: number;
}

export const marksOf = ({ revision, final }: Pick<WindowRow, 'revision' | 'final'>): Marks => ({
  isProvisional: !final,
  corrections: revision,
});

/** A part of the one before; undefined where that says nothing. */
export function changeOf(now: number, before: number | undefined): number | undefined {
  return before === undefined || before === 0 ? undefined : (now - before) / before;
}

/** The row before the newest, unless a window is missing between them that neither has seen: that is no "before". */
export function rowBefore<Row extends WindowRow>(rows: readonly Row[]): Row | undefined {
  const [newest, before] = rows;
  if (!newest || !before) return undefined;
  return Date.parse(before.windowEnd) >= Date.parse(newest.windowStart) ? before : undefined;
}
