/**
 * The stored form of page entries and of the names of blocks: column by column, every value as its step from the row
 * before. Slices come at regular intervals and pages in order, so deflate leaves next to nothing of a column: 288
 * slices of 5 minutes take 0.2 KB instead of the 1.5 KB of a list of pages, and `closing` is written twice in every run.
 *
 * Owns: the columns and their order. Does not own: the items that they are in (`closingState.ts`, `blocks.ts`).
 */
import { eventTime, type ProcessingTime, processingTime } from '../../model/time.ts';
import { PLAIN_EDITION } from '../../model/window.ts';
import type { BlockRef, PageEntry, RunRef } from '../../operators/closing/pageEntry.ts';

type Numbers = readonly number[];

export interface PageColumns {
  readonly fence: Numbers;
  readonly n: Numbers;
  readonly parts: Numbers;
  readonly level: Numbers;
  readonly slice: Numbers;
  /** How far an edition lies ahead of its slice; 0 for the plain one. */
  readonly ahead: Numbers;
}

export function columnsOf(entries: readonly PageEntry[]): PageColumns {
  const column = (numberOf: (entry: PageEntry) => number) => stepsOf(entries.map(numberOf));
  return {
    fence: column(({ page }) => page.fence),
    n: column(({ page }) => page.n),
    parts: column(({ page }) => page.parts),
    level: column(({ level }) => level),
    slice: column(({ slice }) => slice),
    ahead: column(({ slice, edition }) => (edition === PLAIN_EDITION ? 0 : edition - slice)),
  };
}

export function entriesOf(columns: PageColumns): PageEntry[] {
  const fence = valuesOf(columns.fence);
  const n = valuesOf(columns.n);
  const parts = valuesOf(columns.parts);
  const level = valuesOf(columns.level);
  const ahead = valuesOf(columns.ahead);
  return valuesOf(columns.slice).map((slice, row) => {
    const at = (column: Numbers): number => column[row] ?? 0;
    return {
      page: { fence: at(fence), n: at(n), parts: at(parts) },
      level: at(level),
      slice: eventTime(slice),
      edition: at(ahead) === 0 ? PLAIN_EDITION : eventTime(slice + at(ahead)),
    };
  });
}

export interface BlockColumns {
  readonly level: Numbers;
  readonly depth: Numbers;
  readonly first: Numbers;
  /** From the first node to the last. */
  readonly span: Numbers;
  readonly fence: Numbers;
  readonly n: Numbers;
  /** Epoch hours. */
  readonly expires: Numbers;
}

const HOUR_MS = 3_600_000;
const hourOf = (at: ProcessingTime): number => Math.floor(at / HOUR_MS);
const hourAt = (hour = 0): ProcessingTime => processingTime(hour * HOUR_MS);

export function blockColumnsOf(blocks: readonly BlockRef[]): BlockColumns {
  const column = (numberOf: (ref: BlockRef) => number) => stepsOf(blocks.map(numberOf));
  return {
    level: column(({ level }) => level),
    depth: column(({ depth }) => depth),
    first: column(({ first }) => first),
    span: column(({ first, last }) => last - first),
    fence: column(({ fence }) => fence),
    n: column(({ n }) => n),
    expires: column(({ expiresAt }) => hourOf(expiresAt)),
  };
}

/** The blocks as they were, but for their expiries, which are rounded down to the hour. */
export function blocksOf(columns: BlockColumns): BlockRef[] {
  const depth = valuesOf(columns.depth);
  const first = valuesOf(columns.first);
  const span = valuesOf(columns.span);
  const fence = valuesOf(columns.fence);
  const n = valuesOf(columns.n);
  const expires = valuesOf(columns.expires);
  return valuesOf(columns.level).map((level, row) => ({
    level,
    depth: depth[row] ?? 0,
    first: eventTime(first[row] ?? 0),
    last: eventTime((first[row] ?? 0) + (span[row] ?? 0)),
    fence: fence[row] ?? 0,
    n: n[row] ?? 0,
    expiresAt: hourAt(expires[row]),
  }));
}

/** Format 1. */
export interface RunColumns {
  readonly level: Numbers;
  readonly block: Numbers;
  readonly fence: Numbers;
  readonly n: Numbers;
  /** Epoch hours. */
  readonly expires: Numbers;
}

export function runColumnsOf(runs: readonly RunRef[]): RunColumns {
  const column = (numberOf: (ref: RunRef) => number) => stepsOf(runs.map(numberOf));
  return {
    level: column(({ level }) => level),
    block: column(({ run }) => run),
    fence: column(({ fence }) => fence),
    n: column(({ n }) => n),
    expires: column(({ expiresAt }) => hourOf(expiresAt)),
  };
}

export function runsOf(columns: RunColumns): RunRef[] {
  const run = valuesOf(columns.block);
  const fence = valuesOf(columns.fence);
  const n = valuesOf(columns.n);
  const expires = valuesOf(columns.expires);
  return valuesOf(columns.level).map((level, row) => ({
    level,
    run: run[row] ?? 0,
    fence: fence[row] ?? 0,
    n: n[row] ?? 0,
    expiresAt: hourAt(expires[row]),
  }));
}

const stepsOf = (values: Numbers): number[] =>
  values.map((value, row) => value - (values[row - 1] ?? 0));

function valuesOf(steps: Numbers): number[] {
  let value = 0;
  return steps.map((step) => {
    value += step;
    return value;
  });
}
