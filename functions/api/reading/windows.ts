/**
 * Rows of windows, the newest first: the latest ones, those of a range, or some of either, thinned out by a step. All of them are
 * read by key, so that an answer costs what is in it, however many windows are stored.
 */
import * as z from 'zod';
import { WINDOW_END } from '../../../shared/job/tables.ts';
import { eventTime, isAfter, isoTime, justBefore, timeOfText } from '../../../shared/model/time.ts';
import type { ApiContext, RowList } from '../context.ts';
import { ROWS_MAX, type WindowsQuery } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import type { ApiTable } from '../tables.ts';
import { BYTES_MAX, rowsUpTo } from './rowsUpTo.ts';
import { stepsUpTo } from './steps.ts';
import type { WindowsPage, WindowsRequest } from './windowsPage.ts';

/** Where a list goes on: behind a window end, with as many as are left of the latest ones. */
const place = z.strictObject({
  before: z.string().refine((text) => /^\d/.test(text) && timeOfText(text) !== undefined),
  left: z.int().min(1).max(ROWS_MAX).optional(),
});

/** @param query with `bytesMax` the list ends behind the row that reaches it */
export async function readWindows(
  context: ApiContext,
  table: ApiTable,
  key: string,
  { bytesMax = BYTES_MAX, ...query }: WindowsQuery & { readonly bytesMax?: number },
): Promise<RowList> {
  checkQuery(query);
  const request = { ...requestOf(context, query), table, key, bytesMax };
  const { step } = query;
  const page =
    step === undefined ? await allUpTo(context, request) : await stepsUpTo(context, request, step);
  const left = request.count === 'all' ? undefined : request.count - page.seen;
  if (page.end === undefined || left === 0) return { rows: page.rows };
  return { rows: page.rows, next: context.cursors.write({ before: page.end, left }) };
}

function requestOf({ cursors }: Pick<ApiContext, 'cursors'>, query: WindowsQuery) {
  const { from, cursor, latest = 1 } = query;
  const after = cursor === undefined ? undefined : cursors.read(place, cursor);
  const bound = upperBound(query);
  const behind = after && isoTime(justBefore(eventTime(Date.parse(after.before))));
  return {
    from: from === undefined ? undefined : isoTime(from),
    to: behind === undefined || (bound !== undefined && bound < behind) ? bound : behind,
    count: isRange(query) ? ('all' as const) : Math.min(latest, after?.left ?? latest),
    isContinued: after !== undefined,
  };
}

async function allUpTo(
  context: ApiContext,
  { table, key, from, to, count, bytesMax }: WindowsRequest,
): Promise<WindowsPage> {
  const { rows, isMore } = await rowsUpTo(context, table, {
    pk: key,
    order: 'descending',
    limit: count === 'all' ? ROWS_MAX : count,
    bytesMax,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  const last = rows.at(-1)?.[WINDOW_END];
  return { rows, seen: rows.length, end: isMore ? String(last) : undefined };
}

const isRange = ({ from, to }: WindowsQuery): boolean => from !== undefined || to !== undefined;

function upperBound({ at, to }: WindowsQuery): string | undefined {
  if (at !== undefined) return isoTime(at);
  return to === undefined ? undefined : isoTime(justBefore(to));
}

function checkQuery({ latest, at, from, to, step }: WindowsQuery): void {
  if ((from !== undefined || to !== undefined) && (latest !== undefined || at !== undefined)) {
    throw new HttpProblem(
      400,
      'latest and at are of the latest windows, from and to of a range; give one of the two',
      latest === undefined ? 'at' : 'latest',
    );
  }
  if (from !== undefined && to !== undefined && !isAfter(to, from)) {
    throw new HttpProblem(400, 'to is not after from; give a later one', 'to');
  }
  if (step !== undefined && to !== undefined && from === undefined) {
    throw new HttpProblem(400, 'step goes with a whole range; give from as well', 'from');
  }
}
