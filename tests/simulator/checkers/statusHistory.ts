/** A status row is only replaced by one of the same or a later commit, in which no timer has unfired unless its key was forgotten. */

import type { Item } from '../../../shared/ports/table.ts';
import type { StatusAnalysis } from '../analyses/analysis.ts';
import { ofStatuses } from './byKind.ts';

export const statusHistory = ofStatuses((evidence) => {
  const { analysis, table, changes, stateRetention } = evidence;
  for (const change of changes) {
    const { kind, store, before, after, at, by } = change;
    if (kind !== 'status' || store.description.name !== table.name) continue;
    const problem = after
      ? changeProblem(analysis, { before, after, stateRetention })
      : goneProblem(by);
    if (problem) return `row ${JSON.stringify(after ?? before)} by ${by} at ${at} ${problem}`;
  }
  return undefined;
});

const goneProblem = (by: string): string | undefined => (by === 'ttl' ? undefined : 'was deleted');

interface Replaced {
  readonly before: Item | undefined;
  readonly after: Item;
  readonly stateRetention: number;
}

function changeProblem(
  { rows }: Pick<StatusAnalysis, 'rows'>,
  change: Replaced,
): string | undefined {
  const isForgetful = rows !== 'all';
  return fenceProblem(change) ?? (isForgetful ? undefined : firedProblem(change));
}

function fenceProblem({ before, after }: Replaced): string | undefined {
  const was = Number(before?.['fence'] ?? 0);
  return Number(after['fence']) >= was ? undefined : `came after a row with fence ${was}`;
}

function firedProblem({ before, after, stateRetention }: Replaced): string | undefined {
  const [was, is] = [timeIn(before, 'fired'), timeIn(after, 'fired')];
  return is >= was || isForgotten(before, after, stateRetention)
    ? undefined
    : `had fired up to ${was} before`;
}

function isForgotten(before: Item | undefined, after: Item, stateRetention: number): boolean {
  const was = Number(engineOf(before)['arrival'] ?? 0);
  return Number(engineOf(after)['arrival']) - was > stateRetention;
}

const engineOf = (row: Item | undefined): Item => (row?.['engine'] ?? {}) as Item;

const timeIn = (row: Item | undefined, name: string): number =>
  Number(engineOf(row)[name] ?? Number.NEGATIVE_INFINITY);
