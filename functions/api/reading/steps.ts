/**
 * Windows at multiples of a step, from the newest one back. Their ends are known without a look, so they are got by their
 * keys.
 */
import { WINDOW_END } from '../../../shared/job/tables.ts';
import {
  type Duration,
  type EventTime,
  eventTime,
  isBefore,
  isoTime,
} from '../../../shared/model/time.ts';
import { endsBack, type WindowAssigner } from '../../../shared/model/window.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext } from '../context.ts';
import { ROWS_MAX } from '../contract/requests.ts';
import { HttpProblem } from '../httpProblem.ts';
import { rowsUpTo } from './rowsUpTo.ts';
import type { WindowsPage, WindowsRequest } from './windowsPage.ts';

const NO_WINDOWS: WindowsPage = { rows: [], seen: 0 };

/** @throws HttpProblem 400 for a step that windows do not end at, or that is too short for the range */
export async function stepsUpTo(
  context: ApiContext,
  request: WindowsRequest,
  step: Duration,
): Promise<WindowsPage> {
  const { name, assign } = request.table;
  if (assign === undefined) return NO_WINDOWS;
  if (step % assign.slide !== 0) {
    throw new HttpProblem(
      400,
      `step is ${step} ms, and windows of ${name} end every ${assign.slide} ms; give a multiple of that`,
      'step',
    );
  }
  const newest = request.isContinued ? request.to : await newestEnd(context, request);
  if (newest === undefined) return NO_WINDOWS;
  return rowsAt(context, request, endsOf(eventTime(Date.parse(newest)), assign, step, request));
}

async function newestEnd(
  context: ApiContext,
  { table, key, from, to }: WindowsRequest,
): Promise<string | undefined> {
  const { rows } = await rowsUpTo(context, table, {
    pk: key,
    order: 'descending',
    limit: 1,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  const [newest] = rows;
  return newest && String(newest[WINDOW_END]);
}

function endsOf(
  newest: EventTime,
  assign: WindowAssigner,
  step: Duration,
  { from, count: wanted }: WindowsRequest,
): string[] {
  const first = from === undefined ? undefined : eventTime(Date.parse(from));
  const ends: string[] = [];
  for (const end of endsBack(newest, step, assign)) {
    if (first === undefined ? ends.length === Number(wanted) : isBefore(end, first)) break;
    if (ends.length === ROWS_MAX) throw tooMany();
    ends.push(isoTime(end));
  }
  return ends;
}

const tooMany = () =>
  new HttpProblem(
    400,
    `step makes more than ${ROWS_MAX} windows of this range, and that is the most; give a longer step or a shorter range`,
    'step',
  );

/** Asked for at once: how many rows there is room for, going by those before. */
const ASKED_FIRST = 10;
const ASKED_MAX = 100;

async function rowsAt(
  { rows: reader, view }: ApiContext,
  { table, key, bytesMax }: WindowsRequest,
  ends: readonly string[],
): Promise<WindowsPage> {
  const rows: Item[] = [];
  let [seen, bytes] = [0, 0];
  while (seen < ends.length && bytes < bytesMax) {
    const room = seen === 0 ? ASKED_FIRST : Math.ceil(((bytesMax - bytes) * seen) / (bytes + 1));
    const some = ends.slice(seen, seen + Math.min(room, ASKED_MAX));
    const keys = some.map((sk) => ({ pk: key, sk }));
    const found = await reader.batchGet(table.name, keys);
    const byEnd = new Map(found.map((row) => [row[WINDOW_END], row]));
    const taken = some.findIndex((end) => {
      if (bytes >= bytesMax) return true;
      const row = byEnd.get(end);
      if (row) {
        bytes += view.bytes(table, row);
        rows.push(row);
      }
      return false;
    });
    seen += taken < 0 ? some.length : taken;
  }
  return { rows, seen, end: seen < ends.length ? ends[seen - 1] : undefined };
}
