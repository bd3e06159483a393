/**
 * A status row is only replaced by what follows it, and no answer goes back in time, unless its key was forgotten.
 *
 * - Of a job on several streams: by its next version, judged by no older watermark than before, and by none that the job's stored
 *   clock has not reached: then the next run might judge by an older one.
 * - Of a job on one stream: by a row of the same or a later commit, in which no timer has unfired.
 */

import type { Item } from '../../../shared/ports/table.ts';
import type { StatusAnalysis } from '../analyses/analysis.ts';
import { ofStatuses } from './byKind.ts';

export const statusHistory = ofStatuses((evidence) => {
  const { analysis, table, changes, job, stateRetention } = evidence;
  let clock = Number.NEGATIVE_INFINITY;
  for (const change of changes) {
    const { kind, key, store, before, after, at, by } = change;
    if (kind === 'clock' && key.pk === job) clock = Number(after?.['watermark']);
    if (kind !== 'status' || store.description.name !== table.name) continue;
    const problem = after
      ? changeProblem(analysis, { before, after, clock, stateRetention })
      : goneProblem(by);
    if (problem) return `row ${JSON.stringify(after ?? before)} by ${by} at ${at} ${problem}`;
  }
  return undefined;
});

const goneProblem = (by: string): string | undefined => (by === 'ttl' ? undefined : 'was deleted');

interface Replaced {
  readonly before: Item | undefined;
  readonly after: Item;
  readonly clock: number;
  readonly stateRetention: number;
}

function changeProblem(
  { isKeyed, rows }: Pick<StatusAnalysis, 'isKeyed' | 'rows'>,
  change: Replaced,
): string | undefined {
  if (!isKeyed) return versionProblem(change) ?? watermarkProblem(change);
  const isForgetful = rows !== 'all';
  return fenceProblem(change) ?? (isForgetful ? undefined : firedProblem(change));
}

function versionProblem({ before, after }: Replaced): string | undefined {
  const [was, is] = [Number(engineOf(before)['version'] ?? 0), engineOf(after)['version']];
  return is === was + 1 ? undefined : `came after version ${was}`;
}

function watermarkProblem({ before, after, clock, stateRetention }: Replaced): string | undefined {
  const [was, is] = [timeIn(before, 'watermark'), timeIn(after, 'watermark')];
  if (is > clock) return `was judged by ${is}, while the stored clock was at ${clock}`;
  return is >= was || isForgotten(before, after, stateRetention)
    ? undefined
    : `was judged by ${was} before`;
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
