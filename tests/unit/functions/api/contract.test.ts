/** Every route, on rows that the jobs have written: its answer is what the contract says, and what the tables hold. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import {
  adClicksPage,
  anyPage,
  audienceAnswer,
  blockPage,
  funnelPage,
  healthAnswer,
  jobsAnswer,
  loginAlertPage,
  orderAnswer,
  orderPage,
  overview,
  problem,
  promotionPage,
  rankingPage,
  tablesAnswer,
  trafficPage,
  transactionAnswer,
  transactionPage,
  userAnswer,
} from '../../../../functions/api/contract/answers.ts';
import { ROUTES } from '../../../../functions/api/routes.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';

let stage: ApiStage;
let api: ReturnType<ApiStage['api']>;
beforeAll(async () => {
  stage = await startApiStage();
  api = stage.api();
});
afterAll(() => stage.stop());

async function answer<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const response = await api.request(path);
  const body = await response.json();
  expect({ path, status: response.status, body }).toMatchObject({ status: 200 });
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return schema.parse(body);
}

/** A request of each route, whose answer holds something. */
const REQUESTS = {
  '/v1/overview': ['/v1/overview', overview],
  '/v1/jobs': ['/v1/jobs', jobsAnswer],
  '/v1/health': ['/v1/health', healthAnswer],
  '/v1/hot-items/{board}': ['/v1/hot-items/items:pv', rankingPage],
  '/v1/hot-pages': ['/v1/hot-pages', rankingPage],
  '/v1/pvuv': ['/v1/pvuv', trafficPage],
  '/v1/app-promotion': ['/v1/app-promotion', promotionPage],
  '/v1/app-promotion/{channel}': ['/v1/app-promotion/0', promotionPage],
  '/v1/ad-clicks': ['/v1/ad-clicks', adClicksPage],
  '/v1/ad-clicks/{province}': ['/v1/ad-clicks/p1', adClicksPage],
  '/v1/funnel': ['/v1/funnel', funnelPage],
  '/v1/funnel/{category}': ['/v1/funnel/c1', funnelPage],
  '/v1/ad-blacklist': ['/v1/ad-blacklist?day=2017-11-26', blockPage],
  '/v1/login-alerts': ['/v1/login-alerts', loginAlertPage],
  '/v1/orders': ['/v1/orders', orderPage],
  '/v1/transactions': ['/v1/transactions', transactionPage],
  '/v1/users/{id}': ['/v1/users/victim', userAnswer],
  '/v1/audience': ['/v1/audience?tag=buyer', audienceAnswer],
  '/v1/orders/{id}': ['/v1/orders/paid', orderAnswer],
  '/v1/transactions/{id}': ['/v1/transactions/tx-paid', transactionAnswer],
  '/v1/tables': ['/v1/tables', tablesAnswer],
  '/v1/tables/{table}': ['/v1/tables/order-status', anyPage],
} as const satisfies Record<string, readonly [string, z.ZodType]>;

