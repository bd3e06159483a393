import { expect, it } from 'vitest';
import { inBrowser } from './support/browser.ts';
import { pass, visits } from './support/visit.ts';

inBrowser('one looks', () => {
  const { api, open, url } = visits();

  it('at any time by one slider, and is live again by a button', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    const slider = page.getByRole('slider', { name: 'Time that is shown' });
    await slider.focus();
    await page.keyboard.press('Home');
    await pass(page, 2);
    expect(page.url()).toContain('#at=2017-11-26T04:05:00.000Z');
    expect(await page.locator('.state').textContent()).toContain('As of 05:05');
    expect(await page.title()).toBe('Tidemark: As of 05:05');
    expect(await slider.getAttribute('aria-valuetext')).toContain('26 Nov 2017');
    expect(api().askedFor('overview').at(-1)?.query.get('at')).toBe('2017-11-26T04:05:00.000Z');
    await page.getByRole('button', { name: 'Back to live' }).click();
    await pass(page, 1);
    expect(page.url()).toBe(url());
    expect(await page.locator('.state').textContent()).toContain('Live');
  });

  it('at a time that is asked for once, however many places the slider passes', async () => {
    const page = await open();
    await page.locator('.hero-number').waitFor();
    const slider = page.getByRole('slider', { name: 'Time that is shown' });
    const before = api().askedFor('overview').length;
    await slider.evaluate((input: HTMLInputElement) => {
      for (const place of ['10', '20', '30', '40']) {
        input.value = place;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
    await page.clock.runFor(400);
    await expect.poll(() => api().askedFor('overview').length).toBe(before + 1);
  });

  it('at the stored windows one after another, up to live', async () => {
    const page = await open('#at=2017-11-26T12:35:00.000Z');
    await page.locator('.hero-number').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    const seen = new Set<string>();
    for (let i = 0; i < 8; i += 1) {
      await pass(page, 1);
      seen.add((await page.locator('.state-what').textContent()) ?? '');
    }
    expect([...seen].filter((text) => text.includes('As of')).length).toBeGreaterThanOrEqual(3);
    expect(await page.locator('.state').textContent()).toContain('Live');
    await page.getByRole('button', { name: 'Replay' }).waitFor();
  });

  it.each([
    ['.panel-hotItems', '2002919', 'item=2002919'],
    ['.panel-hotPages', '/cart', 'page=/cart'],
    ['.panel-promotion', 'weibo', 'channel=weibo'],
    ['.panel-adClicks', 'jiangsu', 'province=jiangsu'],
    ['.panel-logins', '1112', 'user=1112'],
    ['.panel-funnel', '2355072', 'category=2355072'],
    ['.panel-audience', 'hesitant', 'tag=hesitant'],
  ])(
    'in %s at what is clicked, which is a filter until it is taken away',
    async (panel, name, hash) => {
      const page = await open();
      await page.locator(panel).getByRole('button', { name }).first().click();
      const chip = page.getByRole('button', { name: new RegExp(`^Remove filter .*${name}`) });
      await chip.waitFor();
      expect(page.url()).toContain(hash);
      await expect
        .poll(() => page.locator(`${panel} [aria-pressed=true].link, ${panel} .is-chosen`).count())
        .toBeGreaterThan(0);
      await chip.click();
      await expect.poll(() => page.url()).toBe(url());
    },
  );

  it('at the way of an item through the windows, where it has one', async () => {
    const page = await open('#item=2002919');
    await page.locator('.trail .plot').waitFor();
    const rows = await page.locator('.trail tbody tr').allTextContents();
    expect(rows).toHaveLength(24);
    expect(rows.some((row) => row.includes('not on the board'))).toBe(true);
    expect(rows.some((row) => /\b0\b/.test(row.replace(/\d\d:\d\d/, '')))).toBe(false);
  });

  it('at an order: what happened when, and what to do', async () => {
    const page = await open();
    await page.locator('.panel-orders').getByRole('button', { name: '34729' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Time line').waitFor();
    expect(page.url()).toContain('order=34729');
    expect(await dialog.locator('.moment-name').allTextContents()).toEqual([
      'Created',
      'Deadline',
      'Paid',
    ]);
    expect(await dialog.textContent()).toContain('Honour the order, or pay the money back.');
    await dialog.getByRole('button', { name: 'ewr342as4' }).click();
    await dialog.getByText('Ask the payment channel').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toBe(url());
    await page.goBack();
    await dialog.getByText('Ask the payment channel').waitFor();
  });

  it('at an order that nobody knows, and is told so', async () => {
    const page = await open('#order=nobody');
    await page.getByRole('dialog').getByText('nothing stored under this name').waitFor();
  });

  it('at one problem, or at payments', async () => {
    const page = await open();
    await page.locator('.panel-orders').getByRole('combobox').selectOption('timedOut');
    await expect.poll(() => page.locator('.panel-orders tbody .status-timedOut').count()).toBe(8);
    await expect.poll(() => page.locator('.panel-orders tbody tr').count()).toBe(8);
    await page.getByRole('button', { name: 'Payments', exact: true }).click();
    await expect
      .poll(() => page.locator('.panel-orders tbody').textContent())
      .toContain('receipt missing');
    expect(page.url()).toContain('list=transactions');
  });

  it('at what a link says: panel, board, filter and time', async () => {
    const hash = '#panel=hotItems&at=2017-11-26T09:30:00.000Z&board=categories:buy&item=440838';
    const page = await open(hash);
    await page.getByRole('heading', { name: 'Hot categories' }).waitFor();
    expect(await page.locator('.panel').count()).toBe(1);
    await expect
      .poll(() => page.locator('.panel-hotItems .window-time').textContent())
      .toBe('09:30–10:30');
    expect(await page.getByRole('combobox', { name: 'By' }).inputValue()).toBe('buy');
    expect(api().askedFor('hot-items/categories%3Abuy').at(-1)?.query.get('at')).toContain('09:30');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.panel').count()).toBe(12);
  });

  it('at a curve by keys: each window is told, and Enter shows its time everywhere', async () => {
    const page = await open();
    const curve = page.getByRole('slider', { name: /Views and visitors/ });
    await curve.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => curve.getAttribute('aria-valuetext')).toMatch(/^11:00, .*corrected ×3/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#at=2017-11-26T10:00:00.000Z');
  });

  it('at tables of jobs that somebody has added, and asks for a key where one is needed', async () => {
    const page = await open();
    await page.locator('.panel-tables tbody tr').first().waitFor();
    await page.getByRole('combobox', { name: 'Table' }).selectOption('return-status');
    await page.getByText('Give a returnId to read its rows.').waitFor();
    await page.getByLabel('Value of returnId').fill('r/1');
    await page.getByRole('button', { name: 'Read' }).click();
    await expect.poll(() => api().asked.at(-1)?.query.get('key')).toBe('r/1');
    expect(page.url()).toContain('table=return-status&key=r/1');
  });
});
