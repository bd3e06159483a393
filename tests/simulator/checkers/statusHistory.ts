/**
 * A status row is only replaced by its next version. It is never judged by an older watermark than before, unless its key
 * was forgotten, nor by one that the job's stored clock has not reached: then the next run might judge by an older one.
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { RecordedChange } from '../world/history.ts';
import { ofStatuses } from './byKind.ts';

export const statusHistory = ofStatuses((evidence) => {
  const { table, changes, job, stateRetention } = evidence;
  let clock = Number.NEGATIVE_INFINITY;
  for (const change of changes) {
    const { kind, key, store, before, after, at, by } = change;
    if (kind === 'clock' && key.pk === job) clock = Number(after?.['watermark']);
    if (kind !== 'status' || store.description.name !== table.name) continue;
    const problem = problemOf(change, clock, stateRetention);
    if (problem) return `row ${JSON.stringify(after ?? before)} by ${by} at ${at} ${problem}`;
  }
  return undefined;
});

function problemOf(
  { before, after, by }: RecordedChange,
  clock: number,
  stateRetention: number,
): string | undefined {
  if (!after) return by === 'ttl' ? undefined : 'was deleted';
  return versionProblem(before, after) ?? watermarkProblem(before, after, clock, stateRetention);
}

function versionProblem(before: Item | undefined, after: Item): string | undefined {
  const [was, is] = [Number(engineOf(before)['version'] ?? 0), engineOf(after)['version']];
  return is === was + 1 ? undefined : `came after version ${was}`;
}

function watermarkProblem(
  before: Item | undefined,
  after: Item,
  clock: number,
  stateRetention: number,
): string | undefined {
  const [was, is] = [watermarkOf(before), watermarkOf(after)];
  if (is > clock) return `was judged by ${is}, while the stored clock was at ${clock}`;
  const silence = Number(engineOf(after)['arrival']) - Number(engineOf(before)['arrival'] ?? 0);
  return is >= was || silence > stateRetention ? undefined : `was judged by ${was} before`;
}

const engineOf = (row: Item | undefined): Item => (row?.['engine'] ?? {}) as Item;

const watermarkOf = (row: Item | undefined): number =>
  Number(engineOf(row)['watermark'] ?? Number.NEGATIVE_INFINITY);
