/**
 * What has to be asked for a view. The overview is one request for the whole first screen; a panel asks by itself only for
 * what the overview does not hold.
 */
import { KINDS_OF_VISITOR } from './tags.ts';
import { boardOf, type View } from './view.ts';

export interface Want {
  readonly slot: Slot;
  /** Relative to the page, which may be served under a path. */
  readonly url: string;
  readonly everyMs: number;
}

export type Slot =
  | 'overview'
  | 'jobs'
  | 'tables'
  | 'hotItems'
  | 'hotPages'
  | 'traffic'
  | 'channel'
  | 'province'
  | 'funnel'
  | 'category'
  | (typeof KINDS_OF_VISITOR)[number]
  | `members-${number}`
  | 'user'
  | 'logins'
  | 'blacklist'
  | 'orders'
  | 'transactions'
  | 'order'
  | 'transaction'
  | 'profile'
  | 'table';

/** What an answer told that later requests depend on. */
export interface Known {
  /** The newest row of what is shown. */
  readonly now: string | undefined;
  /** The newest final window, where a live screen stands. */
  readonly to: string | undefined;
  /** The day whose tags are shown. */
  readonly day?: string | undefined;
  /** The pages of users of a tag that were asked for after the first, which say where the next one begins. */
  readonly further?: readonly Further[];
}

export interface Further {
  readonly day: string;
  readonly cursor: string;
}

const LIVE_MS = 5_000;
/** The past changes only where late events correct it. */
const PAST_MS = 30_000;
const JOBS_MS = 10_000;
const TABLES_MS = 300_000;
/** Of what has a row an hour, and of what has one a day. */
const HOURLY_MS = 30_000;
const DAILY_MS = 60_000;
const STEP_MS = 300_000;
/** In every zone, days end with one. */
const QUARTER_MS = 900_000;
/** Of windows that end every few seconds: a curve over two hours has a point every five minutes. */
const TRAIL_MS = 7_200_000;
const TRAIL_WINDOWS = 24;
const WEEK_HOURS = 168;
const PROFILE_DAYS = 7;
const MEMBERS = 48;
const PAGE_OF_ROWS = 100;

export function wantsOf(view: View, known: Known): Want[] {
  const everyMs = view.at === undefined ? LIVE_MS : PAST_MS;
  const at = view.at === undefined ? {} : { at: view.at };
  const wants: Want[] = [
    { slot: 'overview', url: urlOf(['overview'], at), everyMs },
    { slot: 'jobs', url: 'v1/jobs', everyMs: JOBS_MS },
    { slot: 'tables', url: 'v1/tables', everyMs: TABLES_MS },
  ];
  const addEvery =
    (ms: number): Add =>
    (slot, path, query) =>
      wants.push({ slot, url: urlOf(path, query), everyMs: Math.max(ms, everyMs) });
  const add = addEvery(everyMs);

  windowWants(view, known, at, add);
  funnelWants(view, at, addEvery(HOURLY_MS));
  audienceWants(view, known, addEvery(DAILY_MS));
  listWants(view, add);
  detailWants(view, add);
  return wants;
}

type Query = Readonly<Record<string, string | number | undefined>>;
type Add = (slot: Slot, path: readonly string[], query: Query) => void;

function windowWants(view: View, { now, to }: Known, past: Query, add: Add): void {
  const { item, page, channel, province, panel } = view;
  // Live, where the overview stands: behind the end of an input there are windows with ever less in them.
  const at = view.at === undefined && to !== undefined ? { at: lastStep(to) } : past;
  const board = boardOf(view);
  const range = now === undefined ? undefined : trailUpTo(now);
  if (item !== undefined) add('hotItems', ['hot-items', board], { latest: TRAIL_WINDOWS, ...at });
  else if (board !== 'items:pv') add('hotItems', ['hot-items', board], { latest: 2, ...at });
  if (page !== undefined && range) add('hotPages', ['hot-pages'], range);
  if (channel !== undefined && range) add('channel', ['app-promotion', channel], range);
  if (province !== undefined) {
    add('province', ['ad-clicks', province], { latest: TRAIL_WINDOWS, ...at });
  }
  if (panel === 'traffic') add('traffic', ['pvuv'], { latest: WEEK_HOURS, ...at });
}

