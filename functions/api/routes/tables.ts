/** Any result table, by what its job declares: also of jobs that nothing else here knows. */
import * as z from 'zod';
import { type ApiContext, NO_ROWS, type RowList } from '../context.ts';
import { anyPage, type TableAnswer, tablesAnswer } from '../contract/answers.ts';
import {
  idParam,
  LIMIT_DEFAULT,
  nothing,
  type TableQuery,
  tableQuery,
} from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import { readList } from '../reading/listed.ts';
import { rowsUpTo } from '../reading/rowsUpTo.ts';
import { readWindows } from '../reading/windows.ts';
import type { ApiTable } from '../tables.ts';
import { keyOf, route, shown, tableNamed } from './route.ts';

/** A table does not change as long as the function lives. */
const KEEP_MS = 60_000;

export const tableRoutes = [
  route({
    path: '/v1/tables',
    summary: 'The result tables, and what may be asked of each',
    params: nothing,
    query: nothing,
    answer: tablesAnswer,
    keepMs: KEEP_MS,
    read: async ({ tables }) => ({ tables: [...tables.values()].map(describe) }),
  }),
  route({
    path: '/v1/tables/{table}',
    summary: 'Rows of a result table, the newest first',
    params: z.strictObject({ table: idParam }),
    query: tableQuery,
    answer: anyPage,
    may404: true,
    async read(context, { params, query }) {
      const table = tableNamed(context, params.table);
      checkParameters(table, query);
      return shown(context, table, await READERS[table.rows](context, table, query));
    },
  }),
];

function describe(table: ApiTable): TableAnswer {
  const { name, job, rows, partitionKey, sortKey, headline, problems, index } = table;
  return {
    name,
    job,
    rows,
    partitionKey,
    ...(sortKey === undefined ? {} : { sortKey }),
    ...(headline === undefined ? {} : { headline }),
    problems: [...problems],
    isListed: index !== undefined,
  };
}

type Read = (context: ApiContext, table: ApiTable, query: TableQuery) => Promise<RowList>;

const READERS: Readonly<Record<ApiTable['rows'], Read>> = {
  async windows(context, table, { key, ...query }) {
    // A headline is the job's own word, and nobody's pseudonym.
    const pk = key === undefined ? table.headline : keyOf(context, table, key);
    if (key === undefined && pk === undefined) throw withoutKey(table);
    return pk === undefined ? NO_ROWS : readWindows(context, table, pk, query);
  },
  async statuses(context, table, { key, limit = LIMIT_DEFAULT, ...query }) {
    if (key === undefined) return readList(context, table, { ...query, limit });
    const pk = keyOf(context, table, key);
    if (pk === undefined) return NO_ROWS;
    return { rows: await context.rows.batchGet(table.name, [{ pk, sk: '' }]) };
  },
  async facts(context, table, { key, limit = LIMIT_DEFAULT, ...query }) {
    if (key === undefined && table.index === undefined) throw withoutKey(table);
    if (key === undefined) return readList(context, table, { ...query, limit });
    const pk = keyOf(context, table, key);
    if (pk === undefined) return NO_ROWS;
    const { rows } = await rowsUpTo(context, table, { pk, order: 'descending', limit });
    return { rows };
  },
};

const withoutKey = ({ name, partitionKey }: ApiTable): HttpProblem =>
  new HttpProblem(400, `key is missing; give a ${partitionKey} of ${name}`, 'key');

/** What goes with which rows: nobody would hear of a parameter that does nothing. */
const TAKEN: Readonly<Record<ApiTable['rows'], readonly (keyof TableQuery)[]>> = {
  windows: ['key', 'latest', 'at', 'from', 'to', 'step', 'cursor'],
  statuses: ['key', 'problem', 'from', 'to', 'limit', 'cursor'],
  facts: ['key', 'from', 'to', 'limit', 'cursor'],
};
/** Those that go with a key, of rows that are no windows. */
const WITH_KEY: readonly string[] = ['key', 'limit'];

function checkParameters({ name, rows }: ApiTable, query: TableQuery): void {
  const given = Object.entries(query).flatMap(([parameter, value]) =>
    value === undefined ? [] : [parameter],
  );
  const taken: readonly string[] = TAKEN[rows];
  const other = given.find((parameter) => !taken.includes(parameter));
  if (other !== undefined) {
    const detail = `${other} says nothing of ${name}, which holds ${rows}; it takes ${taken.join(', ')}`;
    throw new HttpProblem(400, detail, other);
  }
  if (rows === 'windows' || query.key === undefined) return;
  const excluded = given.find((parameter) => !WITH_KEY.includes(parameter));
  if (excluded === undefined) return;
  throw new HttpProblem(400, `${excluded} does not go with key; leave one of them away`, excluded);
}
