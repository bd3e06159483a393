/** Visits of the page: each with an API and a browser profile of its own, and without a fault when it ends. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { contextOf, faultsOf, type Looks, launch } from './browser.ts';
import type { FakeApi } from './fakeApi.ts';
import { type Site, startSite } from './site.ts';

export interface Visits {
  /** Prepare it before the page is opened. */
  api(): FakeApi;
  open(hash?: string, looks?: Looks): Promise<Page>;
  url(): string;
}

export function visits(): Visits {
  let site: Site;
  let browser: Browser;
  let faults: string[][] = [];
  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launch()]);
  });
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const all = faults.flat();
    faults = [];
    site.renew();
    expect(all).toEqual([]);
  });
  return {
    api: () => site.api,
    url: () => site.url,
    async open(hash = '', looks = {}) {
      const page = await (await browser.newContext(contextOf(looks))).newPage();
      faults.push(faultsOf(page));
      await page.clock.install();
      await page.goto(`${site.url}${hash}`);
      return page;
    },
  };
}

/** As much time passes on the page, second by second, with the answers that are due in it. */
export async function pass(page: Page, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i += 1) {
    await page.clock.runFor(1_000);
    await page.evaluate(() => fetch('v1/health').catch(() => undefined));
  }
}