/** The row of all names the categories that there are to choose from. */
function funnelWants({ category, panel }: View, at: Query, add: Add): void {
  const latest = panel === 'funnel' || category !== undefined ? TRAIL_WINDOWS : 2;
  add('funnel', ['funnel'], { latest: category === undefined ? latest : 1, ...at });
  if (category !== undefined) add('category', ['funnel', category], { latest, ...at });
}

/** Of the newest day nobody has to say which it is, so that it is the right one in any zone. */
function audienceWants(view: View, { day, further = [] }: Known, add: Add): void {
  const at = view.at === undefined ? undefined : lastStep(view.at, QUARTER_MS);
  for (const kind of KINDS_OF_VISITOR) {
    add(kind, ['tables', 'user-tags'], { key: kind, latest: 2, at });
  }
  const { tag } = view;
  if (tag === undefined || (view.at !== undefined && day === undefined)) return;
  const first = { tag, day: view.at === undefined ? undefined : day, limit: MEMBERS };
  for (const [i, page] of [first, ...further].entries()) {
    add(`members-${i}`, ['audience'], { ...first, ...page });
  }
}

/** A cursor would not outlive a new row at the top; a list that has its page for itself shows a hundred. */
function listWants({ at, panel, list, problem, user }: View, add: Add): void {
  const before = at === undefined ? undefined : justAfter(at);
  const isWide = panel === 'orders' || problem !== undefined;
  if (isWide) add(list, [list], { problem, to: before, limit: PAGE_OF_ROWS });
  if (user !== undefined) add('user', ['users', user], {});
  else if (panel === 'logins') add('logins', ['login-alerts'], { before, limit: PAGE_OF_ROWS });
  if (user === undefined && panel === 'blacklist') {
    add('blacklist', ['ad-blacklist'], { limit: PAGE_OF_ROWS });
  }
}

function detailWants({ order, transaction, profile }: View, add: Add): void {
  if (profile !== undefined) add('profile', ['users', profile], { days: PROFILE_DAYS });
  else if (order !== undefined) add('order', ['orders', order], {});
  else if (transaction !== undefined) add('transaction', ['transactions', transaction], {});
}

/** Of the table that a viewer chose, or of the first that no other panel shows. */
export function tableWant(view: View, table: string, rows: 'windows' | 'statuses' | 'facts'): Want {
  const { at, key } = view;
  const query =
    rows === 'windows'
      ? { key, latest: 10, at }
      : { key, to: at === undefined || key ? undefined : justAfter(at), limit: 10 };
  const everyMs = at === undefined ? LIVE_MS : PAST_MS;
  return { slot: 'table', url: urlOf(['tables', table], query), everyMs };
}

/** A multiple of the step, so that the address of a request changes once a step. */
const lastStep = (now: string, stepMs = STEP_MS): string =>
  new Date(Math.floor(Date.parse(now) / stepMs) * stepMs).toISOString();

function trailUpTo(now: string): Query {
  const to = Date.parse(lastStep(now));
  return {
    from: new Date(to - TRAIL_MS).toISOString(),
    to: new Date(to + 1).toISOString(),
    step: '5min',
  };
}

/** Bounds of alerts and problems are exclusive, `at` is not. */
const justAfter = (at: string): string => new Date(Date.parse(at) + 1).toISOString();

function urlOf(path: readonly string[], query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const search = new URLSearchParams(given).toString();
  return `v1/${path.map(encoded).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Half of a pair is no text that an address could hold; the server has it as it is written there. */
const encoded = (part: string): string => encodeURIComponent(part.toWellFormed());
