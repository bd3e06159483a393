import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertsQuery,
  blacklistQuery,
  nothing,
  overviewQuery,
  problemsQuery,
  tableQuery,
  windowsQuery,
} from '../../../functions/api/contract/requests.ts';
import { tableWant, type Want, wantsOf } from '../../../web/state/requests.ts';
import { LIVE, type View } from '../../../web/state/view.ts';

const NOW = '2017-11-26T12:57:03.000Z';
/** Five minutes, of a live screen. */
const STEP = '2017-11-26T12:55:00.000Z';
const KNOWN = { now: NOW, to: NOW };

const urlsOf = (change: Partial<View>): string[] =>
  wantsOf({ ...LIVE, ...change }, KNOWN).map(({ url }) => url);

/** What a view asks for beyond what every view does. */
const more = (change: Partial<View>): string[] => urlsOf(change).slice(3);

const QUERIES: Readonly<Record<string, { safeParse(query: unknown): { success: boolean } }>> = {
  overview: overviewQuery,
  'hot-items': windowsQuery,
  'hot-pages': windowsQuery,
  pvuv: windowsQuery,
  'app-promotion': windowsQuery,
  'ad-clicks': windowsQuery,
  'ad-blacklist': blacklistQuery,
  'login-alerts': alertsQuery,
  users: nothing,
  tables: tableQuery,
  jobs: nothing,
};

/** Details take nothing, lists take what a list does. */
function queryOf({ url }: Want) {
  const [path = '', search = ''] = url.split('?');
  const [, name = '', id] = path.split('/');
  const isOrder = name === 'orders' || name === 'transactions';
  const schema = isOrder ? (id === undefined ? problemsQuery : nothing) : QUERIES[name];
  return schema?.safeParse(Object.fromEntries(new URLSearchParams(search)));
}

describe('the first screen', () => {
  it('is one overview, the jobs and the list of tables', () => {
    expect(urlsOf({})).toEqual(['v1/overview', 'v1/jobs', 'v1/tables']);
  });

  it('of a time asks for the overview of then, and more seldom: the past hardly changes', () => {
    const at = '2017-11-26T09:30:00.000Z';
    const [overview] = wantsOf({ ...LIVE, at }, KNOWN);
    const [live] = wantsOf(LIVE, KNOWN);
    expect(overview?.url).toBe('v1/overview?at=2017-11-26T09%3A30%3A00.000Z');
    expect(overview?.everyMs).toBeGreaterThan(live?.everyMs ?? Number.NaN);
  });
});

describe('a panel asks by itself', () => {
  it.each([
    [{ behavior: 'cart' }, `v1/hot-items/items%3Acart?latest=2&at=${encodeURIComponent(STEP)}`],
    [{ item: '2000838' }, `v1/hot-items/items%3Apv?latest=24&at=${encodeURIComponent(STEP)}`],
    [{ province: 'beijing' }, `v1/ad-clicks/beijing?latest=24&at=${encodeURIComponent(STEP)}`],
    [{ user: '1035' }, 'v1/users/1035'],
    [{ problem: 'paidLate' }, 'v1/orders?problem=paidLate&limit=100'],
    [{ panel: 'logins' }, 'v1/login-alerts?limit=100'],
    [{ panel: 'traffic' }, `v1/pvuv?latest=168&at=${encodeURIComponent(STEP)}`],
    [{ order: 'a/b?c' }, 'v1/orders/a%2Fb%3Fc'],
  ] as const)('for %j', (change, url) => {
    expect(more(change)).toEqual([url]);
  });

  it('for a range whose ends move once a step, so that most answers are 304', () => {
    const ranges = ['2017-11-26T12:55:00.000Z', NOW].map((now) =>
      wantsOf({ ...LIVE, channel: 'weibo' }, { now, to: now }).map(({ url }) => url),
    );
    expect(ranges[0]).toEqual(ranges[1]);
    expect(ranges[0]?.at(-1)).toContain('step=5min');
  });

  it('for what an address cannot hold as it is, without failing', () => {
    expect(more({ user: 'half \ud800 of a pair' })).toEqual([
      'v1/users/half%20%EF%BF%BD%20of%20a%20pair',
    ]);
  });
});

it('whatever one looks at, every request is one that the API takes', () => {
  const id = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
  const view = fc.record({
    at: fc.constantFrom(undefined, '2017-11-26T09:30:00.000Z'),
    kind: fc.constantFrom('items' as const, 'categories' as const),
    behavior: fc.constantFrom('pv' as const, 'buy' as const),
    panel: fc.constantFrom(undefined, 'orders', 'logins', 'blacklist', 'traffic', 'tables'),
    list: fc.constantFrom('orders' as const, 'transactions' as const),
    ...{ item: id, page: id, channel: id, province: id, user: id, problem: id },
    ...{ order: id, transaction: id, key: id },
  });
  fc.assert(
    fc.property(view, fc.constantFrom('windows', 'statuses', 'facts'), (change, rows) => {
      const whole = { ...LIVE, ...change } as View;
      const wants = [...wantsOf(whole, KNOWN), tableWant(whole, 'a table', rows as 'windows')];
      expect(wants.filter((want) => queryOf(want)?.success !== true)).toEqual([]);
      expect(new Set(wants.map(({ slot }) => slot)).size).toBe(wants.length);
    }),
  );
});
