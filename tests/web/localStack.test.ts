/** The page on the real local stack: events go on streams, functions compute, and a viewer sees it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiServer, serveApi } from '../../cli/apiServer.ts';
import { localApi } from '../../cli/localApi.ts';
import { JOBS } from '../../functions/jobs.ts';
import { clientsOf } from '../../infra/local/servers.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { contextOf, faultsOf, inBrowser, launch } from './support/browser.ts';

/** Kept, for whoever wants to see what the tests saw. */
const PICTURES = fileURLToPath(new URL('../../.build/pictures', import.meta.url));
const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-03-02T02:00:00Z');
/** Computing, a poll of the page, and a machine that has other work. */
const SEEN = { timeout: 40_000, interval: 200 };
const TEST_MS_MAX = 120_000;

interface Event {
  readonly stream: string;
  readonly key: string;
  readonly minute: number;
  readonly event: object;
}

const viewed = (itemId: string, minute: number): Event => {
  const event = { userId: `u${minute}`, itemId, categoryId: 'c', behavior: 'pv' };
  return { stream: 'user-behavior', key: itemId, minute, event };
};
const ordered = (orderId: string, minute: number, pay?: string): Event => {
  const event = pay === undefined ? { type: 'create' } : { type: 'pay', txId: pay };
  return { stream: 'orders', key: orderId, minute, event: { orderId, ...event } };
};
const DAY_MINUTES = 24 * 60;
/** All what a user did to items of a category, a minute after another. */
const did = (userId: string, minute: number, categoryId: string, behaviors: string): Event[] =>
  behaviors.split(' ').map((behavior, n) => {
    const itemId = `${userId}-${n}`;
    const event = { userId, itemId, categoryId, behavior };
    return { stream: 'user-behavior', key: itemId, minute: minute + n, event };
  });
const times = (count: number, each: (n: number) => Event): Event[] =>
  Array.from({ length: count }, (_, n) => each(n));

