/** What is wrong with a request is said, with the parameter and the remedy; nothing of it reaches a table. */
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../../../../functions/api/contract/answers.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';
import { casesOf } from '../../../support/table.ts';

let stage: ApiStage;
beforeAll(async () => {
  stage = await startApiStage([]);
});
afterAll(() => stage.stop());

/** A table of requests; what a cell says of the detail is a part of it. */
const WRONG = casesOf(`
  request | parameter | detail
  /v1/pvuv?latest=0 | latest | latest is "0"; give a whole number from 1 to 1000
  /v1/pvuv?latest=1001 | latest | give a whole number from 1 to 1000
  /v1/pvuv?latest=1e3 | latest | latest is "1e3"; give a whole number
  /v1/pvuv?latest=-1 | latest | give a whole number
  /v1/pvuv?latest= | latest | latest is ""; give a whole number
  /v1/pvuv?latest=1&latest=2 | latest | latest is given 2 times; give it once
  /v1/pvuv?lates=1 | lates | there is no parameter "lates" here; there are latest, at, from
  /v1/pvuv?__proto__=1 | __proto__ | there is no parameter "__proto__" here
  /v1/pvuv?constructor=1 | constructor | there is no parameter "constructor" here
  /v1/pvuv?from=yesterday | from | from is "yesterday"; give a time such as 2026-03-02T12:55:00Z
  /v1/pvuv?from=2026-02-30T00:00:00Z | from | give a time
  /v1/pvuv?from=2026-03-02 | from | give a time
  /v1/pvuv?from=2026-03-02T12:00:00 | from | give a time
  /v1/pvuv?from=1511658000000 | from | give a time
  /v1/pvuv?from=2026-03-02T12:00:00Z&to=2026-03-02T12:00:00Z | to | to is not after from; give a later one
  /v1/pvuv?latest=3&from=2026-03-02T12:00:00Z | latest | give one of the two
  /v1/pvuv?at=2026-03-02T12:00:00Z&to=2026-03-02T12:00:00Z | at | give one of the two
  /v1/pvuv?at=9999-12-31T23:59:59-01:00 | at | give a time of the years 0000 to 9999 in UTC
  /v1/pvuv?from=0000-01-01T00:00:00%2B01:00 | from | give a time of the years 0000 to 9999 in UTC
  /v1/tables/pvuv?key= | key | key is ""; give an id
  /v1/pvuv?%C2%9B=1&%C2%9B=2 |  | "\\u009b" is given 2 times
  /v1/pvuv?step=1 | step | step is "1"; give a duration such as 5s, 1min or 1h
  /v1/pvuv?step=90min | step | windows of pvuv end every 3600000 ms; give a multiple of that
  /v1/pvuv?step=1h&to=2026-03-02T12:00:00Z | from | step goes with a whole range; give from as well
  /v1/pvuv?step=1h&cursor=x | cursor | cursor is none of this list
  /v1/pvuv?cursor=x | cursor | cursor is none of this list; give the \`next\` of an answer as it is
  /v1/pvuv?cursor=bnVsbA | cursor | cursor is none of this list
  /v1/login-alerts?limit=101 | limit | give a whole number from 1 to 100
  /v1/login-alerts?before=soon | before | give a time
  /v1/ad-blacklist?day=2026-02-30 | day | day is "2026-02-30"; give a day such as 2026-03-02
  /v1/ad-blacklist?day=20260302 | day | give a day
  /v1/orders?problem=paid | problem | problem is no problem of rows of order-status; they have timedOut, paidLate
  /v1/orders?problem=toString | problem | problem is no problem of rows of order-status
  /v1/orders?problem= | problem | problem is no problem of rows of order-status
  /v1/orders?from=2026-03-02T12:00:00Z&to=2026-03-02T11:00:00Z | to | to is not after from
  /v1/orders/x?limit=1 | limit | there is no parameter "limit" here
  /v1/jobs?job=pvuv | job | there is no parameter "job" here
  /v1/tables/login-alerts?latest=3 | latest | latest says nothing of login-alerts, which holds facts; it takes key, from, to, limit, cursor
  /v1/tables/pvuv?limit=3 | limit | limit says nothing of pvuv, which holds windows
  /v1/tables/order-status?key=a&problem=timedOut | problem | problem does not go with key
`);

