/** Tests as rows: a pattern, an input, and exactly what comes of it. */
import { expect, it } from 'vitest';
import type { Pattern } from '../../../../shared/job/pattern/sequence.ts';
import { type Letter, moments, run } from './letters.ts';

export type Row = [
  rule: string,
  /** A declaration without an end has no limit of time. */
  pattern: Pattern<Letter> | { unbounded(): Pattern<Letter> },
  input: string,
  matches: string[],
  timedOut?: string[],
];

export function table(rows: readonly Row[]): void {
  it.each(rows)('%s', (_rule, pattern, input, matches, timedOut = []) => {
    const whole = 'unbounded' in pattern ? pattern.unbounded() : pattern;
    const found = run(whole, moments(input));
    expect({ matches: found.matches, timedOut: found.timedOut }).toEqual({ matches, timedOut });
  });
}
