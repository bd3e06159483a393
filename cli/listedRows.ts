/** Rows by their time, through the index of their table: problems of a status table, or the rows of a table of facts. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { UsageError } from '../inputs/usageError.ts';
import { dynamoRowsReader } from '../shared/adapters/aws/rowsReader.ts';
import { LATEST, problemLists } from '../shared/job/lists.ts';
import { compareCodePoints } from '../shared/model/ids.ts';
import { type EventTime, isBefore, isoTime } from '../shared/model/time.ts';
import { INDEXES } from '../shared/ports/rowsReader.ts';
import type { Item, TableDescription } from '../shared/ports/table.ts';
import { type ListRequest, listedRows } from '../shared/state/listing.ts';

/** From `from`, before `to`; open where one is absent. */
interface TimeRange {
  readonly from?: EventTime;
  readonly to?: EventTime;
}

export interface ListQuestion extends TimeRange {
  /** All rows of a table of facts where it is absent. */
  readonly problem?: string;
  /** No more than so many, the newest ones. */
  readonly latest?: number;
}

/** Oldest first, those of one time by key. Throws UsageError for a range that has no time. */
export async function readListedRows(
  client: DynamoDBClient,
  description: TableDescription,
  { problem, latest, from, to }: ListQuestion,
): Promise<Item[]> {
  checkRange({ from, to });
  const { name } = description;
  const table = { ...description, index: problem === undefined ? 'latest' : 'problems' } as const;
  const request: ListRequest = {
    lists: problem === undefined ? LATEST : problemLists([problem]),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    order: 'newestFirst',
    limit: latest ?? Number.POSITIVE_INFINITY,
  };
  const rows: Item[] = [];
  const reader = dynamoRowsReader(client, new Map([[name, description]]));
  for await (const row of listedRows(reader, table, request)) {
    rows.push(row);
    if (rows.length === latest) break;
  }
  return rows.sort(inOrderOf(INDEXES[table.index].sortKey, description));
}

function checkRange({
  from,
  to,
}: {
  from: EventTime | undefined;
  to: EventTime | undefined;
}): void {
  if (from === undefined || to === undefined || isBefore(from, to)) return;
  const [first, last] = [from, to].map(isoTime);
  throw new UsageError(`--to ${last} is not after --from ${first}; give a later one`);
}

function inOrderOf(time: string, { partitionKey, sortKey }: TableDescription) {
  const names = [time, partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
  return (a: Item, b: Item): number => {
    for (const name of names) {
      const order = compareCodePoints(String(a[name]), String(b[name]));
      if (order !== 0) return order;
    }
    return 0;
  };
}
