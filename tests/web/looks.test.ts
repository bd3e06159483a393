import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { inBrowser } from './support/browser.ts';
import { NEWEST, overviewAt } from './support/story.ts';
import { visits } from './support/visit.ts';

async function violationsOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

/** What somebody could send: markup, what moves a terminal or turns a text, very long ones. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  'a\u202eb\u0000\n\u001b[31mred',
  'x'.repeat(2_000),
  '"><script>alert(2)</script>',
  'javascript:alert(3)',
];

function hostileOverview() {
  const overview = overviewAt(NEWEST);
  const id = (i: number) => HOSTILE[i % HOSTILE.length] ?? '';
  const spoil = <Row extends object>(rows: readonly Row[], change: (i: number) => Partial<Row>) => {
    for (const [i, row] of rows.entries()) Object.assign(row, change(i));
  };
  for (const { ranking } of [...overview.hotItems.rows, ...overview.hotPages.rows]) {
    spoil(ranking, (i) => ({ id: id(i) }));
  }
  const names = Array.from({ length: 100 }, (_, i) => `${id(i)}${i < 5 ? '' : i}`);
  const provinces = Object.fromEntries(names.map((name, i) => [name, 1_000 - i]));
  spoil(overview.adClicks.rows, () => ({ provinces }));
  spoil(overview.promotion.channels, (i) => ({ channel: id(i) }));
  spoil(overview.loginAlerts.rows, (i) => ({ userId: id(i), ips: [id(i)] }));
  spoil(overview.blacklist.rows, (i) => ({ userId: id(i), adId: id(i + 1) }));
  spoil(overview.orders.rows, (i) => ({ orderId: `${id(i)}${i}`, txId: id(i) }));
  return overview;
}

inBrowser('the page', () => {
  const { api, open, url } = visits();

  it.each([
    [1_440, 'light', 'en-GB', ''],
    [1_440, 'dark', 'zh-CN', ''],
    [390, 'light', 'zh-CN', ''],
    [390, 'dark', 'en-GB', ''],
    [900, 'light', 'en-GB', '#item=2002919&page=/cart&channel=weibo&province=beijing&user=1035'],
    [1_440, 'dark', 'en-GB', '#order=34729'],
    [390, 'light', 'en-GB', '#panel=orders'],
    [390, 'dark', 'zh-CN', '#panel=audience&tag=buyer'],
    [1_440, 'dark', 'en-GB', '#panel=funnel&category=2355072'],
    [1_440, 'light', 'zh-CN', '#profile=1035'],
    [390, 'dark', 'en-GB', '#profile=937900'],
    [1_920, 'dark', 'en-GB', '#wall=1'],
  ] as const)(
    'at %d px, %s, in %s, at "%s" is for everyone, and fits',
    async (width, theme, locale, hash) => {
      const page = await open(hash, { width, theme, locale, isStill: true });
      await page.locator('.panel.is-ready').first().waitFor();
      if (hash.includes('order=')) await page.locator('dialog .timeline').waitFor();
      if (hash.includes('profile=')) await page.locator('dialog .hours').waitFor();
      if (hash.includes('tag=')) await page.locator('.ids').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      expect(await isTooWide(page)).toBe(false);
    },
  );

  it.each([503, 401])('is for everyone where the server answers %d', async (status) => {
    api().status = status;
    const page = await open('', { isStill: true });
    await page.locator('.failed, .locked').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('speaks the language of the browser, and the other one by a switch that it remembers', async () => {
    const page = await open('', { locale: 'zh-CN' });
    await page.getByRole('heading', { name: '热门商品' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Hot items' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Hot items' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('shows the times of who looks at it, and those of the shop by a switch', async () => {
    const page = await open();
    const window = page.locator('.panel-hotItems .window-time');
    await expect.poll(() => window.textContent()).toBe('12:55–13:55');
    await page.getByRole('button', { name: 'My time' }).click();
    await expect.poll(() => window.textContent()).toBe('19:55–20:55');
    expect(await page.locator('.switches').textContent()).toContain('GMT+8');
  });

  it('is light or dark as the system is, or as one chooses', async () => {
    const page = await open('', { theme: 'dark' });
    const ground = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    await expect.poll(ground).not.toBe(dark);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await expect.poll(ground).toBe(dark);
  });

  it('moves only for who has nothing against it', async () => {
    const page = await open('', { isStill: true });
    await page.locator('.hero-number').waitFor();
    await page.getByRole('button', { name: 'Categories' }).click();
    await page.getByRole('heading', { name: 'Hot categories' }).waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  it('tells the figures of its curves to who does not see them', async () => {
    const page = await open();
    const figures = page.getByRole('table', { name: 'Views and visitors' });
    await figures.waitFor();
    expect(await figures.getByRole('row').count()).toBe(8);
  });

  it('takes no text of an event for markup, and shows what would turn or break a line', async () => {
    api().replaced.set('overview', hostileOverview);
    const page = await open('', { width: 390 });
    await page.locator('.panel-hotItems li').first().waitFor();
    expect(await page.locator('main img, main script, main a').count()).toBe(0);
    const names = await page.locator('.panel-hotItems .bar-name').allTextContents();
    expect(names[0]).toBe(HOSTILE[0]);
    expect(names[1]).toBe('a\\u202eb\\u0000\\n\\u001b[31mred');
    expect(await isTooWide(page)).toBe(false);
    expect(await page.locator('.panel-adClicks li').count()).toBe(10);
    await page.getByRole('button', { name: 'and 90 more' }).click();
    await expect.poll(() => page.locator('.panel-adClicks li').count()).toBe(100);
    expect(await isTooWide(page)).toBe(false);
  });

  it('carries any id in its link', async () => {
    api().replaced.set('overview', hostileOverview);
    const page = await open();
    await page.locator('.panel-hotItems .bar-name').nth(1).click();
    await expect.poll(() => page.url()).not.toBe(url());
    await page.reload();
    await page.locator('.chip').waitFor();
    expect(await page.locator('.chip b').textContent()).toBe('a\\u202eb\\u0000\\n\\u001b[31mred');
  });

  it('copies its link, and fills a wall', async () => {
    const page = await open('#user=1035');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Link copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
    await page.getByRole('button', { name: 'Full screen for a wall' }).click();
    await expect.poll(() => page.url()).toContain('wall=1');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  });

  it('says of each job how it is and what to do, the worst first', async () => {
    const page = await open();
    const jobs = page.locator('.panel-jobs');
    await jobs.locator('tbody').first().waitFor();
    expect(await jobs.locator('.jobs-summary').textContent()).toContain('One job needs attention.');
    expect(await jobs.locator('tbody').first().textContent()).toContain(
      'npm run --silent tidemark -- dead hot-pages --summary',
    );
    expect(await jobs.locator('tbody').last().textContent()).toContain('No events yet');
    expect(await jobs.textContent()).toContain('it has worked since');
  });
});
