/** Rows of a deployed result table, as a question chooses them. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { engineError } from '../shared/adapters/aws/failures.ts';
import { dynamoRowsReader } from '../shared/adapters/aws/rowsReader.ts';
import type { TableOfJob } from '../shared/job/tableOfJob.ts';
import { isResult, WINDOW_END } from '../shared/job/tables.ts';
import { compareCodePoints } from '../shared/model/ids.ts';
import type { Item, TableDescription } from '../shared/ports/table.ts';
import { collect } from './collect.ts';
import type { Connection } from './connect.ts';
import { type ListQuestion, readListedRows } from './listedRows.ts';
import { sortRows } from './output/rows.ts';

/** Which rows: `from` and `to` are times of problems, or of facts. */
export interface Question extends ListQuestion {
  readonly key?: string;
}

/** Whether the index of the table answers it. */
export const isListed = ({ rows }: Pick<TableOfJob, 'rows'>, question: Question): boolean =>
  question.problem !== undefined ||
  (rows === 'facts' &&
    [question.latest, question.from, question.to].some((each) => each !== undefined));

/** Sorted by the table's keys; what the index gives, oldest first. */
export async function readResults(
  { dynamo, nameOf }: Pick<Connection, 'dynamo' | 'nameOf'>,
  shown: TableOfJob,
  question: Question,
): Promise<Item[]> {
  const table = { ...shown, name: nameOf(shown.name) };
  if (isListed(shown, question)) return readListedRows(dynamo, table, question);
  const rows =
    question.key === undefined
      ? await latestOfEach(scan(dynamo, table), table, question.latest)
      : await latestOf(dynamo, table, question.key, question.latest);
  return sortRows(rows, shown);
}

/**
 * The same rows for somebody who waits for more: windows by their ends, problems and listed facts by their times, the latest ones
 * before all others. What has no time that all such rows have stays in the order of its keys.
 */
export function newestFirst(
  rows: readonly Item[],
  table: Pick<TableOfJob, 'rows'>,
  question: Question,
): Item[] {
  if (isListed(table, question)) return rows.toReversed();
  if (table.rows !== 'windows') return [...rows];
  return rows.toSorted((a, b) => compareCodePoints(String(b[WINDOW_END]), String(a[WINDOW_END])));
}

const PAGE_ROWS = 1_000;

/** Of a key: as much is read as is wanted. */
async function latestOf(
  dynamo: DynamoDBClient,
  table: TableDescription,
  pk: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const reader = dynamoRowsReader(dynamo, new Map([[table.name, table]]));
  const rows: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await reader.page({
      table: table.name,
      pk,
      order: 'descending',
      limit: Math.min(PAGE_ROWS, limit - rows.length),
      ...(after === undefined ? {} : { after }),
    });
    rows.push(...page.rows);
    after = page.next;
  } while (after !== undefined && rows.length < limit);
  return rows;
}

/** Which partition keys there are is written nowhere, so the whole table is read. */
async function* scan(
  dynamo: DynamoDBClient,
  { name: TableName }: TableDescription,
): AsyncGenerator<Item> {
  try {
    for await (const page of paginateScan({ client: dynamo }, { TableName })) {
      yield* (page.Items ?? []).map((item) => unmarshall(item)).filter(isResult);
    }
  } catch (failure) {
    throw engineError(failure, `scan table ${TableName}`, 'read');
  }
}

async function latestOfEach(
  rows: AsyncIterable<Item>,
  description: TableDescription,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const all = sortRows(await collect(rows), description).reverse();
  const seen = new Map<unknown, number>();
  return all.filter((row) => {
    const key = row[description.partitionKey];
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before < limit;
  });
}
