/** A job's latest answer in a few words. */
import { collect } from '../../cli/collect.ts';
import { valueText } from '../../cli/output/table.ts';
import type { Job } from '../../shared/job/job.ts';
import type { AlertTable } from '../../shared/job/tables.ts';
import type { WindowJob } from '../../shared/job/windowJob.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { Stack } from './stack.ts';

type Tables = Pick<Stack, 'table' | 'rows'>;

/** The row of a window that tells most, by its partition key. */
const BOARDS: Readonly<Record<string, string>> = {
  'hot-items': 'items:pv',
  'hot-pages': 'pages',
  pvuv: 'all',
  'app-promotion': 'total',
};

export function readHeadline(job: Job, tables: Tables): Promise<string | undefined> {
  switch (job.kind) {
    case 'window':
      return job.gate ? factsText(job.gate.table, tables) : windowText(job, tables);
    case 'status':
      return problemsText(job.table.name, tables);
    case 'pattern':
      return factsText(job.alerts.table, tables);
  }
}

async function windowText({ table }: WindowJob, tables: Tables): Promise<string | undefined> {
  const pk = BOARDS[table.name] ?? '';
  const latest = { pk, order: 'descending', limit: 1, consistency: 'eventual' } as const;
  const [row] = await collect(tables.table(table.name).query(latest));
  if (!row) return undefined;
  const time = String(row['windowEnd']).slice('2026-03-02T'.length);
  const end = time
    .replace(/Z$/, '')
    .replace(/\.000$/, '')
    .replace(/:00$/, '');
  return `to ${end}: ${answerText(row, table.partitionKey)}`;
}

const NO_ANSWER: readonly string[] = ['windowStart', 'windowEnd', 'revision', 'final', 'fence'];

function answerText(row: Item, partitionKey: string): string {
  if (row['ranking'] !== undefined) return valueText(row['ranking']);
  return Object.keys(row)
    .filter((name) => name !== partitionKey && !NO_ANSWER.includes(name))
    .sort()
    .map((name) => `${name} ${valueText(row[name])}`)
    .join(', ');
}

async function factsText({ name }: AlertTable, tables: Tables): Promise<string | undefined> {
  const { length } = await tables.rows(name);
  return length === 0
    ? undefined
    : `${valueText(length)} ${length === 1 ? 'row' : 'rows'} in ${name}`;
}

/** How many rows have which problem, through the index that holds nothing else. */
async function problemsText(name: string, tables: Tables): Promise<string | undefined> {
  const byStatus = Map.groupBy(await tables.rows(name, 'problems'), (row) => String(row['status']));
  const texts = [...byStatus].map(([status, rows]) => `${status} ${valueText(rows.length)}`);
  return texts.length === 0 ? undefined : texts.sort().join(', ');
}
