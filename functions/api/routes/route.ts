/** What a route is, and what many of them do. */
import type * as z from 'zod';
import type { ApiContext, RowList } from '../context.ts';
import { HttpProblem } from '../httpProblem.ts';
import { quoted } from '../quoted.ts';
import type { ApiTable } from '../tables.ts';

/** One that is served with `GET`. */
export interface Route {
  /** With `{name}` for a parameter. */
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
  /** For how long an answer may be given again, in ms. */
  readonly keepMs: number;
  /** Whether there may be nothing of that name. */
  readonly may404: boolean;
  /** @throws HttpProblem */
  read(context: ApiContext, request: { params: unknown; query: unknown }): Promise<unknown>;
}

interface TypedRoute<Params extends z.ZodObject, Query extends z.ZodObject>
  extends Omit<Route, 'params' | 'query' | 'read' | 'keepMs' | 'may404'>,
    Partial<Pick<Route, 'keepMs' | 'may404'>> {
  readonly params: Params;
  readonly query: Query;
  read(
    context: ApiContext,
    request: { params: z.output<Params>; query: z.output<Query> },
  ): Promise<unknown>;
}

/** A moment in which rows hardly change, and many viewers ask. */
export const KEEP_MS = 2_000;

export const route = <Params extends z.ZodObject, Query extends z.ZodObject>(
  typed: TypedRoute<Params, Query>,
): Route => ({ keepMs: KEEP_MS, may404: false, ...typed }) as unknown as Route;

/** The table of a job; without that job there is no such thing. @throws HttpProblem 404 */
export function tableNamed({ tables }: Pick<ApiContext, 'tables'>, name: string): ApiTable {
  const table = tables.get(name);
  if (table) return table;
  throw new HttpProblem(404, `there is no table ${quoted(name)}; /v1/tables lists them`);
}

export const shown = (
  { view }: Pick<ApiContext, 'view'>,
  table: ApiTable,
  { rows, next }: RowList,
): RowList => ({
  rows: rows.map((row) => view.show(table, row)),
  ...(next === undefined ? {} : { next }),
});

const KEY_BYTES_MAX = 2_048;

/** Whether a row can have it for its partition key. */
export const isKey = (text: string): boolean =>
  text !== '' && Buffer.byteLength(text) <= KEY_BYTES_MAX;

/** An id of a viewer as the table's partition key; undefined where no row can have it. */
export function keyOf(
  { view }: Pick<ApiContext, 'view'>,
  table: ApiTable,
  id: string,
): string | undefined {
  const key = view.ofViewer(table, id);
  return key !== undefined && isKey(key) ? key : undefined;
}
