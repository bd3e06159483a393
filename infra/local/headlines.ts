/** A job's latest answers in a few words, as its declaration says. */
import { collect } from '../../cli/collect.ts';
import { publicAttributes, sortRows } from '../../cli/output/rows.ts';
import { timeText, valueText } from '../../cli/output/valueText.ts';
import type { Job } from '../../shared/job/job.ts';
import {
  type AlertTable,
  isResult,
  STATUS,
  WINDOW_ATTRIBUTES,
  WINDOW_END,
} from '../../shared/job/tables.ts';
import type { WindowJob } from '../../shared/job/windowJob.ts';
import type { Item } from '../../shared/ports/table.ts';
import type { Stack } from './stack.ts';

export type Tables = Pick<Stack, 'table' | 'rows' | 'count' | 'countBy'>;

/** One for each table of the job that has rows, the shorter ones first; undefined where none has. */
export async function readHeadline(job: Job, tables: Tables): Promise<string | undefined> {
  const texts = await Promise.all(textsOf(job, tables));
  const found = texts.filter((text) => text !== undefined);
  return found.length === 0 ? undefined : found.join(' · ');
}

function textsOf(job: Job, tables: Tables): Promise<string | undefined>[] {
  switch (job.kind) {
    case 'window':
      return [...(job.gate ? [factsText(job.gate.table, tables)] : []), windowText(job, tables)];
    case 'status':
      return [problemsText(job.table.name, tables)];
    case 'pattern':
      return [job.alerts, ...(job.timedOut ? [job.timedOut] : [])].map(({ table }) =>
        factsText(table, tables),
      );
  }
}

async function windowText(job: WindowJob, tables: Tables): Promise<string | undefined> {
  const answer = answerOf(job);
  const rows = await latestRows(answer, tables);
  const show = answer.headline?.show ?? ownAttributes;
  const texts = rows.map((row) => valueText(show(row)));
  return rows[0] && `to ${timeText(String(rows[0][WINDOW_END]))}: ${texts.join(', ')}`;
}

type Answer = Pick<WindowJob, 'table' | 'headline'>;

/** Where rows are summed up, they may be very many: of them, one that is named is shown at most. */
function answerOf({ table, headline, summary }: WindowJob): Answer {
  if (summary === undefined) return { table, ...(headline ? { headline } : {}) };
  if (summary.headline === undefined && headline?.of !== undefined) return { table, headline };
  return summary;
}

/** Of the latest window: the row that the job names, or all. Which partition keys there are is written nowhere. */
async function latestRows({ table, headline }: Answer, tables: Tables): Promise<Item[]> {
  if (headline?.of !== undefined) {
    const latest = { order: 'descending', limit: 1, consistency: 'eventual' } as const;
    const rows = await collect(tables.table(table.name).query({ pk: headline.of, ...latest }));
    return rows.filter(isResult);
  }
  const rows = await tables.rows(table.name);
  const ends = rows.map((row) => String(row[WINDOW_END]));
  const last = ends.reduce((a, b) => (b > a ? b : a), '');
  return sortRows(
    rows.filter((_, n) => ends[n] === last),
    table,
  );
}

function ownAttributes(row: Item): Item {
  const names: readonly string[] = WINDOW_ATTRIBUTES;
  const own = Object.entries(publicAttributes(row)).filter(([name]) => !names.includes(name));
  return Object.fromEntries(own);
}

async function factsText({ name }: AlertTable, tables: Tables): Promise<string | undefined> {
  const count = await tables.count(name);
  return count === 0 ? undefined : `${valueText(count)} ${count === 1 ? 'row' : 'rows'} in ${name}`;
}

/** How many rows have which problem, through the index that holds nothing else. */
async function problemsText(name: string, tables: Tables): Promise<string | undefined> {
  const counts = await tables.countBy(name, STATUS, 'problems');
  const texts = [...counts].map(([status, count]) => `${status} ${valueText(count)}`);
  return texts.length === 0 ? undefined : texts.sort().join(', ');
}
