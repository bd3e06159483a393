/** What the tests of the page are answered is what the API would answer. */
import { describe, expect, it } from 'vitest';
import * as answers from '../../../functions/api/contract/answers.ts';
import { FakeApi } from '../../web/support/fakeApi.ts';
import { EMPTY } from '../../web/support/story.ts';

describe('the API of the tests', () => {
  it.each([
    ['overview', answers.overview],
    ['overview?at=2017-11-26T08:30:00.000Z', answers.overview],
    ['jobs', answers.jobsAnswer],
    ['tables', answers.tablesAnswer],
    ['hot-items/items:pv?latest=24', answers.rankingPage],
    ['hot-pages', answers.rankingPage],
    ['pvuv?latest=24', answers.trafficPage],
    ['app-promotion/weibo', answers.promotionPage],
    ['ad-clicks/beijing?latest=24', answers.adClicksPage],
    ['ad-blacklist', answers.blockPage],
    ['login-alerts', answers.loginAlertPage],
    ['users/1035', answers.userAnswer],
    ['users/nobody', answers.userAnswer],
    ['funnel?latest=24', answers.funnelPage],
    ['funnel/4756105?latest=2', answers.funnelPage],
    ['audience?tag=buyer&limit=48', answers.audienceAnswer],
    ['audience?tag=buyer&day=2017-11-24&cursor=48', answers.audienceAnswer],
    ['tables/user-tags?key=visitor&latest=2', answers.anyPage],
    ['orders?problem=timedOut', answers.orderPage],
    ['orders/34729', answers.orderAnswer],
    ['transactions', answers.transactionPage],
    ['transactions/ewr342as4', answers.transactionAnswer],
    ['tables/refunds-by-reason?latest=10', answers.anyPage],
  ])('answers %s by its contract', async (asked, schema) => {
    const [path = '', search] = asked.split('?');
    const question = { path, query: new URLSearchParams(search) };
    const none = { ifNoneMatch: undefined, authorization: undefined };
    const answered = await new FakeApi().answer({ ...question, ...none });
    expect(schema.safeParse(answered?.body).error).toBeUndefined();
  });

  it('has an overview of a stage on which nothing has happened', () => {
    expect(answers.overview.safeParse(EMPTY).error).toBeUndefined();
  });
});
