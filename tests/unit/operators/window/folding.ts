/** Folding entries by hand, and what came of it. */
import { expect } from 'vitest';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import { addCounts, totalOf } from '../../../../shared/model/counts.ts';
import type { Admission } from '../../../../shared/operators/intake/intake.ts';
import {
  type LaneProgress,
  NO_PROGRESS,
  type SideEvent,
} from '../../../../shared/operators/intake/progress.ts';
import { type Fold, foldWindow } from '../../../../shared/operators/window/windowFold.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { entriesOf } from '../../../support/entries.ts';
import { T0, untyped, visitsJob } from '../../../support/jobs.ts';

export const JOB = untyped(visitsJob({ filter: ({ page }) => page !== 'robots.txt' }));

export const everything = (): Admission => ({ kind: 'event' });

/** Of a dead letter. */
export const reasonOf = (side: SideEvent): string | undefined =>
  side.kind === 'dead' ? side.reason : undefined;

export function foldAll(
  entries: readonly Entry[],
  {
    of = JOB,
    start = NO_PROGRESS,
    admissionOf = everything,
  }: {
    of?: WindowJob;
    start?: LaneProgress;
    admissionOf?: (entry: Entry) => Admission;
  } = {},
): Fold {
  const stream = of.sources[0]?.stream ?? '';
  return foldWindow(of, start, { stream, entries, from: 0, to: entries.length, admissionOf });
}

/** `[slice in seconds after T0, edition in seconds after T0 or 0, { id: count }]` */
export const contentsOf = ({ deltas }: Fold) =>
  deltas
    .map(({ slice, edition, accumulator }) => [
      (slice - T0) / 1_000,
      edition === 0 ? 0 : (edition - T0) / 1_000,
      Object.fromEntries(accumulator as Map<string, number>),
    ])
    .sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]));

/** One fold of everything, and two folds of its parts, must come to the same. */
export function expectSameWhenCut(of: WindowJob, values: readonly unknown[], at: number): void {
  const entries = entriesOf(values);
  const cut = at % entries.length;
  const whole = foldAll(entries, { of });
  const first = foldAll(entries.slice(0, cut), { of });
  const start = { ...first, totals: first.counts };
  const second = foldAll(entries.slice(cut), { of, start });
  expect(second.watermark).toBe(whole.watermark);
  expect(second.greatest).toBe(whole.greatest);
  expect(addCounts(first.counts, second.counts)).toEqual(whole.counts);
  expect(totalOf(whole.counts)).toBe(entries.length);
  expect([...first.side, ...second.side]).toEqual(whole.side);
  expect(sumOf([first, second])).toEqual(sumOf([whole]));
}

function sumOf(folds: readonly Fold[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [slice, edition, counts] of folds.flatMap(contentsOf)) {
    for (const [id, n] of Object.entries(counts as Record<string, number>)) {
      const name = `${slice}/${edition}/${id}`;
      sums[name] = (sums[name] ?? 0) + n;
    }
  }
  return sums;
}