describe('the API', () => {
  it('has a test of each route', () => {
    expect(ROUTES.map(({ path }) => path).sort()).toEqual(Object.keys(REQUESTS).sort());
  });

  it.each(Object.values(REQUESTS))(
    'answers %s as the contract says, with something in it',
    async (path, schema) => {
      const body = await answer<z.ZodType>(path, schema);
      if (typeof body === 'object' && body !== null && 'rows' in body)
        expect(body.rows).not.toEqual([]);
    },
  );

  it('shows nothing of what the engine keeps on rows', async () => {
    // Lanes are listed as well.
    for (const [path] of Object.values(REQUESTS).filter(([each]) => each !== '/v1/jobs')) {
      const text = await (await api.request(path)).text();
      expect(text).not.toMatch(
        /"(fence|engine|expiresAt|listed|listedAt|problem|windowGroup|groupMember)":/,
      );
    }
  });

  it('gives all rows of a board, the newest first', async () => {
    const { rows } = await answer('/v1/hot-items/items:pv?latest=1000', rankingPage);
    const stored = stage.stored.get('hot-items')?.filter(({ board }) => board === 'items:pv');
    expect(rows.map(({ windowEnd }) => windowEnd)).toEqual(
      stored
        ?.map(({ windowEnd }) => windowEnd)
        .sort()
        .reverse(),
    );
  });

  it('says of an order what happened to it, with the transaction that paid it', async () => {
    expect(await answer('/v1/orders/paid', orderAnswer)).toMatchObject({
      order: { status: 'paid', txId: 'tx-paid', createdAt: '2017-11-26T01:10:00.000Z' },
      transaction: { status: 'matched', onTime: true, deltaMs: 2_000 },
    });
    expect(await answer('/v1/orders/unpaid0', orderAnswer)).toMatchObject({
      order: { status: 'timedOut', problemAt: '2017-11-26T01:15:00.000Z' },
      transaction: null,
    });
  });

  it('lists problems by status and time', async () => {
    const all = await answer('/v1/orders', orderPage);
    expect(all.rows.map(({ orderId }) => orderId)).toEqual(['unpaid2', 'unpaid1', 'unpaid0']);
    const range = 'from=2017-11-26T01:16:00Z&to=2017-11-26T01:17:00Z';
    const some = await answer(`/v1/orders?problem=timedOut&${range}`, orderPage);
    expect(some.rows.map(({ orderId }) => orderId)).toEqual(['unpaid1']);
    expect((await answer('/v1/orders?problem=conflict', orderPage)).rows).toEqual([]);
  });

  it('finds the alerts and the blocks of a user', async () => {
    const victim = await answer('/v1/users/victim', userAnswer);
    expect([victim.alerts.rows.length, victim.blocks.rows.length]).toEqual([3, 0]);
    expect(await answer('/v1/users/farm', userAnswer)).toMatchObject({
      blocks: { rows: [{ adId: 'a2', day: '2017-11-26', limit: 100 }] },
    });
  });

  it('knows the blacklist of a day by the days of its job, which are not those of UTC', async () => {
    expect((await answer('/v1/ad-blacklist?day=2017-11-25', blockPage)).rows).toEqual([]);
    expect((await answer('/v1/ad-blacklist?day=2017-11-26', blockPage)).rows).toHaveLength(1);
    expect((await answer('/v1/ad-blacklist', blockPage)).rows).toHaveLength(1);
  });

  it('answers for a board that nobody has seen with no rows', async () => {
    expect(await answer('/v1/hot-items/items:none', rankingPage)).toEqual({ rows: [] });
  });

  it('says what is not there', async () => {
    for (const path of [
      '/v1/orders/nobody',
      '/v1/transactions/none',
      '/v1/tables/none',
      '/v1/none',
    ]) {
      const response = await api.request(path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      problem.parse(await response.json());
    }
  });
});

describe('the overview', () => {
  it('counts the last hour from the newest final row, whatever the clock and the end of the input say', async () => {
    const { now, lastHour, span } = await answer('/v1/overview', overview);
    // The last event is of 02:29; the end of the input has closed windows up to an hour behind it.
    expect(now).toBe('2017-11-26T02:29:00.000Z');
    expect(span).toEqual({ from: '2017-11-26T01:01:00.000Z', to: now });
    expect(lastHour.loginAlerts.count).toBe(3);
  });

  it('shows what was there at a time', async () => {
    const then = await answer('/v1/overview?at=2017-11-26T01:31:00Z', overview);
    expect(then).toMatchObject({
      now: '2017-11-26T01:31:00.000Z',
      lastHour: {
        unpaidOrders: { count: 3, isMore: false },
        problems: { count: 3, isMore: false },
        loginAlerts: { count: 3, isMore: false },
        blocks: { count: 1, isMore: false },
      },
    });
    expect(then.hotItems.rows[0]?.windowEnd).toBe('2017-11-26T01:30:00.000Z');
    expect(then.traffic.rows).toEqual([]);
    expect(then.promotion.channels.map(({ channel }) => channel)).toEqual(['0', '1', '2']);
    const before = await answer('/v1/overview?at=2017-11-26T01:15:59Z', overview);
    expect(before.orders.rows.map(({ orderId }) => orderId)).toEqual(['unpaid0']);
    expect(before.loginAlerts.rows).toEqual([]);
  });

  it('is empty before the first row', async () => {
    const before = await answer('/v1/overview?at=2001-01-01T00:00:00Z', overview);
    expect(before.now).toBeNull();
    expect(before.lastHour.problems).toEqual({ count: 0, isMore: false });
  });
});
