/** Rows of two runs, side by side: without what may differ between them. */
import type { Item } from '../../shared/ports/table.ts';

/** As text, sorted; what the engine keeps for itself is no part of any comparison, nor what names a position. */
export const comparable = (rows: readonly Item[]): string[] =>
  rows.map((row) => JSON.stringify(sorted(row))).sort();

const INCOMPARABLE: ReadonlySet<string> = new Set([
  'alertId',
  'engine',
  'expiresAt',
  'fence',
  'final',
  'listed',
  'revision',
  'table',
]);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !INCOMPARABLE.has(name));
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
