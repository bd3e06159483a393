/** The stored form of a commit's alerts. */
import type { Lane } from '../../model/lane.ts';
import type { Alert } from '../../operators/keyed/keyedState.ts';
import type { Table, Value } from '../../ports/table.ts';
import { decodeGroups, encodeGroups } from '../columns/groups.ts';
import { type BlobReference, readBlob } from './blob.ts';

export const encodeAlerts = (alerts: readonly Alert[]): Uint8Array =>
  encodeGroups(alerts.map(({ table, row }) => [table, row] as readonly Value[]));

/** Throws BlobGone. */
export async function readAlerts(
  table: Table,
  lane: Lane,
  reference: BlobReference,
): Promise<readonly Alert[]> {
  const records = [...decodeGroups(await readBlob(table, lane, reference))];
  return records.map((record) => {
    const [name, row] = record as unknown as readonly [string, Alert['row']];
    return { table: name, row };
  });
}
