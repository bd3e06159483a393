import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertsQuery,
  audienceQuery,
  blacklistQuery,
  nothing,
  overviewQuery,
  problemsQuery,
  tableQuery,
  userQuery,
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

/** What every view asks for. */
const FIRST = [
  'v1/overview',
  'v1/jobs',
  'v1/tables',
  'v1/funnel?latest=2',
  ...['visitor', 'hesitant', 'buyer'].map((tag) => `v1/tables/user-tags?key=${tag}&latest=2`),
];

/** What a view asks for beyond it. */
const more = (change: Partial<View>): string[] =>
  urlsOf(change).filter((url) => !FIRST.includes(url));

const QUERIES: Readonly<Record<string, { safeParse(query: unknown): { success: boolean } }>> = {
  overview: overviewQuery,
  'hot-items': windowsQuery,
  'hot-pages': windowsQuery,
  pvuv: windowsQuery,
  'app-promotion': windowsQuery,
  'ad-clicks': windowsQuery,
  'ad-blacklist': blacklistQuery,
  'login-alerts': alertsQuery,
  funnel: windowsQuery,
  audience: audienceQuery,
  users: userQuery,
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
  it('is one overview, the jobs and the list of tables, and what has a row an hour or a day', () => {
    expect(urlsOf({})).toEqual(FIRST);
  });

  it('asks more seldom for what changes more seldom', () => {
    const every = (slot: string) =>
      wantsOf(LIVE, KNOWN).find((want) => want.slot === slot)?.everyMs ?? Number.NaN;
    expect(every('funnel')).toBeGreaterThan(every('overview'));
    expect(every('buyer')).toBeGreaterThan(every('funnel'));
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
    [{ profile: 'a/b?c' }, 'v1/users/a%2Fb%3Fc?days=7'],
    [{ tag: 'buyer' }, 'v1/audience?tag=buyer&limit=48'],
    [{ panel: 'funnel' }, 'v1/funnel?latest=24'],
  ] as const)('for %j', (change, url) => {
    expect(more(change)).toEqual([url]);
  });

  it('for a range whose ends move once a step, so that most answers are 304', () => {
    const ranges = ['2017-11-26T12:55:00.000Z', NOW].map((now) =>
      wantsOf({ ...LIVE, channel: 'weibo' }, { now, to: now }).map(({ url }) => url),
    );
    expect(ranges[0]).toEqual(ranges[1]);
    expect(ranges[0]?.filter((url) => url.includes('step=5min'))).toHaveLength(1);
  });

  it('for a category of the funnel beside all, which name the categories there are', () => {
    expect(more({ category: '4756105' })).toEqual([
      'v1/funnel?latest=1',
      'v1/funnel/4756105?latest=24',
    ]);
  });

  it('for the tags of a time by the quarter of an hour: no day ends within one', () => {
    const at = '2017-11-26T09:25:00.000Z';
    expect(more({ at })).toContain(
      `v1/tables/user-tags?key=buyer&latest=2&at=${encodeURIComponent('2017-11-26T09:15:00.000Z')}`,
    );
  });

  it('for the users of a tag page by page, each of the day that its cursor is of', () => {
    const further = [
      { day: '2017-11-25', cursor: 'a' },
      { day: '2017-11-25', cursor: 'b' },
    ];
    const wants = wantsOf({ ...LIVE, tag: 'heavy' }, { ...KNOWN, day: '2017-11-25', further });
    expect(wants.filter(({ slot }) => slot.startsWith('members-'))).toMatchObject([
      { slot: 'members-0', url: 'v1/audience?tag=heavy&limit=48' },
      { slot: 'members-1', url: 'v1/audience?tag=heavy&day=2017-11-25&limit=48&cursor=a' },
      { slot: 'members-2', url: 'v1/audience?tag=heavy&day=2017-11-25&limit=48&cursor=b' },
    ]);
  });

  it('for the users of the day that is shown at a time, and for none before there is one', () => {
    const at = '2017-11-26T09:25:00.000Z';
    const members = (day: string | undefined) =>
      wantsOf({ ...LIVE, at, tag: 'heavy' }, { ...KNOWN, day })
        .filter(({ slot }) => slot === 'members-0')
        .map(({ url }) => url);
    expect(members('2017-11-24')).toEqual(['v1/audience?tag=heavy&day=2017-11-24&limit=48']);
    expect(members(undefined)).toEqual([]);
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
    panel: fc.constantFrom(undefined, 'orders', 'logins', 'blacklist', 'traffic', 'funnel'),
    tag: fc.constantFrom(undefined, 'buyer', 'evening'),
    list: fc.constantFrom('orders' as const, 'transactions' as const),
    ...{ item: id, page: id, channel: id, province: id, user: id, problem: id },
    ...{ order: id, transaction: id, profile: id, category: id, key: id },
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
