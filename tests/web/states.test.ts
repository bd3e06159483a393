import { expect, it } from 'vitest';
import { inBrowser } from './support/browser.ts';
import { EMPTY, NEWEST, overviewAt } from './support/story.ts';
import { pass, visits } from './support/visit.ts';

inBrowser('each panel', () => {
  const { api, open } = visits();

  it('says in words that there is nothing yet', async () => {
    api().replaced.set('overview', () => EMPTY);
    api().replaced.set('jobs', () => ({ at: '2026-03-02T13:00:00.000Z', jobs: [] }));
    for (const path of ['funnel', 'tables/refunds-by-reason', 'tables/user-tags']) {
      api().replaced.set(path, () => ({ rows: [] }));
    }
    const page = await open();
    await page.locator('.panel.is-ready').first().waitFor();
    await expect.poll(() => page.locator('.panel .empty').count()).toBe(12);
    expect(await page.locator('.tile-number').allTextContents()).toEqual(['–', '–', '–', '–']);
    expect(await page.locator('input[type=range]').isDisabled()).toBe(true);
  });

  it('says what is wrong where nothing came, and tries again', async () => {
    api().status = 503;
    const page = await open();
    await page.locator('.panel.is-failed').first().waitFor();
    expect(await page.locator('.panel.is-failed').count()).toBe(11);
    expect(await page.locator('.panel-hotItems .failed').textContent()).toContain(
      'the table could not be read',
    );
    expect(await page.locator('.state').textContent()).toContain('No answer');
    api().status = 200;
    await page.locator('.panel-hotItems').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.hero-number').waitFor();
  });

  it('fails alone: a board that cannot be read leaves the others as they are', async () => {
    api().replaced.set('hot-items/items%3Acart', () => undefined);
    const page = await open('#board=items:cart');
    await page.locator('.panel-hotItems.is-failed').waitFor();
    expect(await page.locator('.panel.is-failed').count()).toBe(1);
  });

  it('survives that the API goes away and comes back, and says how old its data are', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    const views = await page.locator('.hero-number').textContent();
    api().isAway = true;
    await pass(page, 20);
    expect(await page.locator('.state').textContent()).toContain('No connection');
    expect(await page.locator('.hero-number').textContent()).toBe(views);
    expect(await page.locator('.panel-traffic .age').textContent()).toMatch(/Not renewed for \d+s/);
    expect(await page.getByRole('status').textContent()).toBe('No connection');
    api().isAway = false;
    await pass(page, 30);
    expect(await page.locator('.state').textContent()).toContain('Live');
    expect(await page.getByRole('status').textContent()).toBe('Connected again');
  });

  it('keeps what it shows, and says so, while what was chosen is loading', async () => {
    const page = await open();
    await page.locator('.panel-hotItems li').first().waitFor();
    api().delayMs = 60_000;
    await page.getByRole('button', { name: 'Categories' }).click();
    await expect.poll(() => page.locator('.panel-hotItems').getAttribute('aria-busy')).toBe('true');
    expect(await page.locator('.panel-hotItems li').count()).toBe(5);
  });

  it('shows what is provisional and what was corrected otherwise than what is final', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    expect(await page.locator('.panel-traffic .badge.provisional').count()).toBe(1);
    expect(await page.locator('.panel-adClicks .badge').count()).toBe(0);
    expect(await page.locator('.plot .stroke.provisional').count()).toBe(2);
    expect(await page.locator('.plot .dot.corrected').count()).toBe(2);
    const rows = await page.locator('.panel-traffic tbody tr').allTextContents();
    expect(rows.some((row) => row.includes('corrected ×3'))).toBe(true);
  });

  it('moves on when something new has come', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    api().replaced.set('overview', () => {
      const next = overviewAt(NEWEST);
      const [row] = next.hotItems.rows;
      if (row)
        row.ranking = [{ rank: 1, id: 'brand-new', count: 9_999 }, ...row.ranking.slice(0, 4)];
      return next;
    });
    await pass(page, 6);
    const first = page.locator('.panel-hotItems li').first();
    expect(await first.textContent()).toContain('brand-new');
    expect(await first.locator('.move').textContent()).toBe('new');
  });

  it('where a token is wanted, asks for it once, and keeps it for this tab only', async () => {
    api().token = 'sesame';
    const page = await open();
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('does not take this token').waitFor();
    await page.getByLabel('Token').fill('sesame');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.locator('.hero-number').waitFor();
    await page.reload();
    await page.locator('.hero-number').waitFor();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sesame');
    expect(page.url()).not.toContain('sesame');
  });
});
