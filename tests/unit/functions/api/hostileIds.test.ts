/** Ids are what events say they are: markup, control characters, quotes, what looks like a path or a query. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anyPage,
  audienceAnswer,
  orderAnswer,
  overview,
  promotionPage,
  userAnswer,
} from '../../../../functions/api/contract/answers.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';
import { shopEvents } from '../../../support/shopEvents.ts';

const HOSTILE =
  '<img src=x onerror=alert(1)>"\'`$ {1}\u0000\u001b[31m\u202e/../?a=b&c#d%2F\\ {"$ne":1} ';

let stage: ApiStage;
beforeAll(async () => {
  stage = await startApiStage(shopEvents({ prefix: HOSTILE }));
});
afterAll(() => stage.stop());

const get = async (path: string): Promise<unknown> => (await stage.api().request(path)).json();

describe('hostile ids', () => {
  it('come as JSON writes them, and never as a page', async () => {
    const response = await stage.api().request('/v1/overview?at=2017-11-26T02:00:00Z');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const body = overview.parse(await response.json());
    expect(body.hotItems.rows[0]?.ranking[0]?.id).toMatch(/^<img src=x/);
    expect(body.promotion.channels[0]?.channel).toBe(`${HOSTILE}0`);
  });

  it('find what they name, as one segment of a path', async () => {
    const id = encodeURIComponent(`${HOSTILE}paid`);
    const { order, transaction } = orderAnswer.parse(await get(`/v1/orders/${id}`));
    expect([order.orderId, transaction?.txId]).toEqual([`${HOSTILE}paid`, `${HOSTILE}tx-paid`]);
    const channel = encodeURIComponent(`${HOSTILE}1`);
    expect(promotionPage.parse(await get(`/v1/app-promotion/${channel}`)).rows).toHaveLength(1);
    const user = await get(`/v1/users/${encodeURIComponent(`${HOSTILE}victim`)}`);
    expect(userAnswer.parse(user).alerts.rows).toHaveLength(3);
    const { members } = audienceAnswer.parse(await get('/v1/audience?tag=buyer'));
    expect(members.userIds).toContain(`${HOSTILE}u0`);
    const buyer = await get(`/v1/users/${encodeURIComponent(`${HOSTILE}u0`)}`);
    expect(userAnswer.parse(buyer).profile?.counts.buy).toBeGreaterThan(0);
    const key = encodeURIComponent(`${HOSTILE}p1`);
    expect(anyPage.parse(await get(`/v1/tables/ad-clicks?key=${key}`)).rows).toHaveLength(1);
  });

  it.each([
    ['/v1/hot-items/'],
    ['/v1/app-promotion/'],
    ['/v1/ad-clicks/'],
    ['/v1/users/'],
    ['/v1/orders/'],
    ['/v1/transactions/'],
    ['/v1/tables/'],
    ['/v1/pvuv?latest='],
    ['/v1/pvuv?at='],
    ['/v1/pvuv?from='],
    ['/v1/pvuv?to='],
    ['/v1/pvuv?step='],
    ['/v1/pvuv?cursor='],
    ['/v1/overview?at='],
    ['/v1/ad-blacklist?day='],
    ['/v1/funnel/'],
    ['/v1/users/u?days='],
    ['/v1/audience?tag='],
    ['/v1/audience?tag=buyer&day='],
    ['/v1/audience?tag=buyer&limit='],
    ['/v1/audience?tag=buyer&cursor='],
    ['/v1/login-alerts?before='],
    ['/v1/login-alerts?limit='],
    ['/v1/orders?problem='],
    ['/v1/tables/order-status?key='],
    ['/v1/pvuv?'],
    ['/'],
  ])('in the place of %s do no harm', async (place) => {
    for (const attempt of [
      HOSTILE,
      "' OR 1=1 --",
      ':pk',
      '#pk',
      '../../etc/passwd',
      '*',
      'null',
      '[object Object]',
    ]) {
      const response = await stage.api().request(`${place}${encodeURIComponent(attempt)}`);
      expect([attempt, response.status]).toEqual([attempt, expect.toBeOneOf([200, 400, 404])]);
      expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json/);
      // What is told of it stays in its line.
      expect(await response.text()).toMatch(/^\P{Cc}*$/u);
    }
  });
});
