/** `results`: rows of a result table. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Command } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import { engineError } from '../../shared/adapters/aws/failures.ts';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { collect } from '../collect.ts';
import { connect } from '../connect.ts';
import {
  type OutputFormat,
  RESULT_TABLES,
  type TableOfJob,
  tableOf,
  wholeNumberOption,
} from '../options.ts';
import { jsonLine, sortRows } from '../output/rows.ts';
import { rowsTable } from '../output/table.ts';
import { readProblems } from '../problems.ts';
import { timeOption } from '../timeOption.ts';
import { formatOption } from './run.ts';
import { stageOption } from './stage.ts';

const LATEST_MAX = 1_000_000;

const WITH_PROBLEMS = RESULT_TABLES.filter(({ problems }) => problems.length > 0);

interface ResultFlags {
  readonly key?: string;
  readonly latest?: number;
  readonly problem?: string;
  readonly from?: number;
  readonly to?: number;
  readonly format: OutputFormat;
  readonly stage: string;
}

export function addResults(program: Command): void {
  program
    .command('results')
    .summary('print rows of a result table')
    .description(
      'Prints rows of a result table, sorted by its keys; with --problem, sorted by time.',
    )
    .argument('<table>', `one of ${RESULT_TABLES.map(({ name }) => name).join(', ')}`)
    .option('--key <key>', 'only rows with this partition key, such as items:pv')
    .option(
      '--latest <n>',
      'only the latest n windows of each partition key',
      wholeNumberOption('--latest', 1, LATEST_MAX),
    )
    .option('--problem <status>', `only rows with this problem; ${problemsText(WITH_PROBLEMS)}`)
    .option(
      '--from <time>',
      'only problems since then, such as 2019-05-21T09:30 (UTC)',
      timeOption('--from'),
    )
    .option('--to <time>', 'only problems before then', timeOption('--to'))
    .addOption(formatOption())
    .addOption(stageOption())
    .action(results);
}

async function results(tableName: string, flags: ResultFlags): Promise<void> {
  const shown = tableOf(tableName);
  checkFlags(shown, flags);
  const rows = await rowsFor(shown, flags);
  if (flags.format === 'json') for (const row of rows) console.log(jsonLine(row, shown));
  else console.log(rowsTable(rows, shown));
}

/** Wrong combinations, said before anything is read. */
function checkFlags(table: TableOfJob, flags: ResultFlags): void {
  const { name, rows, problems } = table;
  if (flags.latest !== undefined && rows !== 'windows') {
    throw new UsageError(`--latest is for tables of windows; ${name} has none`);
  }
  if (flags.problem === undefined) {
    if (flags.from === undefined && flags.to === undefined) return;
    throw new UsageError('--from and --to need --problem, whose times they are');
  }
  if (problems.length === 0) {
    const others = WITH_PROBLEMS.map((each) => each.name).join(' and ');
    throw new UsageError(`rows of ${name} have no problems; those of ${others} have`);
  }
  if (!problems.includes(flags.problem)) {
    throw new UsageError(`there is no problem "${flags.problem}"; ${problemsText([table])}`);
  }
  if (flags.key !== undefined) {
    throw new UsageError('--key and --problem cannot be combined; give one of them');
  }
}

const problemsText = (tables: readonly TableOfJob[]): string =>
  tables.map(({ name, problems }) => `${name} has ${problems.join(', ')}`).join('; ');

async function rowsFor(shown: TableOfJob, flags: ResultFlags): Promise<Item[]> {
  const { dynamo, nameOf } = connect(flags.stage);
  const name = nameOf(shown.name);
  // Oldest first, which is what the index is for.
  if (flags.problem !== undefined) {
    return readProblems(dynamo, { ...shown, name }, flags.problem, flags);
  }
  const table = dynamoTable(dynamo, { ...shown, name });
  const rows =
    flags.key === undefined
      ? await latestOfEach(scan(dynamo, table), table, flags.latest)
      : await rowsOf(table, flags.key, flags.latest);
  return sortRows(rows, shown);
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
