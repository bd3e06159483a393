import { expect, it } from 'vitest';
import { inBrowser } from './support/browser.ts';
import { pass, visits } from './support/visit.ts';

inBrowser('the first screen', () => {
  const { api, open, url } = visits();

  it('stands before the script has run, with a place for every panel', async () => {
    const page = await open('', { hasScript: false });
    expect(await page.locator('.panel .skeleton').count()).toBe(11);
    expect(await page.locator('.noscript').isVisible()).toBe(true);
  });

  it('stands before any answer has come, and does not take that for zero', async () => {
    api().delayMs = 60_000;
    const page = await open();
    await page.getByRole('heading', { name: 'Hot items' }).waitFor();
    expect(await page.locator('.panel.is-loading').count()).toBe(11);
    expect(await page.locator('.tile-number').allTextContents()).toEqual(['–', '–', '–', '–']);
    await expect.poll(() => page.locator('.state').textContent()).not.toContain('Live');
  });

  it('is one request for the overview, and asks nobody else', async () => {
    const hosts = new Set<string>();
    const page = await open();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.locator('.hero-number').waitFor();
    expect(
      api()
        .asked.map(({ path }) => path)
        .sort(),
    ).toEqual([
      ...['funnel', 'jobs', 'overview', 'tables', 'tables/refunds-by-reason'],
      ...['tables/user-tags', 'tables/user-tags', 'tables/user-tags'],
    ]);
    await page.reload();
    await page.locator('.hero-number').waitFor();
    expect([...hosts]).toEqual([new URL(url()).origin]);
  });

  it('has one big number', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    const sizes = await page
      .locator('main *')
      .evaluateAll((all) =>
        all
          .filter((each) => each.childElementCount === 0 && each.textContent?.trim() !== '')
          .map((each) => Number.parseFloat(getComputedStyle(each).fontSize)),
      );
    const [biggest = 0, next = 0] = [...new Set(sizes)].sort((a, b) => b - a);
    expect(biggest).toBeGreaterThan(2 * next);
    expect(sizes.filter((size) => size === biggest)).toHaveLength(1);
  });

  it('asks some 35 times a minute at most, mostly for what has not changed, and not at all while hidden', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    api().asked.length = 0;
    await pass(page, 60);
    const asked = api().asked.filter(({ path }) => path !== 'health');
    expect(api().askedFor('overview').length).toBeGreaterThanOrEqual(10);
    expect(asked.length).toBeLessThanOrEqual(37);
    expect(asked.every(({ ifNoneMatch }) => ifNoneMatch !== undefined)).toBe(true);

    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    api().asked.length = 0;
    await pass(page, 60);
    expect(api().asked.filter(({ path }) => path !== 'health')).toEqual([]);
  });
});
