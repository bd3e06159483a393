/** The API under a test's control: what it answers, how long it takes, and whether it is there at all. */
import { createHash } from 'node:crypto';
import type { KINDS_OF_VISITOR } from '../../../web/state/tags.ts';
import { JOBS, TABLES } from './pipeline.ts';
import {
  adClicksOf,
  blocksAt,
  iso,
  loginsAt,
  NEWEST,
  ORDERS,
  overviewAt,
  pagesOf,
  promotionOf,
  rankingOf,
  TRANSACTIONS,
  trafficOf,
} from './story.ts';
import { audienceOf, funnelOf, tagRowsOf, userOf } from './visitors.ts';

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ifNoneMatch: string | undefined;
  readonly authorization: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly body?: unknown;
  readonly etag?: string;
}

export class FakeApi {
  /** By path; a function of what is asked, or an answer for everything. */
  readonly replaced = new Map<string, (asked: Asked) => unknown>();
  readonly asked: Asked[] = [];
  isAway = false;
  delayMs = 0;
  token: string | undefined;
  status = 200;

  /** Undefined where nobody is there to answer. */
  async answer(asked: Asked): Promise<Answered | undefined> {
    this.asked.push(asked);
    if (this.delayMs > 0) await new Promise((done) => setTimeout(done, this.delayMs));
    if (this.isAway) return undefined;
    if (this.token !== undefined && asked.authorization !== `Bearer ${this.token}`) {
      return problem(401, 'give the token of this stage');
    }
    if (this.status !== 200) return problem(this.status, 'the table could not be read');
    const replaced = this.replaced.get(asked.path);
    const body = replaced ? replaced(asked) : storyOf(asked);
    if (body === undefined) return problem(404, `there is no ${asked.path}`);
    const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)}"`;
    return asked.ifNoneMatch === etag ? { status: 304, etag } : { status: 200, body, etag };
  }

  askedFor = (path: string): Asked[] => this.asked.filter((each) => each.path === path);
}

const problem = (status: number, detail: string): Answered => ({
  status,
  body: { type: 'about:blank', title: 'Problem', status, detail },
});

function storyOf({ path, query }: Asked): unknown {
  const at = Date.parse(query.get('at') ?? iso(NEWEST));
  const latest = Number(query.get('latest') ?? 1);
  const to = Date.parse(query.get('to') ?? iso(NEWEST));
  const [name = '', id = ''] = path.split('/').map(decodeURIComponent);
  const answers: Readonly<Record<string, () => unknown>> = {
    overview: () => overviewAt(at),
    jobs: () => JOBS,
    'hot-items': () => rankingOf(id, at, latest),
    'hot-pages': () => pagesOf(to, 24, 300_000),
    pvuv: () => trafficOf(at, latest),
    'app-promotion': () => promotionOf(id, to, 24, 300_000),
    'ad-clicks': () => adClicksOf(id, at, latest),
    'ad-blacklist': () => blocksAt(at),
    'login-alerts': () => loginsAt(at),
    funnel: () => funnelOf(id || 'all', at, latest),
    audience: () => audienceOf(query),
    users: () => userOf(id),
    orders: () => (id === '' ? { rows: only(ORDERS, query) } : orderOf(id)),
    transactions: () => (id === '' ? { rows: only(TRANSACTIONS, query) } : transactionOf(id)),
    tables: () => tablesOf(id, query, { at, latest }),
  };
  return answers[name]?.();
}

const only = <Row extends { status: string }>(rows: readonly Row[], query: URLSearchParams) =>
  rows.filter(({ status }) => status === (query.get('problem') ?? status));

function orderOf(orderId: string) {
  const order = ORDERS.find((each) => each.orderId === orderId);
  const transaction = TRANSACTIONS.find(({ txId }) => txId === order?.txId) ?? null;
  return order && { order, transaction };
}

function transactionOf(txId: string) {
  const transaction = TRANSACTIONS.find((each) => each.txId === txId);
  const order = ORDERS.find(({ orderId }) => orderId === transaction?.orderId) ?? null;
  return transaction && { transaction, order };
}

function tablesOf(
  name: string,
  query: URLSearchParams,
  { at, latest }: { readonly at: number; readonly latest: number },
) {
  if (name === '') return TABLES;
  const key = query.get('key') as KindOfVisitor;
  return name === 'user-tags' ? tagRowsOf(key, at, latest) : tableRows(latest);
}

type KindOfVisitor = (typeof KINDS_OF_VISITOR)[number];

const tableRows = (latest: number) => ({
  rows: adClicksOf('damaged', NEWEST, latest).rows.map(({ province, ...row }) => ({
    reason: province,
    ...row,
    amounts: { cny: row.count * 12 },
  })),
});
