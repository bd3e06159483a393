/** Rows of a deployed result table, as a question chooses them. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { engineError } from '../shared/adapters/aws/failures.ts';
import { dynamoTable } from '../shared/adapters/aws/table.ts';
import type { TableOfJob } from '../shared/job/tableOfJob.ts';
import { WINDOW_END } from '../shared/job/tables.ts';
import { compareCodePoints } from '../shared/model/ids.ts';
import type { Item, Table } from '../shared/ports/table.ts';
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
  const name = nameOf(shown.name);
  if (isListed(shown, question)) return readListedRows(dynamo, { ...shown, name }, question);
  const table = dynamoTable(dynamo, { ...shown, name });
  const rows =
    question.key === undefined
      ? await latestOfEach(scan(dynamo, table), table, question.latest)
      : await rowsOf(table, question.key, question.latest);
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

async function rowsOf(table: Table, pk: string, limit: number | undefined): Promise<Item[]> {
  const bounded = limit === undefined ? {} : { limit };
  return collect(table.query({ pk, order: 'descending', consistency: 'strong', ...bounded }));
}

/** Which partition keys there are is written nowhere, so the whole table is read. */
async function* scan(dynamo: DynamoDBClient, { description }: Table): AsyncGenerator<Item> {
  const TableName = description.name;
  try {
    for await (const page of paginateScan({ client: dynamo }, { TableName })) {
      for (const item of page.Items ?? []) yield unmarshall(item);
    }
  } catch (failure) {
    throw engineError(failure, `scan table ${TableName}`, 'read');
  }
}

async function latestOfEach(
  rows: AsyncIterable<Item>,
  { description }: Table,
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
