/** Puts rows of alert tables. */
import { type Job, tablesOf } from '../../job/job.ts';
import { latestAttributes } from '../../job/lists.ts';
import type { Row } from '../../job/tables.ts';
import type { Alert } from '../../operators/keyed/keyedState.ts';
import type { ResultTables } from '../../ports/ports.ts';
import { itemKey } from '../../ports/table.ts';

export async function putAlerts(
  job: Job,
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
