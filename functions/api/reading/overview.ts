/**
 * All that the first screen needs, in one answer.
 *
 * "Now" is the time of the newest row, since of a replay the clock says nothing. Windows that are not final do not count as
 * long as there is anything else: where an input ends, the clock closes all windows that hold something of it, the last of
 * them an hour after its last event.
 */

import { topN } from '../../../shared/aggregates/topN.ts';
import { WINDOW_END } from '../../../shared/job/tables.ts';
import {
  type EventTime,
  earlier,
  eventTime,
  hours,
  isoTime,
  justAfter,
  later,
  milliseconds,
} from '../../../shared/model/time.ts';
import { INDEXES } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ListCounts } from '../../../shared/state/listing.ts';
import { type ApiContext, NO_ROWS, type RowList } from '../context.ts';
import { countList, kindOfRow, readList } from './listed.ts';
import { readSpan } from './span.ts';
import { readWindows } from './windows.ts';

const HOUR = hours(1);
const LISTED_MAX = 10;
/** All lists stand in one answer, which must fit what Lambda returns however large a row is. */
const LIST_BYTES_MAX = 128 * 1024;
const TRAFFIC_WINDOWS = 24;
const CHANNELS_MAX = 12;
/** Counting more would cost more than the figure says. */
const COUNTED_MAX = 500;
/** Rows are read whole to be counted, and may be large. */
const COUNTED_BYTES_MAX = 1024 * 1024;

/** The newest there is where it is absent. */
type At = EventTime | undefined;

/** Rows are as the tables hold them; who answers with them shows them. */
export interface OverviewRows {
  readonly now: string | null;
  readonly span: { readonly from: string; readonly to: string } | null;
  readonly lastHour: Readonly<
    Record<'unpaidOrders' | 'problems' | 'loginAlerts' | 'blocks', Counted>
  >;
  readonly lists: {
    readonly hotItems: RowList;
    readonly hotPages: RowList;
    readonly traffic: RowList;
    readonly promotion: RowList;
    readonly channels: RowList;
    readonly adClicks: RowList;
    readonly blacklist: RowList;
    readonly loginAlerts: RowList;
    readonly orders: RowList;
    readonly transactions: RowList;
  };
}

interface Counted {
  readonly count: number;
  readonly isMore: boolean;
}

export async function readOverview(context: ApiContext, at: At): Promise<OverviewRows> {
  const span = await readSpan(context);
  const windows = (name: string, key: string, latest: number) =>
    windowsOf(context, { name, key, latest }, { at, to: span?.to });
  const list = (name: string) => listOf(context, name, at);
  const [hotItems, hotPages, traffic, promotion, adClicks] = await Promise.all([
    windows('hot-items', 'items:pv', 2),
    windows('hot-pages', 'pages', 2),
    windows('pvuv', 'all', TRAFFIC_WINDOWS),
    windows('app-promotion', 'total', 2),
    windows('ad-clicks', 'total', 2),
  ]);
  const [channels, blacklist, loginAlerts, orders, transactions] = await Promise.all([
    channelsOf(context, promotion.rows[0]),
    list('ad-blacklist'),
    list('login-alerts'),
    list('order-status'),
    list('reconciliation'),
  ]);
  const now = newestOf(
    [hotItems, hotPages, traffic, promotion, adClicks].flatMap(({ rows }) => rows),
    [blacklist, loginAlerts, orders, transactions].flatMap(({ rows }) => rows),
  );
  const within = hourUpTo(now);
  const counted = (name: string, rows: RowList) => countedWithin(context, name, rows, within);
  const [ofOrders, ofTransactions, ofAlerts, ofBlocks] = await Promise.all([
    counted('order-status', orders),
    counted('reconciliation', transactions),
    counted('login-alerts', loginAlerts),
    counted('ad-blacklist', blacklist),
  ]);
  return {
    now,
    span: span === undefined ? null : { from: isoTime(span.from), to: isoTime(span.to) },
    lastHour: {
      unpaidOrders: {
        count: ofOrders.counts.get('timedOut') ?? 0,
        isMore: ofOrders.isMore,
      },
      problems: totalOf(ofOrders, ofTransactions),
      loginAlerts: totalOf(ofAlerts),
      blocks: totalOf(ofBlocks),
    },
    lists: {
      hotItems,
      hotPages,
      traffic,
      promotion,
      channels,
      adClicks,
      blacklist,
      loginAlerts,
      orders,
      transactions,
    },
  };
}

