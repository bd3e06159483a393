/**
 * Rows by their time, the newest first, from a table's index: the problems of a status table, or the facts of one that is
 * listed.
 */
import * as z from 'zod';
import { InvariantViolation } from '../../../shared/errors.ts';
import { LATEST, problemLists } from '../../../shared/job/lists.ts';
import { STATUS } from '../../../shared/job/tables.ts';
import { type EventTime, isAfter } from '../../../shared/model/time.ts';
import { WrongPlaceError } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';
import {
  countListed,
  type ListCounts,
  type ListCursor,
  type ListedTable,
  type ListRange,
  readListed,
} from '../../../shared/state/listing.ts';
import type { ApiContext, RowList } from '../context.ts';
import { HttpProblem } from '../httpProblem.ts';
import type { ApiTable } from '../tables.ts';
import { BYTES_MAX } from './rowsUpTo.ts';

const place: z.ZodType<ListCursor> = z.strictObject({
  at: z.string(),
  list: z.string(),
  key: z.array(z.string()).max(2),
});

/** From `from`, before `to`. */
export interface ListQuery {
  readonly from?: EventTime | undefined;
  readonly to?: EventTime | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** A page ends behind the row that reaches it. */
  readonly bytesMax?: number;
  /** Of a status table; all of its problems where it is absent. */
  readonly problem?: string | undefined;
}

export async function readList(
  { rows: reader, cursors, view }: Pick<ApiContext, 'rows' | 'cursors' | 'view'>,
  table: ApiTable,
  query: ListQuery,
): Promise<RowList> {
  const { limit, cursor } = query;
  const after = cursor === undefined ? undefined : cursors.read(place, cursor);
  try {
    const { rows, next } = await readListed(reader, listedOf(table), {
      ...rangeOf(table, query),
      order: 'newestFirst',
      limit,
      room: { bytesMax: query.bytesMax ?? BYTES_MAX, bytesOf: (row) => view.bytes(table, row) },
      ...(after === undefined ? {} : { after }),
    });
    return next === undefined ? { rows } : { rows, next: cursors.write(next) };
  } catch (error) {
    if (!(error instanceof WrongPlaceError)) throw error;
    const remedy = 'give the `next` of an answer to the same question, or leave it away';
    throw new HttpProblem(400, `cursor is none of this list; ${remedy}`, 'cursor');
  }
}

/** Rows of a range by their status, or of facts all under nothing; up to a bound. */
export const countList = (
  { rows: reader }: Pick<ApiContext, 'rows'>,
  table: ApiTable,
  {
    limit,
    bytesMax,
    ...query
  }: Pick<ListQuery, 'from' | 'to' | 'limit'> & {
    readonly bytesMax: number;
  },
): Promise<ListCounts> =>
  countListed(reader, listedOf(table), {
    ...rangeOf(table, query),
    max: limit,
    bytesMax,
    kindOf: kindOfRow,
  });

export const kindOfRow = ({ [STATUS]: status }: Item): string =>
  typeof status === 'string' ? status : '';

/** Of a table that has an index which lists its rows; who asks makes sure. */
function listedOf({ index, ...table }: ApiTable): ListedTable {
  if (index !== undefined) return { ...table, index };
  throw new InvariantViolation(`${table.name} has no index that lists its rows`);
}

function rangeOf(
  table: ApiTable,
  { from, to, problem }: Pick<ListQuery, 'from' | 'to' | 'problem'>,
): ListRange {
  checkProblem(table, problem);
  if (from !== undefined && to !== undefined && !isAfter(to, from)) {
    throw new HttpProblem(400, 'to is not after from; give a later one', 'to');
  }
  const statuses = problem === undefined ? table.problems : [problem];
  return {
    lists: table.rows === 'statuses' ? problemLists(statuses) : LATEST,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

function checkProblem({ problems, name }: ApiTable, problem: string | undefined): void {
  if (problem === undefined || problems.includes(problem)) return;
  const known = problems.length === 0 ? 'they have none' : `they have ${problems.join(', ')}`;
  throw new HttpProblem(400, `problem is no problem of rows of ${name}; ${known}`, 'problem');
}
