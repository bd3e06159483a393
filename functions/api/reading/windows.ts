/**
 * Rows of windows, the newest first: the latest ones, those of a range, or some of either, thinned out by a step. All of them are
 * read by key, so that an answer costs what is in it, however many windows are stored.
 */
import * as z from 'zod';
import { WINDOW_END } from '../../../shared/job/tables.ts';
import { eventTime, isoTime } from '../../../shared/model/time.ts';
import type { WindowAssigner } from '../../../shared/model/window.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext, RowList } from '../context.ts';
import { time } from '../contract/common.ts';
import { ROWS_MAX, type WindowsQuery } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import type { ApiTable } from '../tables.ts';
import { rowsUpTo } from './rowsUpTo.ts';

/** A window end behind which a list goes on. */
const place = z.strictObject({
  before: time.refine((text) => Number.isFinite(Date.parse(text))),
});

export async function readWindows(
  context: ApiContext,
  table: ApiTable,
  key: string,
  query: WindowsQuery,
): Promise<RowList> {
  checkQuery(query);
  const { assign } = table;
  if (query.step !== undefined && assign !== undefined) {
    const rows = await thinnedOut(context, { table, key, assign }, { ...query, step: query.step });
    return { rows };
  }
  const before = query.cursor && context.cursors.read(place, query.cursor).before;
  const to = before === undefined ? upperBound(query) : justBefore(before);
  const limit = isRange(query) ? ROWS_MAX : (query.latest ?? 1);
  const { rows, isMore } = await rowsUpTo(context.rows, {
    table: table.name,
    pk: key,
    order: 'descending',
    limit,
    ...(query.from === undefined ? {} : { from: textOf(query.from) }),
    ...(to === undefined ? {} : { to }),
  });
  const last = rows.at(-1);
  // Of the latest ones, those that were asked for are all.
  const isWhole = !isMore || (!isRange(query) && rows.length === limit);
  if (isWhole || last === undefined) return { rows };
  return { rows, next: context.cursors.write({ before: last[WINDOW_END] }) };
}

const isRange = ({ from, to }: WindowsQuery): boolean => from !== undefined || to !== undefined;

const textOf = (ms: number): string => isoTime(eventTime(ms));
const justBefore = (end: string): string => textOf(Date.parse(end) - 1);

function upperBound({ at, to }: WindowsQuery): string | undefined {
  if (at !== undefined) return textOf(at);
  return to === undefined ? undefined : textOf(to - 1);
}

function checkQuery(query: WindowsQuery): void {
  const { latest, at, from, to, step } = query;
  if (isRange(query) && (latest !== undefined || at !== undefined)) {
    throw new HttpProblem(
      400,
      'latest and at are of the latest windows, from and to of a range; give one of the two',
      latest === undefined ? 'at' : 'latest',
    );
  }
  if (from !== undefined && to !== undefined && to <= from) {
    throw new HttpProblem(400, 'to is not after from; give a later one', 'to');
  }
  if (step !== undefined) checkStepped(query);
}

function checkStepped({ cursor, from, to }: WindowsQuery): void {
  if (cursor !== undefined) {
    throw new HttpProblem(400, 'cursor does not go with step; leave one of them away', 'cursor');
  }
  if (to !== undefined && from === undefined) {
    throw new HttpProblem(400, 'step goes with a whole range; give from as well', 'from');
  }
}

interface Place {
  readonly table: ApiTable;
  readonly key: string;
  readonly assign: WindowAssigner;
}

type SteppedQuery = WindowsQuery & { readonly step: number };

async function thinnedOut(
  context: ApiContext,
  { table, key, assign }: Place,
  query: SteppedQuery,
): Promise<readonly Item[]> {
  if (query.step % assign.slide !== 0) {
    throw new HttpProblem(
      400,
      `step is ${query.step} ms, and windows of ${table.name} end every ${assign.slide} ms; give a multiple of that`,
      'step',
    );
  }
  const bound = upperBound(query);
  const [newest] = (
    await rowsUpTo(context.rows, {
      table: table.name,
      pk: key,
      order: 'descending',
      limit: 1,
      ...(query.from === undefined ? {} : { from: textOf(query.from) }),
      ...(bound === undefined ? {} : { to: bound }),
    })
  ).rows;
  if (newest === undefined) return [];
  const ends = endsOf(Date.parse(String(newest[WINDOW_END])), assign.offset, query);
  const found = await context.rows.batchGet(
    table.name,
    ends.map((end) => ({ pk: key, sk: textOf(end) })),
  );
  const byEnd = new Map(found.map((row) => [row[WINDOW_END], row]));
  return ends.map((end) => byEnd.get(textOf(end))).filter((row) => row !== undefined);
}

/** From the newest one back. */
function endsOf(newest: number, offset: number, { step, from, latest }: SteppedQuery): number[] {
  const last = newest - ((((newest - offset) % step) + step) % step);
  const count = from === undefined ? (latest ?? 1) : Math.floor((last - from) / step) + 1;
  if (count <= ROWS_MAX)
    return Array.from({ length: Math.max(0, count) }, (_, i) => last - i * step);
  throw new HttpProblem(
    400,
    `step makes ${count} windows of this range, and ${ROWS_MAX} is the most; give a longer step or a shorter range`,
    'step',
  );
}