inBrowser('the page on the local stack', () => {
  vi.setConfig({ testTimeout: TEST_MS_MAX });

  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  let puts = 0;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ shards: 1 }), launch()]);
    page = await (await browser.newContext(contextOf({}))).newPage();
    faults = faultsOf(page);
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
    expect(faults).toEqual([]);
  });

  async function put(events: readonly Event[]): Promise<void> {
    puts += 1;
    const inputs = [...Map.groupBy(events, ({ stream }) => stream)].map(([stream, all]) => ({
      name: `${stream} ${puts}`,
      stream,
      events: () =>
        all
          .toSorted((a, b) => a.minute - b.minute)
          .map(({ key, minute, event }) => {
            const timestamp = START_MS + minute * MINUTE_MS;
            const line = JSON.stringify({ ...event, timestamp });
            return { line, partitionKey: key, eventTimeMs: timestamp };
          }),
    }));
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
  }

  const ranking = () => page.locator('.panel-hotItems .bar-name').allTextContents();

  it('stands before there is anything, and says that there is nothing', async () => {
    await page.goto(stack.endpoints.api);
    await expect.poll(() => page.locator('.panel').count(), SEEN).toBeGreaterThan(5);
    await expect
      .poll(() => page.locator('.panel-hotItems').textContent(), SEEN)
      .toContain('Nobody');
    expect(await page.locator('.panel-hotItems').textContent()).not.toMatch(/\b0\b/);
  });

  it('shows hot items as their windows close, and ranks them anew', async () => {
    const quiet = [...times(30, (n) => viewed('lamp', n)), ...times(20, (n) => viewed('desk', n))];
    await put([...quiet, viewed('chair', 31), viewed('chair', 36)]);
    await expect.poll(ranking, SEEN).toEqual(['lamp', 'desk', 'chair']);
    await put([...times(40, (n) => viewed('desk', 37 + n / 10)), viewed('chair', 47)]);
    await expect.poll(ranking, SEEN).toEqual(['desk', 'lamp', 'chair']);
  });

  it('goes back by its slider to when the ranking was another one, and to live again', async () => {
    const slider = page.getByRole('slider', { name: 'Time that is shown' });
    await slider.focus();
    await page.keyboard.press('Home');
    // By then both had five views, and of equals the smaller id is first.
    const hotItems = page.locator('.panel-hotItems');
    await expect.poll(() => hotItems.textContent(), SEEN).toContain('10 events on 2 ids');
    expect(await ranking()).toEqual(['desk', 'lamp']);
    expect(page.url()).toContain('#at=2026-03-02T02:05:00.000Z');
    await page.getByRole('button', { name: 'Back to live' }).click();
    await expect.poll(ranking, SEEN).toEqual(['desk', 'lamp', 'chair']);
  });

  it('plays the stored windows, from the first one up to live', async () => {
    await page.getByRole('slider', { name: 'Time that is shown' }).focus();
    await page.keyboard.press('Home');
    await page.getByRole('button', { name: 'Replay' }).click();
    const seen: string[] = [];
    await expect
      .poll(async () => {
        seen.push((await page.locator('.state-what').textContent()) ?? '');
        return seen.at(-1);
      }, SEEN)
      .toContain('Live');
    expect(new Set(seen).size).toBeGreaterThan(3);
  });

  it('lists orders that are not paid in time, by problem, and tells the story of one', async () => {
    await put([
      ordered('late-1', 1),
      ordered('late-2', 2),
      ordered('paid-late', 3),
      ordered('paid-late', 20, 'tx-1'),
      ordered('fine', 4),
      ordered('fine', 5, 'tx-2'),
      ordered('last', 40),
    ]);
    const panel = page.locator('.panel-orders');
    await expect.poll(() => panel.locator('tbody tr').count(), SEEN).toBe(3);
    await panel.getByRole('combobox').selectOption('paidLate');
    await expect.poll(() => panel.locator('tbody tr').count(), SEEN).toBe(1);
    await panel.getByRole('button', { name: 'paid-late' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Time line').waitFor();
    expect(await dialog.locator('.moment-name').allTextContents()).toEqual([
      'Created',
      'Deadline',
      'Given up as unpaid',
      'Paid',
    ]);
    await page.keyboard.press('Escape');
  });

  it('says of each job how far it is', async () => {
    const jobs = page.locator('.panel-jobs');
    await expect.poll(() => jobs.textContent(), SEEN).toContain('order-timeout');
    for (const { name } of JOBS) expect(await jobs.textContent()).toContain(name);
  });

  it('filters by what is clicked, until the filter is taken away', async () => {
    await page.locator('.panel-hotItems').getByRole('button', { name: 'desk' }).first().click();
    const filter = page.getByRole('button', { name: /^Remove filter .*desk/ });
    await filter.waitFor();
    expect(page.url()).toContain('item=desk');
    // Its way through the windows, which begins where the first window ends.
    await expect.poll(() => page.locator('.trail tbody tr').count(), SEEN).toBeGreaterThan(5);
    await filter.click();
    await expect.poll(() => page.url()).not.toContain('item=');
  });

  it.each([
    ['light', 1_440, 'en-GB', 'Hot items'],
    ['dark', 390, 'en-GB', 'Hot items'],
    ['light', 390, 'zh-CN', '热门商品'],
    ['dark', 1_440, 'zh-CN', '热门商品'],
  ] as const)(
    'fits, and keeps nobody out: %s, %i px wide, %s',
    async (theme, width, locale, title) => {
      const context = await browser.newContext(contextOf({ theme, width, locale }));
      const other = await context.newPage();
      await other.goto(stack.endpoints.api);
      await other.getByRole('heading', { name: title }).waitFor();
      await expect.poll(() => other.locator('.panel-hotItems .bar-name').count(), SEEN).toBe(3);
      const overflow = await other.evaluate(() => document.body.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page: other }).analyze();
      const grave = violations.filter(
        ({ impact }) => impact === 'serious' || impact === 'critical',
      );
      expect(grave.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      const path = join(PICTURES, `localStack-${theme}-${width}-${locale}.png`);
      await other.screenshot({ path, fullPage: true, animations: 'disabled' });
      await context.close();
    },
  );

  it('keeps what it shows while the API is away, and goes on when it is back', async () => {
    const { kinesis, dynamodb } = stack.endpoints;
    const { dynamo } = clientsOf({ kinesis, dynamodb }, stack.definitions.region);
    const app = await localApi({
      client: dynamo,
      stage: stack.definitions.stage,
      families: JOBS,
      environment: stack.definitions.environment,
      onFailure: () => {},
    });
    let server: ApiServer = await serveApi(app, 0);
    const { port } = new URL(server.endpoint);
    await page.goto(server.endpoint);
    await expect.poll(ranking, SEEN).toEqual(['desk', 'lamp', 'chair']);
    await server.stop();
    await expect.poll(() => page.locator('.state').textContent(), SEEN).not.toContain('Live');
    expect(await ranking()).toEqual(['desk', 'lamp', 'chair']);
    server = await serveApi(app, Number(port));
    await put([...times(40, (n) => viewed('chair', 48 + n / 10)), viewed('chair', 58)]);
    await expect.poll(() => page.locator('.state').textContent(), SEEN).toContain('Live');
    await expect.poll(async () => (await ranking()).slice(0, 2), SEEN).toContain('chair');
    await server.stop();
    dynamo.destroy();
  });

  it('shows where buyers are lost as an hour closes, and the audience as the day does', async () => {
    const audience = page.locator('.panel-audience');
    // From 20:00 to 21:00 of the next day of the shop, which an event on the day after closes.
    const evening = DAY_MINUTES + 10 * 60;
    await put([
      ...did('ann', evening, 'shoes', 'pv pv cart buy'),
      ...did('bob', evening + 5, 'shoes', 'pv fav'),
      ...did('cem', evening + 10, 'hats', 'pv'),
      ...did('dee', evening + 8 * 60, 'hats', 'pv'),
    ]);
    await page.goto(`${stack.endpoints.api}#at=2026-03-03T13:00:00.000Z`);
    const funnel = page.locator('.panel-funnel');
    await expect
      .poll(() => funnel.locator('.funnel-count').allTextContents(), SEEN)
      .toEqual(['3', '1', '1']);
    expect(await funnel.locator('.funnel-rate').textContent()).toBe('33.3%');
    await funnel.getByRole('button', { name: 'shoes' }).click();
    await expect
      .poll(() => funnel.locator('.funnel-count').allTextContents(), SEEN)
      .toEqual(['2', '1', '1']);

    await page.goto(`${stack.endpoints.api}#at=2026-03-03T16:00:00.000Z&tag=buyer`);
    await expect.poll(() => audience.textContent(), SEEN).toContain('3 users on Tue 3 Mar');
    await audience.locator('.ids').getByRole('button', { name: 'ann' }).click();
    const dialog = page.getByRole('dialog', { name: 'User ann' });
    await expect
      .poll(() => dialog.locator('.user-counts dd').allTextContents(), SEEN)
      .toEqual(['2', '1', '0', '1']);
    expect(await dialog.locator('.user-tags b').allTextContents()).toContain('decisive');
    expect(await dialog.locator('.hours li').nth(20).textContent()).toContain('4');
  });
});
