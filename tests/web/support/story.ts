/**
 * A shop's evening as the API tells it: windows of some hours with rankings that move, an hour that is missing, one that is
 * provisional and one that was corrected, and an order for each problem. The same `at` gives the same answers.
 */
import type {
  AdClicksPage,
  BlockPage,
  LoginAlertPage,
  OrderPage,
  Overview,
  PromotionPage,
  RankingPage,
  TrafficPage,
  TransactionPage,
} from '../../../functions/api/contract/answers.ts';

export const NEWEST = Date.parse('2017-11-26T12:55:00.000Z');
const OLDEST = Date.parse('2017-11-26T04:00:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FIVE = 5 * MINUTE;

export const iso = (ms: number): string => new Date(ms).toISOString();

/** A wave that depends on nothing but its place. */
export const wave = (seed: number, ms: number, period: number): number =>
  0.5 + 0.5 * Math.sin(seed * 2.399 + (ms / period) * 2 * Math.PI);

interface Windows {
  readonly size: number;
  readonly slide: number;
  /** The newest so many take late events yet. */
  readonly provisional: number;
}

const ITEMS: Windows = { size: HOUR, slide: FIVE, provisional: 0 };
const PAGES: Windows = { size: 10 * MINUTE, slide: 5 * SECOND, provisional: 12 };
const TRAFFIC: Windows = { size: HOUR, slide: HOUR, provisional: 0 };
const PROMOTION: Windows = { size: HOUR, slide: 5 * SECOND, provisional: 0 };

/** Window ends up to a time, the newest first. */
function ends({ slide }: Windows, at: number, latest: number): number[] {
  const newest = Math.floor(Math.min(at, NEWEST) / slide) * slide;
  return Array.from({ length: latest }, (_, i) => newest - i * slide).filter((end) => end > OLDEST);
}

/** One hour was silent: it has no row. */
const MISSING = Date.parse('2017-11-26T08:00:00.000Z');

function said({ size, slide, provisional }: Windows, end: number) {
  const newest = Math.floor(NEWEST / slide) * slide;
  return {
    windowStart: iso(end - size),
    windowEnd: iso(end),
    revision: (end / slide) % 7 === 3 ? 2 : 0,
    final: end <= newest - provisional * slide,
  };
}

const top = (counts: readonly (readonly [string, number])[], n: number) =>
  [...counts]
    .sort(([a, m], [b, k]) => k - m || (a < b ? -1 : 1))
    .slice(0, n)
    .map(([id, count], i) => ({ rank: i + 1, id, count }));

const ITEM_IDS = ['2000000', '2002919', '2000838', '2003757', '2001177', '2004210', '2000031'];

export function rankingOf(board: string, at: number, latest: number): RankingPage {
  const scale = board.endsWith(':pv') ? 900 : 120;
  const rows = ends(ITEMS, at, latest).map((end) => {
    const counts = ITEM_IDS.map(
      (id, i) =>
        [
          board.startsWith('items') ? id : `44${id.slice(-4)}`,
          Math.round(scale * (0.25 + wave(i, end, 90 * MINUTE) / (1 + i / 4))),
        ] as const,
    );
    const events = counts.reduce((sum, [, count]) => sum + count, 0) * 9;
    return { board, ...said(ITEMS, end), ranking: top(counts, 5), events, keys: 4_212 };
  });
  return { rows };
}

const PAGE_IDS = ['/sale', '/', '/item/2002919', '/cart', '/account/orders'];

export function pagesOf(at: number, latest: number, slide = PAGES.slide): RankingPage {
  const rows = ends({ ...PAGES, slide }, at, latest).map((end) => {
    const counts = PAGE_IDS.map(
      (id, i) =>
        [id, Math.round(280 * (0.3 + wave(i + 3, end, 20 * MINUTE) / (1 + i / 3)))] as const,
    );
    return {
      board: 'pages',
      ...said(PAGES, end),
      ranking: top(counts, 3),
      events: 1_840,
      keys: 97,
    };
  });
  return { rows };
}

export function trafficOf(at: number, latest: number): TrafficPage {
  const rows = ends(TRAFFIC, at, latest)
    .filter((end) => end !== MISSING)
    .map((end, i) => {
      const pv = Math.round(9_000 + 4_000 * wave(1, end, 11 * HOUR));
      const { revision, ...window } = said(TRAFFIC, end);
      const isCorrected = end === MISSING + 2 * HOUR;
      const final = i > 0 || at < NEWEST;
      return {
        ...{ site: 'all', ...window, final, revision: isCorrected ? 3 : 0 },
        ...{ pv, uv: Math.round(pv * 0.43) },
      };
    });
  return { rows };
}

const CHANNELS = ['appstore', 'huaweiStore', 'weibo', 'wechat', 'xiaomiStore'];

export function promotionOf(channel: string, at: number, latest: number, slide = 5 * SECOND) {
  const place = CHANNELS.indexOf(channel);
  const rows = ends({ ...PROMOTION, slide }, at, latest).map((end) => {
    const size = place < 0 ? 4_200 : 1_500 / (1 + place / 2);
    const click = Math.round(size * (0.8 + 0.2 * wave(place, end, HOUR)));
    const counts = {
      ...{ CLICK: click, DOWNLOAD: Math.round(click * 0.31) },
      INSTALL: Math.round(click * (0.16 + 0.02 * Math.max(0, place))),
    };
    const total = counts.CLICK + counts.DOWNLOAD + counts.INSTALL;
    return { channel, ...said(PROMOTION, end), counts, total };
  });
  return { rows } satisfies PromotionPage;
}

const PROVINCES = ['guangdong', 'beijing', 'shanghai', 'zhejiang', 'sichuan', 'jiangsu'];
const PROVINCES_ALL = [...PROVINCES, 'hubei', 'hunan', 'fujian', 'shandong', 'henan', 'yunnan'];

export function adClicksOf(province: string, at: number, latest: number): AdClicksPage {
  const rows = ends(ITEMS, at, latest).map((end) => {
    const counts = PROVINCES_ALL.map(
      (name, i) => [name, Math.round(640 * (0.15 + wave(i, end, 2 * HOUR) / (1 + i)))] as const,
    );
    const sum = counts.reduce((total, [, count]) => total + count, 0);
    const own = counts.find(([name]) => name === province)?.[1] ?? 0;
    const isTotal = province === 'total';
    return {
      ...{ province, ...said(ITEMS, end), count: isTotal ? sum : own },
      ...(isTotal ? { provinces: Object.fromEntries(counts) } : {}),
    };
  });
  return { rows };
}

const upTo = <Row>(rows: readonly Row[], timeOf: (row: Row) => string | undefined, at: number) =>
  rows.filter((row) => Date.parse(timeOf(row) ?? '') <= at);

export function blocksAt(at: number): BlockPage {
  const all = Array.from({ length: 10 }, (_, i) => ({
    ...{ userId: `9379${i}0`, adDay: `1715#2017-11-26`, adId: '1715', day: '2017-11-26' },
    ...{ blockedAt: iso(NEWEST - 4 * MINUTE - i * 21 * MINUTE), limit: 100 },
  }));
  return { rows: upTo(all, ({ blockedAt }) => blockedAt, at) };
}

export function loginsAt(at: number): LoginAlertPage {
  const all = Array.from({ length: 12 }, (_, i) => {
    const last = NEWEST - 90 * SECOND - i * 17 * MINUTE;
    return {
      ...{ userId: `${1035 + i * 77}`, alertId: iso(last), lastFail: iso(last) },
      ...{ firstFail: iso(last - (1 + (i % 3)) * SECOND), failures: 2 + (i % 4) },
      ips: i % 3 === 0 ? ['83.149.9.216', '83.149.24.26'] : [`83.149.9.${20 + i}`],
    };
  });
  return { rows: upTo(all, ({ lastFail }) => lastFail, at).slice(0, 10) };
}

const TIMEOUT = 15 * MINUTE;

/** One of each problem, and then orders that nobody paid. */
export const ORDERS: OrderPage['rows'] = [
  order('paidLate', '34729', 7, { paidAfter: TIMEOUT + 192 * SECOND, txId: 'ewr342as4' }),
  order('paidWithoutCreate', '34763', 19, { txId: 'sd76f87d6' }),
  order('conflict', '34767', 31, { paidAfter: 3 * MINUTE, txId: '34jdkst23' }),
  ...Array.from({ length: 8 }, (_, i) => order('timedOut', `${34770 + i}`, 3 + i * 13, {})),
].sort((a, b) => ((a.problemAt ?? '') < (b.problemAt ?? '') ? 1 : -1));

interface Payment {
  readonly paidAfter?: number;
  readonly txId?: string;
}

function order(
  status: OrderPage['rows'][number]['status'],
  orderId: string,
  minutesAgo: number,
  { paidAfter, txId }: Payment,
): OrderPage['rows'][number] {
  const problem = NEWEST - minutesAgo * MINUTE;
  const created = problem - (paidAfter ?? TIMEOUT);
  const isKnown = status !== 'paidWithoutCreate';
  const paid = isKnown ? created + (paidAfter ?? 0) : problem;
  return {
    ...{ orderId, status, problemAt: iso(problem) },
    ...(isKnown ? { createdAt: iso(created), deadline: iso(created + TIMEOUT) } : {}),
    ...(txId === undefined ? {} : { txId, paidAt: iso(paid) }),
    ...(status === 'timedOut' ? { timedOutAt: iso(created + TIMEOUT) } : {}),
    ...(status === 'conflict'
      ? { claims: [{ kind: 'pay', id: 'other-payment', at: iso(paid + SECOND) }] }
      : {}),
  };
}

export const TRANSACTIONS: TransactionPage['rows'] = Array.from({ length: 9 }, (_, i) => {
  const at = NEWEST - (2 + i * 11) * MINUTE;
  const isPay = i % 2 === 0;
  return {
    ...{ txId: isPay && i === 0 ? 'ewr342as4' : `tx${9_000 + i}`, problemAt: iso(at) },
    ...{ status: isPay ? ('unmatchedPay' as const) : ('unmatchedReceipt' as const) },
    ...(isPay ? { payAt: iso(at - 5 * SECOND), orderId: '34729' } : {}),
    ...(isPay ? {} : { receiptAt: iso(at - 3 * SECOND), payChannel: 'wechat' }),
  };
});

export function overviewAt(at: number): Overview {
  const now = Math.min(at, NEWEST);
  const orders = upTo(ORDERS, ({ problemAt }) => problemAt, now);
  const transactions = upTo(TRANSACTIONS, ({ problemAt }) => problemAt, now);
  const isRecent = (time: string | undefined) => Date.parse(time ?? '') > now - HOUR;
  const recent = (count: number) => ({ count, isMore: false });
  const problems = [...orders, ...transactions].filter(({ problemAt }) => isRecent(problemAt));
  const unpaid = orders.filter((row) => row.status === 'timedOut' && isRecent(row.timedOutAt));
  const logins = loginsAt(now).rows;
  const blocks = blocksAt(now).rows;
  return {
    now: iso(now),
    span: { from: iso(OLDEST + FIVE), to: iso(NEWEST) },
    lastHour: {
      unpaidOrders: recent(unpaid.length),
      problems: recent(problems.length),
      loginAlerts: recent(logins.filter(({ lastFail }) => isRecent(lastFail)).length),
      blocks: recent(blocks.filter(({ blockedAt }) => isRecent(blockedAt)).length),
    },
    hotItems: rankingOf('items:pv', now, 2),
    hotPages: pagesOf(now, 2),
    traffic: trafficOf(now, 24),
    promotion: {
      windows: promotionOf('total', now, 2).rows,
      channels: CHANNELS.flatMap((channel) => promotionOf(channel, now, 1).rows),
    },
    adClicks: adClicksOf('total', now, 2),
    blacklist: blocksAt(now),
    loginAlerts: loginsAt(now),
    orders: { rows: orders.slice(0, 10) },
    transactions: { rows: transactions.slice(0, 10) },
  };
}

/** A stage on which nothing has happened yet. */
export const EMPTY: Overview = {
  now: null,
  span: null,
  lastHour: {
    unpaidOrders: { count: 0, isMore: false },
    problems: { count: 0, isMore: false },
    loginAlerts: { count: 0, isMore: false },
    blocks: { count: 0, isMore: false },
  },
  hotItems: { rows: [] },
  hotPages: { rows: [] },
  traffic: { rows: [] },
  promotion: { windows: [], channels: [] },
  adClicks: { rows: [] },
  blacklist: { rows: [] },
  loginAlerts: { rows: [] },
  orders: { rows: [] },
  transactions: { rows: [] },
};
