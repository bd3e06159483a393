import { expect, it } from 'vitest';
import { inBrowser } from './support/browser.ts';
import { EMPTY, NEWEST, overviewAt } from './support/story.ts';
import { pass, visits } from './support/visit.ts';
import { audienceOf, funnelOf, OVERTAKEN, userOf } from './support/visitors.ts';

/** What somebody could be named. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  'a\u202eb\u0000\n\u001b[31mred',
  'x'.repeat(2_000),
];

inBrowser('visitors: one sees', () => {
  const { api, open, url } = visits();

  it('where buyers are lost: how many did each, and what part of them went on', async () => {
    const page = await open();
    const panel = page.locator('.panel-funnel');
    await panel.locator('.steps li').first().waitFor();
    const [row] = funnelOf('all', NEWEST, 1).rows;
    const counts = [row?.viewers, row?.carters, row?.buyers].map((n) => n?.toLocaleString('en-GB'));
    expect(await panel.locator('.funnel-count').allTextContents()).toEqual(counts);
    expect(await panel.locator('.funnel-step').allTextContents()).toEqual([
      expect.stringContaining('4.2% of those who viewed'),
      expect.stringContaining('12.1% of those with a cart'),
    ]);
    expect(await panel.locator('.funnel-rate').textContent()).toBe('0.61%');
    const widths = await panel
      .locator('.steps .funnel-track i')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths[1]).toBeCloseTo(
      ((row?.carters ?? 0) / (row?.viewers ?? 1)) * (widths[0] ?? 0),
      0,
    );
  });

  it('no rate where there is nobody to be a part of', async () => {
    api().replaced.set('funnel', () => {
      const [row] = funnelOf('all', NEWEST, 1).rows;
      const { viewToCart: _, cartToBuy: __, viewToBuy: ___, ...rest } = row ?? {};
      return { rows: [{ ...rest, viewers: 0, carters: 0, buyers: 0 }] };
    });
    const page = await open();
    const panel = page.locator('.panel-funnel');
    await panel.locator('.steps li').first().waitFor();
    expect(await panel.locator('.funnel-rate').textContent()).toBe('–');
    expect(await panel.locator('.funnel-step').first().textContent()).toContain('– of those');
  });

  it('the funnel of one category, hour by hour, and of all again', async () => {
    const page = await open();
    const panel = page.locator('.panel-funnel');
    const select = panel.getByRole('combobox', { name: 'Category' });
    await select.selectOption('982926');
    await expect.poll(() => page.url()).toContain('category=982926');
    const [row] = funnelOf('982926', NEWEST, 1).rows;
    await expect
      .poll(() => panel.locator('.funnel-count').first().textContent())
      .toBe(row?.viewers.toLocaleString('en-GB'));
    await expect.poll(() => panel.locator('.chart tbody tr').count()).toBe(24);
    await select.selectOption({ label: 'All categories' });
    await expect.poll(() => page.url()).toBe(url());
  });

  it('of a category that others have overtaken the hour in which it was among the first', async () => {
    const page = await open(`#category=${OVERTAKEN}`);
    const panel = page.locator('.panel-funnel');
    await panel.locator('.steps li').first().waitFor();
    expect(await panel.locator('.window-time').textContent()).toBe('10:00–11:00');
    expect(await panel.locator('footer').textContent()).toContain('before the newest');
    expect(await panel.getByRole('combobox').inputValue()).toBe(OVERTAKEN);
  });

  it('that a category is none of those with a funnel, which is no failure', async () => {
    const page = await open('#category=unknown');
    await page.locator('.panel-funnel').getByText('not among those with most viewers').waitFor();
  });

  it('every tag with its users, and where the day before was', async () => {
    const page = await open();
    const panel = page.locator('.panel-audience');
    await panel.locator('.tags li').first().waitFor();
    expect(await panel.locator('.tags li').count()).toBe(11);
    expect(await panel.textContent()).toContain('16,846 users on Sat 25 Nov');
    const heavy = panel.getByRole('button', { name: /^heavy user/ });
    expect(await heavy.textContent()).toMatch(/61\s+0\.36%\s+the day before: 0\.26%/);
    expect(await panel.locator('.bar-track b').count()).toBe(11);
  });

  it('who has a tag, page by page, and none of them twice', async () => {
    const page = await open();
    const panel = page.locator('.panel-audience');
    await panel.getByRole('button', { name: /^heavy user/ }).click();
    await expect.poll(() => panel.locator('.ids li').count()).toBe(48);
    await panel.getByText('48 of 61 users').waitFor();
    await panel.getByRole('button', { name: 'More users' }).click();
    await expect.poll(() => panel.locator('.ids li').count()).toBe(61);
    expect(await panel.getByRole('button', { name: 'More users' }).count()).toBe(0);
    const asked = api().askedFor('audience').at(-1)?.query;
    expect([asked?.get('day'), asked?.get('cursor')]).toEqual(['2017-11-25', '48']);
    // Of another tag one begins anew.
    await panel.getByRole('button', { name: /^hesitant/ }).click();
    await panel.getByText('48 of 1,996 users').waitFor();
    await panel.getByRole('button', { name: /^hesitant/ }).click();
    await expect.poll(() => panel.locator('.ids').count()).toBe(0);
    expect(page.url()).toBe(url());
  });

  it('the users of then, at a time', async () => {
    const at = '2017-11-25T12:00:00.000Z';
    const page = await open(`#at=${at}&tag=heavy`);
    await page.getByText('40 of 40 users').waitFor();
    expect(api().askedFor('audience').at(-1)?.query.get('day')).toBe('2017-11-24');
    const panel = page.locator('.panel-audience');
    expect(await panel.textContent()).toContain('There is no day before it.');
  });

  it('the page of a user of a tag, and comes back by Escape', async () => {
    const page = await open('#tag=heavy');
    await page.locator('.ids').getByRole('button', { name: '100035' }).click();
    const dialog = page.getByRole('dialog', { name: 'User 100035' });
    await dialog.getByText('Of 2 days').waitFor();
    expect(page.url()).toContain('profile=100035');
    expect(await dialog.locator('.user-counts dd').allTextContents()).toEqual([
      '61',
      '7',
      '3',
      '2',
    ]);
    expect(await dialog.locator('.hours li').count()).toBe(24);
    const { profile } = userOf('100035');
    expect(await dialog.locator('.hours li').nth(12).textContent()).toContain(
      `from 12:00: ${profile?.hours[12]}`,
    );
    expect(await dialog.locator('.user-tags b').allTextContents()).toEqual([
      ...['buyer', 'evening', 'explorer'],
    ]);
    expect(await dialog.locator('tbody tr').count()).toBe(2);
    expect(await dialog.textContent()).toContain('Never.');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toBe(`${url()}#tag=heavy`);
  });

  it.each([
    ['.panel-logins', '1112', 'Login alerts 1'],
    ['.panel-blacklist', '937910', 'Blocked 1'],
  ])('the page of a user from %s, by keys', async (panel, id, said) => {
    const page = await open();
    const sign = page.locator(panel).getByRole('button', { name: `Page of user ${id}` });
    await sign.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `User ${id}` });
    await dialog.getByRole('heading', { name: said }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.url()).toBe(url());
  });

  it('of a user without a day what else is known, and of nobody that it is nothing', async () => {
    api().replaced.set('users/1035', () => ({ ...userOf('nobody'), ...known('1035') }));
    const page = await open('#profile=1035');
    await page.getByRole('dialog').getByText('No day with this user has closed yet.').waitFor();
    expect(await page.getByRole('dialog').textContent()).toContain('2 failures');
    await page.goto(`${url()}#profile=nobody`);
    await page.getByRole('dialog').getByText('Nothing about this user is stored.').waitFor();
  });

  it('when the first hour and the first day end, where none has', async () => {
    for (const path of ['funnel', 'tables/user-tags']) {
      api().replaced.set(path, () => ({ rows: [] }));
    }
    const page = await open();
    const [funnel, audience] = [page.locator('.panel-funnel'), page.locator('.panel-audience')];
    await funnel.getByText('No hour has closed yet. The first one ends at 14:00.').waitFor();
    await audience.getByText('No day has closed yet. The first one ends at 17:00.').waitFor();
    api().replaced.set('overview', () => EMPTY);
    await pass(page, 6);
    await expect
      .poll(() => audience.locator('.empty').textContent())
      .toBe('No day has closed yet.');
  });

  it('that one of three answers is missing, and which of them is old', async () => {
    const page = await open();
    const panel = page.locator('.panel-audience');
    await panel.locator('.tags li').first().waitFor();
    api().replaced.set('tables/user-tags', () => undefined);
    await pass(page, 90);
    await panel.getByText(/Not renewed/).waitFor();
    expect(await panel.locator('.tags li').count()).toBe(11);
  });

  it('no text of an id as markup, on a phone', async () => {
    api().replaced.set('audience', ({ query }) => {
      const answer = audienceOf(query);
      return answer && { ...answer, members: { userIds: HOSTILE } };
    });
    api().replaced.set('overview', () => overviewAt(NEWEST));
    const page = await open('#tag=heavy', { width: 390 });
    const ids = page.locator('.ids li');
    await ids.first().waitFor();
    expect((await ids.allTextContents()).map((text) => text.trim()).slice(0, 2)).toEqual([
      '<img src=x onerror=alert(1)>',
      'a\\u202eb\\u0000\\n\\u001b[31mred',
    ]);
    const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await isTooWide()).toBe(false);
    await ids.nth(2).getByRole('button').click();
    await page.getByRole('dialog').getByText('Of 2 days').waitFor();
    expect(await isTooWide()).toBe(false);
    expect(await page.locator('main img, dialog img').count()).toBe(0);
  });
});

function known(userId: string) {
  const { alerts, blocks } = userOf(userId);
  return { userId, alerts, blocks };
}