async function windowsOf(
  context: ApiContext,
  { name, key, latest }: { name: string; key: string; latest: number },
  { at, to }: { at: At; to: At },
): Promise<RowList> {
  const table = context.tables.get(name);
  if (table === undefined) return NO_ROWS;
  // Of a screen that is live; with those that are not final because they still take events.
  const live = to && later(to, table.allowedLateness ?? milliseconds(0));
  return readWindows(context, table, key, { latest, at: at ?? live, bytesMax: LIST_BYTES_MAX });
}

async function listOf(context: ApiContext, name: string, at: At): Promise<RowList> {
  const table = context.tables.get(name);
  if (table === undefined) return NO_ROWS;
  const to = at === undefined ? at : justAfter(at);
  return readList(context, table, { limit: LISTED_MAX, bytesMax: LIST_BYTES_MAX, to });
}

/** Each channel in one window: those that brought most. */
async function channelsOf(context: ApiContext, total: Item | undefined): Promise<RowList> {
  if (total === undefined) return NO_ROWS;
  const brought = new Map(Object.entries((total['channels'] ?? {}) as Record<string, number>));
  const most = topN(brought, CHANNELS_MAX).map(({ id }) => id);
  const rows = await context.rows.batchGet(
    'app-promotion',
    most.map((pk) => ({ pk, sk: String(total[WINDOW_END]) })),
  );
  const places = new Map(most.map((name, place) => [name, place]));
  const placeOf = (row: Item) => places.get(String(row['channel'])) ?? 0;
  return { rows: rows.toSorted((a, b) => placeOf(a) - placeOf(b)) };
}

/** What its index lists a row by. */
const listedAt = (row: Item | undefined) =>
  row?.[INDEXES.latest.sortKey] ?? row?.[INDEXES.problems.sortKey];

function newestOf(windows: readonly Item[], listed: readonly Item[]): string | null {
  const final = windows.filter((row) => row['final'] === true);
  const [settled, all] = [final, windows].map((some) => some.map((row) => row[WINDOW_END]));
  return latestOf([...(settled ?? []), ...listed.map(listedAt)]) ?? latestOf(all ?? []);
}

/** Of times as `isoTime` writes them, which go in their order. */
const latestOf = (times: readonly unknown[]): string | null =>
  times
    .filter((each) => typeof each === 'string')
    .sort()
    .at(-1) ?? null;

interface Within {
  readonly from: EventTime;
  readonly to: EventTime;
}

function hourUpTo(now: string | null): Within | undefined {
  if (now === null) return undefined;
  const to = justAfter(eventTime(Date.parse(now)));
  return { from: earlier(to, HOUR), to };
}

/** From the newest rows where they reach back so far, which is nearly always. */
async function countedWithin(
  context: ApiContext,
  name: string,
  { rows, next }: RowList,
  within: Within | undefined,
): Promise<ListCounts> {
  const table = context.tables.get(name);
  if (table === undefined || within === undefined) return NOTHING_COUNTED;
  const since = isoTime(within.from);
  const found = rows.filter((row) => String(listedAt(row)) >= since);
  if (next !== undefined && found.length === rows.length) {
    const bounds = { limit: COUNTED_MAX, bytesMax: COUNTED_BYTES_MAX };
    return countList(context, table, { ...within, ...bounds });
  }
  const byKind = Map.groupBy(found, kindOfRow);
  return {
    counts: new Map([...byKind].map(([kind, those]) => [kind, those.length])),
    isMore: false,
  };
}

const NOTHING_COUNTED: ListCounts = { counts: new Map(), isMore: false };

function totalOf(...some: readonly ListCounts[]): Counted {
  const counts = some.flatMap((each) => [...each.counts.values()]);
  return {
    count: counts.reduce((sum, count) => sum + count, 0),
    isMore: some.some(({ isMore }) => isMore),
  };
}
