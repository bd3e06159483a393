/** What the benchmark says: rows with a budget each, as a table and as `bench/report.json`. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { type Column, textTable } from '../cli/output/textTable.ts';

type Budget = { readonly atMost: number } | { readonly atLeast: number };

export interface Row {
  readonly section: string;
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Absent for figures that only stand beside others. */
  readonly budget?: Budget;
  /** The best round, where `measured` is the median of several. */
  readonly best?: number;
  readonly note?: string;
}

/** A figure of several timed rounds: the median, and the best round beside it. */
export interface Rounds {
  readonly median: number;
  readonly best: number;
}

/** What may stand beside a figure; a limit that is undefined is none. */
interface Beside {
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly note?: string;
}

export type RowOf = (what: string, of: number | Rounds, unit: string, beside?: Beside) => Row;

/** Makes the rows of one section. */
export const rowsIn =
  (section: string): RowOf =>
  (what, of, unit, { atMost, atLeast, note } = {}) => ({
    section,
    what,
    ...(typeof of === 'number' ? { measured: of } : { measured: of.median, best: of.best }),
    unit,
    ...(atMost === undefined ? {} : { budget: { atMost } }),
    ...(atLeast === undefined ? {} : { budget: { atLeast } }),
    ...(note === undefined ? {} : { note }),
  });

/** Figures by unit. */
export type Cost = Readonly<Record<string, number | Rounds>>;

/** A row for each unit; of a cost that is not the base itself, at most so many times the base's figure. */
export const costRows = (row: RowOf, what: string, cost: Cost, base = cost, times = 1): Row[] =>
  Object.entries(cost).map(([unit, of]) => {
    const least = base[unit] ?? 0;
    const most = times * (typeof least === 'number' ? least : least.median);
    return row(what, of, unit, { atMost: base === cost ? undefined : most });
  });

/** How long these took. */
export const msOf = (runs: readonly { readonly ms: number }[]): Rounds =>
  summarize(
    runs.map(({ ms }) => ms),
    'less',
  );

export function summarize(values: readonly number[], better: 'more' | 'less'): Rounds {
  const sorted = [...values].sort((a, b) => a - b);
  const best = better === 'more' ? sorted.at(-1) : sorted[0];
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, best: best ?? 0 };
}

export interface Verdict {
  readonly isMet: boolean;
  readonly text: string;
}

/** Undefined for a row without a budget. */
export function verdictOn(row: Row): Verdict | undefined {
  if (!row.budget) return undefined;
  const { measured, best } = row;
  const excess = (figure: number): number =>
    row.budget && 'atMost' in row.budget
      ? shareAbove(figure, row.budget.atMost)
      : 1 - figure / (row.budget?.atLeast ?? 1);
  if (excess(measured) <= 0) return { isMet: true, text: 'met' };
  const missed = `missed by ${percent(excess(measured))}`;
  if (best === undefined || excess(best) > 0) return { isMet: false, text: missed };
  return { isMet: false, text: `${missed}, met by the best round` };
}

/** How far above what is allowed, as a share of it; anything is infinitely far above nothing. */
const shareAbove = (figure: number, allowed: number): number =>
  allowed === 0 ? (figure > 0 ? Number.POSITIVE_INFINITY : 0) : figure / allowed - 1;

const COLUMNS: readonly Column[] = [
  { head: 'section', kind: 'text' },
  { head: 'what', kind: 'text' },
  { head: 'measured', kind: 'figures' },
  { head: 'best', kind: 'figures' },
  { head: 'unit', kind: 'text' },
  { head: 'budget', kind: 'figures' },
  { head: 'verdict', kind: 'text' },
];

/** Its first row names a section. */
export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map((row, i) => [
    row.section === rows[i - 1]?.section ? '' : row.section,
    row.note ? `${row.what} (${row.note})` : row.what,
    figure(row.measured),
    row.best === undefined ? '' : figure(row.best),
    row.unit,
    row.budget ? budgetText(row.budget) : '',
    verdictOn(row)?.text ?? '',
  ]);
  return textTable(COLUMNS, lines);
}

export function writeReport(file: URL, input: string, rows: readonly Row[]): void {
  const report = {
    date: new Date().toISOString(),
    node: process.version,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() },
    input,
    rows: rows.map((row) => ({ ...row, verdict: verdictOn(row)?.text })),
  };
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

const budgetText = (budget: Budget): string =>
  'atMost' in budget ? `≤ ${figure(budget.atMost)}` : `≥ ${figure(budget.atLeast)}`;

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Three significant digits, or whole numbers with thousands apart. */
function figure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
