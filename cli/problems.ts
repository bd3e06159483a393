/**
 * Rows of a status table that somebody should look at, through its sparse index. The index is sharded by hour, so
 * a range of time is one query an hour; it holds nothing but problems, so a range without an end is a scan of it.
 */
import { type DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { engineError } from '../shared/adapters/aws/failures.ts';
import { compareCodePoints } from '../shared/model/ids.ts';
import { isoTime } from '../shared/model/time.ts';
import type { Item } from '../shared/ports/table.ts';
import { UsageError } from './usageError.ts';

/** The problem statuses that the rows of each table may have. */
export const PROBLEMS: Readonly<Record<string, readonly string[]>> = {
  'order-status': ['timedOut', 'paidLate', 'paidWithoutCreate', 'conflict'],
  reconciliation: ['unmatchedPay', 'unmatchedReceipt', 'conflict'],
};

/** Of event time, in epoch milliseconds: from `from`, before `to`; open where one is absent. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

type ClosedRange = Required<TimeRange>;

const INDEX = 'problems';
const HOUR_MS = 3_600_000;
/** `2019-05-21T09` */
const HOUR_LENGTH = 13;
/** A month of hours, so of queries. */
const RANGE_HOURS_MAX = 31 * 24;

/** Rows with this problem status, oldest first. Throws UsageError for a range too long. */
export async function readProblems(
  client: DynamoDBClient,
  table: string,
  status: string,
  { from, to }: TimeRange = {},
): Promise<Item[]> {
  try {
    return from !== undefined && to !== undefined
      ? await queried(client, table, status, { from, to })
      : await scanned(client, table, status, { from, to });
  } catch (failure) {
    if (failure instanceof UsageError) throw failure;
    throw engineError(failure, `read problems of table ${table}`, 'read');
  }
}

async function queried(
  client: DynamoDBClient,
  TableName: string,
  status: string,
  range: ClosedRange,
): Promise<Item[]> {
  const rows: Item[] = [];
  for (const hour of hoursOf(range)) {
    const pages = paginateQuery(
      { client },
      {
        TableName,
        IndexName: INDEX,
        KeyConditionExpression: 'problem = :problem AND problemAt BETWEEN :first AND :last',
        ExpressionAttributeValues: marshall({
          ':problem': `${status}#${hour}`,
          ':first': isoTime(range.from),
          ':last': isoTime(range.to - 1),
        }),
      },
    );
    for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  }
  return rows;
}

/** The partitions that a range has parts of, as they are named. */
function hoursOf({ from, to }: ClosedRange): string[] {
  if (to <= from)
    throw new UsageError(
      `--to ${isoTime(to)} is not after --from ${isoTime(from)}; give a later one`,
    );
  const first = Math.floor(from / HOUR_MS);
  const count = Math.ceil(to / HOUR_MS) - first;
  if (count > RANGE_HOURS_MAX) {
    throw new UsageError(
      '--from and --to are more than 31 days apart; narrow them, or leave one away to read all',
    );
  }
  return Array.from({ length: count }, (_, n) =>
    isoTime((first + n) * HOUR_MS).slice(0, HOUR_LENGTH),
  );
}

async function scanned(
  client: DynamoDBClient,
  TableName: string,
  status: string,
  { from, to }: { readonly from: number | undefined; readonly to: number | undefined },
): Promise<Item[]> {
  const bounds = [
    ...(from === undefined ? [] : [{ text: 'problemAt >= :from', name: ':from', at: from }]),
    ...(to === undefined ? [] : [{ text: 'problemAt < :to', name: ':to', at: to }]),
  ];
  const rows: Item[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName,
      IndexName: INDEX,
      FilterExpression: ['begins_with(problem, :status)', ...bounds.map(({ text }) => text)].join(
        ' AND ',
      ),
      ExpressionAttributeValues: marshall({
        ':status': `${status}#`,
        ...Object.fromEntries(bounds.map(({ name, at }) => [name, isoTime(at)])),
      }),
    },
  );
  for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  return rows.sort((a, b) => compareCodePoints(String(a['problemAt']), String(b['problemAt'])));
}