describe('a wrong request', () => {
  it.each(WRONG)('%s: %s', async (path = '', parameter = '', detail = '') => {
    const response = await stage.api().request(path);
    const body = problem.parse(await response.json());
    expect(body).toMatchObject({ status: 400, title: 'Bad request', parameter });
    expect(body.detail).toContain(detail);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['/v1/pvuv', null],
    ['/v1/pvuv', { before: 17 }],
    ['/v1/pvuv', { before: 'x' }],
    ['/v1/pvuv', { before: '2017-13-26T01:00:00.000Z' }],
    ['/v1/pvuv', { before: 'x', after: 'y' }],
    ['/v1/pvuv', { before: '-271821-04-20T00:00:00.000Z' }],
    ['/v1/pvuv', { before: '+275760-09-13T00:00:00.000Z' }],
    ['/v1/pvuv', { before: '2017-11-26T01:00:00.000Z', left: 1_001 }],
    ['/v1/login-alerts', { at: '-271821-04-20T00:00:00.000Z', list: '0', key: ['a', 'b'] }],
    ['/v1/login-alerts', { at: '2017-11-26T01:00:00.000Z', list: '0', key: ['\ud800', 'b'] }],
    ['/v1/login-alerts', { at: 1 }],
    ['/v1/login-alerts', { at: 'x', list: '0', key: ['a', 'b', 'c'] }],
    ['/v1/login-alerts', { at: '2017-11-26T01:00:00.000Z', list: '0', key: ['a'] }],
    ['/v1/login-alerts', { at: '2017-11-26T01:00:00.000Z', list: 'timedOut#0', key: ['a', 'b'] }],
    ['/v1/login-alerts', { at: 'x', list: '0', key: ['a', 'b'] }],
    ['/v1/login-alerts', { at: '2017-11-26T01:00:00.000Z', list: '0', key: ['', 'b'] }],
    ['/v1/orders', { at: '2017-11-26T01:00:00.000Z', list: '0', key: ['a'] }],
    ['/v1/orders', { at: 'x'.repeat(50_000), list: 'timedOut#0', key: ['a'] }],
  ])('with a cursor of %s that no answer gave, %j', async (path, place) => {
    const cursor = deflateRawSync(JSON.stringify(place)).toString('base64url');
    const response = await stage.api().request(`${path}?cursor=${cursor}`);
    expect(problem.parse(await response.json())).toMatchObject({
      status: 400,
      parameter: 'cursor',
      detail: expect.stringContaining('cursor is none of this list'),
    });
  });

  it('is shown in its line, and not all of it where it is long', async () => {
    const response = await stage.api().request(`/v1/pvuv?latest=${'%0A%1b'.repeat(1_000)}`);
    const { detail } = problem.parse(await response.json());
    expect(detail).toMatch(/^\P{Cc}*$/u);
    expect(detail.length).toBeLessThan(1_000);
  });

  it.each(['/v1/pvuv?latest=', '/v1/pvuv?', '/v1/orders/', '/v1/tables/', '/v1/', '/'])(
    'shows nothing of %s that moves a cursor, and little',
    async (place) => {
      const text = encodeURIComponent('\u009b\u0085\u2028\u202e\ufeff'.repeat(50));
      const names = place.endsWith('?') ? `${text}=1&${text}=2` : text;
      const answer = await (await stage.api().request(`${place}${names}`)).text();
      const { detail } = problem.parse(JSON.parse(answer));
      expect(detail).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]*$/u);
      expect(answer.length).toBeLessThan(1_500);
    },
  );

  it('of another method changes nothing and says what is allowed', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await stage.api().request('/v1/pvuv', { method });
      expect([method, response.status]).toEqual([method, 405]);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('of an id that is too long or no text has an answer', async () => {
    for (const id of [
      'x'.repeat(2_049),
      '%00',
      '%F0%9F%99%82'.repeat(600),
      '%E0%A4%A',
      '..',
      '%2e%2e',
      'a%2Fb',
    ]) {
      const response = await stage.api().request(`/v1/orders/${id}`);
      expect([id.slice(0, 20), response.status]).toEqual([
        id.slice(0, 20),
        expect.toBeOneOf([400, 404]),
      ]);
    }
  });
});

describe('a failure', () => {
  const failing = (error: Error) => ({
    page: () => Promise.reject(error),
    batchGet: () => Promise.reject(error),
  });

  it('of the tables is said to pass, and is not kept', async () => {
    let isBroken = true;
    const rows = {
      page: (request: Parameters<typeof stage.rows.page>[0]) =>
        isBroken ? Promise.reject(new RetryableError('throttled')) : stage.rows.page(request),
      batchGet: stage.rows.batchGet.bind(stage.rows),
    };
    const failures: unknown[] = [];
    const api = stage.api({ rows, onFailure: (error) => failures.push(error) });
    const response = await api.request('/v1/pvuv');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(problem.parse(await response.json()).detail).not.toContain('throttled');
    expect(failures).toMatchObject([{ name: 'RetryableError' }]);
    isBroken = false;
    expect((await api.request('/v1/pvuv')).status).toBe(200);
  });

  it('that nobody expected tells nothing of what it holds', async () => {
    const api = stage.api({ rows: failing(new Error('secret of user 17')) });
    const response = await api.request('/v1/overview');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });
});
