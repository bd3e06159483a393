/** `results`: rows of a result table. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Command } from 'commander';
import { engineError } from '../../shared/adapters/aws/failures.ts';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { collect } from '../collect.ts';
import { connect } from '../connect.ts';
import { type OutputFormat, tableOf, wholeNumberOption } from '../options.ts';
import { jsonLine, sortRows } from '../output/rows.ts';
import { rowsTable } from '../output/table.ts';
import { formatOption } from './run.ts';
import { stageOption } from './stage.ts';

const LATEST_MAX = 1_000_000;

interface ResultFlags {
  readonly key?: string;
  readonly latest?: number;
  readonly format: OutputFormat;
  readonly stage: string;
}

export function addResults(program: Command): void {
  program
    .command('results')
    .summary('print rows of a result table')
    .description('Prints rows of a result table, sorted by its keys.')
    .argument('<table>', 'such as hot-items')
    .option('--key <key>', 'only rows with this partition key, such as items:pv')
    .option(
      '--latest <n>',
      'only the latest n windows of each partition key',
      wholeNumberOption('--latest', 1, LATEST_MAX),
    )
    .addOption(formatOption())
    .addOption(stageOption())
    .action(results);
}

async function results(tableName: string, flags: ResultFlags): Promise<void> {
  const shown = tableOf(tableName);
  const { dynamo, nameOf } = connect(flags.stage);
  const table = dynamoTable(dynamo, { ...shown, name: nameOf(shown.name) });
  const rows =
    flags.key === undefined
      ? await latestOfEach(scan(dynamo, table), table, flags.latest)
      : await rowsOf(table, flags.key, flags.latest);
  const sorted = sortRows(rows, shown);
  if (flags.format === 'json') for (const row of sorted) console.log(jsonLine(row, shown));
  else console.log(rowsTable(sorted, shown));
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
