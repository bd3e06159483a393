/** Pages of a list are the list, whatever its rows, and a range is all of its windows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../../../shared/adapters/aws/table.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';
import { SHOP_START_MS, shopEvents } from '../../../support/shopEvents.ts';

let stage: ApiStage;
beforeAll(async () => {
  // Four hours, and 90 orders that become a problem at 30 times.
  const events = shopEvents({ minutes: 240, unpaid: 90 });
  const streams = ['app-marketing', 'orders', 'user-behavior'];
  stage = await startApiStage(
    events.filter(([stream]) => streams.includes(stream)),
    {},
  );
});
afterAll(() => stage.stop());

type Row = Readonly<Record<string, string>>;

async function get(path: string): Promise<{ rows: Row[]; next?: string }> {
  const response = await stage.api().request(path);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as { rows: Row[]; next?: string };
}

async function pages(path: string): Promise<Row[][]> {
  const found: Row[][] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page: Awaited<ReturnType<typeof get>> = await get(
      next === '' ? path : `${path}&cursor=${next}`,
    );
    found.push(page.rows);
    next = page.next;
  }
  return found;
}

describe('pages', () => {
  it.each([4, 30, 45, 89, 90, 100])('of %i problems are all of them, each once', async (limit) => {
    const found = await pages(`/v1/orders?limit=${limit}`);
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    const ids = found.flat().map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(90);
    expect(ids).toHaveLength(90);
    const times = found.flat().map(({ problemAt }) => problemAt);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('of a range keep to it', async () => {
    const range = 'from=2017-11-26T01:20:00Z&to=2017-11-26T01:30:00Z';
    const found = (await pages(`/v1/orders?problem=timedOut&${range}&limit=4`)).flat();
    expect(found).toHaveLength(30);
    const times = found.map(({ problemAt = '' }) => problemAt).sort();
    expect([times[0], times.at(-1)]).toEqual([
      '2017-11-26T01:20:00.000Z',
      '2017-11-26T01:29:00.000Z',
    ]);
  });

  it('of windows that one answer has no room for go on where it ended', async () => {
    const path = '/v1/app-promotion?from=2017-11-26T01:00:00Z&to=2017-11-26T09:00:00Z';
    const found = await pages(path);
    expect(found.map((page) => page.length)).toEqual([1_000, 1_000, 1_000, 588]);
    const ends = found.flat().map(({ windowEnd }) => windowEnd);
    const stored = stage.stored.get('app-promotion')?.filter(({ channel }) => channel === 'total');
    expect(ends).toEqual(
      stored
        ?.map(({ windowEnd }) => windowEnd)
        .sort()
        .reverse(),
    );
  });
});

describe('rows as large as rows may be', () => {
  const orderId = (n: number) => `${n}${'\u0001🙂'.repeat(400)}`;
  let large: ApiStage;
  beforeAll(async () => {
    large = await startApiStage([]);
    const table = dynamoTable(large.server.client, {
      name: 'order-status',
      partitionKey: 'orderId',
    });
    const items = Array.from({ length: 20 }, (_, n) => ({
      orderId: orderId(n),
      status: 'conflict',
      claims: [{ kind: 'pay', id: 'x'.repeat(250_000), at: '2017-11-26T01:00:00.000Z' }],
      problem: `conflict#${n % 4}`,
      problemAt: `2017-11-26T01:00:${10 + n}.000Z`,
    }));
    await table.batchPut(items);
  });
  afterAll(() => large.stop());

  it('are in pages that Lambda can return, all of them, with cursors that fit an address', async () => {
    const seen: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const path: string =
        next === '' ? '/v1/orders?limit=100' : `/v1/orders?limit=100&cursor=${next}`;
      expect(path.length).toBeLessThan(8_000);
      const text = await (await large.api().request(path)).text();
      expect(text.length).toBeLessThan(4 * 1024 * 1024);
      const page = JSON.parse(text) as { rows: { orderId: string }[]; next?: string };
      seen.push(...page.rows.map((row) => row.orderId));
      next = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => orderId(19 - n)));
  });

  it('leave room for the rest of the overview', async () => {
    const text = await (await large.api().request('/v1/overview')).text();
    expect(text.length).toBeLessThan(1024 * 1024);
  });
});

describe('windows', () => {
  const ends = async (path: string) =>
    (await get(path)).rows.map(({ windowEnd = '' }) => windowEnd.slice(11, 19));

  it('are the newest one where nothing is said', async () => {
    expect(await ends('/v1/hot-items/items:pv')).toEqual(['05:55:00']);
    expect(await ends('/v1/hot-items/items:pv?at=2017-11-26T02:04:59Z')).toEqual(['02:00:00']);
    expect(await ends('/v1/hot-items/items:pv?at=2017-11-26T02:05:00Z')).toEqual(['02:05:00']);
  });

  it('of a range are from its first time, before its last one', async () => {
    const range = 'from=2017-11-26T02:00:00Z&to=2017-11-26T02:15:00Z';
    expect(await ends(`/v1/hot-items/items:pv?${range}`)).toEqual([
      '02:10:00',
      '02:05:00',
      '02:00:00',
    ]);
    expect(await ends('/v1/hot-items/items:pv?to=2017-11-26T01:10:01Z')).toEqual([
      '01:10:00',
      '01:05:00',
    ]);
  });

  it('are thinned out by a step, from the newest one back or within a range', async () => {
    expect(await ends('/v1/app-promotion?latest=3&step=1min')).toEqual([
      '05:59:00',
      '05:58:00',
      '05:57:00',
    ]);
    expect(await ends('/v1/app-promotion?latest=2&step=30min&at=2017-11-26T02:29:59Z')).toEqual([
      '02:00:00',
      '01:30:00',
    ]);
    const range = 'from=2017-11-26T02:00:10Z&to=2017-11-26T04:00:00Z';
    expect(await ends(`/v1/app-promotion?${range}&step=30min`)).toEqual([
      '03:30:00',
      '03:00:00',
      '02:30:00',
    ]);
  });

  it('at times that have no window are left out', async () => {
    const rows = await ends('/v1/app-promotion?from=2017-11-26T00:00:00Z&step=1h');
    expect(rows).toEqual(['05:00:00', '04:00:00', '03:00:00', '02:00:00']);
  });

  it('are refused where a step makes too many of a range', async () => {
    const response = await stage
      .api()
      .request('/v1/app-promotion?from=2017-11-26T01:00:00Z&step=5s');
    expect(await response.json()).toMatchObject({
      status: 400,
      parameter: 'step',
      detail: expect.stringContaining('give a longer step or a shorter range'),
    });
  });

  it('begin at the time of the first event', () => {
    expect(new Date(SHOP_START_MS).toISOString()).toBe('2017-11-26T01:00:00.000Z');
  });
});
