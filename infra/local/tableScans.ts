/** Whole tables of the embedded DynamoDB, page by page. What is only counted is not sent, which takes a third of the time. */
import { type DynamoDBClient, paginateScan, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { isResult } from '../../shared/job/tables.ts';
import type { Item } from '../../shared/ports/table.ts';

type Place = Pick<ScanCommandInput, 'TableName' | 'IndexName'>;

/** Every row that is a result, in no order. */
export async function scanRows(client: DynamoDBClient, place: Place): Promise<Item[]> {
  const rows: Item[] = [];
  for await (const { Items = [] } of pagesOf(client, place)) {
    rows.push(...Items.map((item) => unmarshall(item) as Item).filter(isResult));
  }
  return rows;
}

export async function countRows(client: DynamoDBClient, place: Place): Promise<number> {
  let count = 0;
  for await (const page of pagesOf(client, { ...place, Select: 'COUNT' })) count += page.Count ?? 0;
  return count;
}

/** How many rows have which value of the attribute; rows without it are not counted. */
export async function countRowsBy(
  client: DynamoDBClient,
  attribute: string,
  place: Place,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const only = { ProjectionExpression: '#by', ExpressionAttributeNames: { '#by': attribute } };
  for await (const { Items = [] } of pagesOf(client, { ...place, ...only })) {
    for (const item of Items) {
      const value: unknown = unmarshall(item)[attribute];
      if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    }
  }
  return counts;
}

/** Of an index, DynamoDB knows no consistent read. */
const pagesOf = (client: DynamoDBClient, scan: ScanCommandInput) =>
  paginateScan({ client }, scan.IndexName === undefined ? { ...scan, ConsistentRead: true } : scan);
