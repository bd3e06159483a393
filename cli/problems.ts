/**
 * Rows of a status table that somebody should look at, through its sparse index. A range of time is a query for each part of
 * each hour, some side by side; the index holds nothing but problems, so a range without an end is a scan of it.
 */
import { type DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { UsageError } from '../inputs/usageError.ts';
import { engineError } from '../shared/adapters/aws/failures.ts';
import { compareCodePoints } from '../shared/model/ids.ts';
import { eventTime, isoTime } from '../shared/model/time.ts';
import type { Item } from '../shared/ports/table.ts';
import { inTurns } from '../shared/state/inTurns.ts';
import { hourCount, problemKeys } from '../shared/state/keyed/problemIndex.ts';

/** Of event time, in epoch milliseconds: from `from`, before `to`; open where one is absent. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

type ClosedRange = Required<TimeRange>;

const INDEX = 'problems';
/** A month, so some thousand queries. */
const RANGE_HOURS_MAX = 31 * 24;

/** Rows with this problem status, oldest first, those of one time by key. Throws UsageError for a range too long. */
export async function readProblems(
  client: DynamoDBClient,
  { name, partitionKey }: { readonly name: string; readonly partitionKey: string },
  status: string,
  { from, to }: TimeRange = {},
): Promise<Item[]> {
  try {
    const rows =
      from !== undefined && to !== undefined
        ? await queried(client, name, status, { from, to })
        : await scanned(client, name, status, { from, to });
    const inOrder = (a: Item, b: Item, attribute: string) =>
      compareCodePoints(String(a[attribute]), String(b[attribute]));
    return rows.sort((a, b) => inOrder(a, b, 'problemAt') || inOrder(a, b, partitionKey));
  } catch (failure) {
    if (failure instanceof UsageError) throw failure;
    throw engineError(failure, `read problems of table ${name}`, 'read');
  }
}

async function queried(
  client: DynamoDBClient,
  TableName: string,
  status: string,
  range: ClosedRange,
): Promise<Item[]> {
  checkRange(range);
  const rows: Item[] = [];
  await inTurns(problemKeys(status, range), async (problem) => {
    const pages = paginateQuery(
      { client },
      {
        TableName,
        IndexName: INDEX,
        KeyConditionExpression: 'problem = :problem AND problemAt BETWEEN :first AND :last',
        ExpressionAttributeValues: marshall({
          ':problem': problem,
          ':first': isoTime(eventTime(range.from)),
          ':last': isoTime(eventTime(range.to - 1)),
        }),
      },
    );
    for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  });
  return rows;
}

function checkRange({ from, to }: ClosedRange): void {
  if (to <= from)
    throw new UsageError(
      `--to ${isoTime(eventTime(to))} is not after --from ${isoTime(eventTime(from))}; give a later one`,
    );
  if (hourCount({ from, to }) > RANGE_HOURS_MAX) {
    throw new UsageError(
      '--from and --to are more than 31 days apart; narrow them, or leave one away to read all',
    );
  }
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
        ...Object.fromEntries(bounds.map(({ name, at }) => [name, isoTime(eventTime(at))])),
      }),
    },
  );
  for await (const { Items = [] } of pages) rows.push(...Items.map((item) => unmarshall(item)));
  return rows;
}
