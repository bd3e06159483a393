/**
 * Makes the effects of an ordered job's commit visible: alerts, then states, then the mark that says so.
 *
 * What happens if the process dies between any two of these: whoever reads the head next finds it unapplied and does all
 * of it again. Alerts are the same under the same key; states are refused by newer ones; the mark never goes back.
 */
import { tablesOf } from '../../job/job.ts';
import { latestAttributes } from '../../job/lists.ts';
import type { Row } from '../../job/tables.ts';
import { keptFor, type OrderedJob } from '../../job/traits.ts';
import type { Lane } from '../../model/lane.ts';
import type { Alert } from '../../operators/redo.ts';
import type { Ports, ResultTables } from '../../ports/ports.ts';
import { itemKey } from '../../ports/table.ts';
import { putKeyedStates, stampOf } from '../../state/keyed/keyedStates.ts';
import { type Commit, type LaneItem, markApplied } from '../../state/lane/laneLog.ts';
import { readRedo } from '../../state/lane/redoCodec.ts';
import type { EngineSettings } from '../settings.ts';

export const isApplied = (commit: Commit, { appliedSlot }: LaneItem): boolean =>
  commit.redo === undefined || appliedSlot >= commit.slot;

export async function applyCommit(
  job: OrderedJob,
  { state, results }: Pick<Ports, 'state' | 'results'>,
  { streamRetention }: EngineSettings,
  { lane, item, commit }: { lane: Lane; item: LaneItem; commit: Commit },
): Promise<void> {
  if (commit.redo === undefined) return;
  const redo = await readRedo(state, lane, commit.redo);
  await putAlerts(job, results, redo.alerts);
  const stamp = stampOf(item.generation, commit.slot);
  const stateRetention = keptFor(job);
  const keptUntil = commit.expiresAt;
  const write = { job: job.id, stamp, stateRetention, streamRetention, keptUntil };
  await putKeyedStates(state, redo.states, write);
  await markApplied(state, lane, commit.slot);
}

/** Alerts are made of their events alone, and what lists them of the alerts, so putting one again changes nothing. */
async function putAlerts(
  job: OrderedJob,
  results: ResultTables,
  alerts: readonly Alert[],
): Promise<void> {
  for (const [name, rows] of Map.groupBy(alerts, ({ table }) => table)) {
    const table = results(name);
    const declared = tablesOf(job).find((each) => each.name === name);
    const listed = (row: Row) => (declared ? { ...row, ...latestAttributes(declared, row) } : row);
    // The last of two rows with one key: DynamoDB takes no key twice in a request.
    const byKey = new Map(
      rows.map(({ row }) => [JSON.stringify(itemKey(table.description, row)), listed(row)]),
    );
    await table.batchPut([...byKey.values()]);
  }
}
