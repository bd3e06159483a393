/** A real browser, where there is one. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';

const USUAL = '/usr/bin/chromium';
const CHROMIUM = process.env['CHROMIUM'] ?? (existsSync(USUAL) ? USUAL : undefined);

/** Skipped, with what to do, where there is no browser; a browser that is named has to be there. */
export function inBrowser(name: string, define: () => void): void {
  const remedy = 'skipped: install chromium, or name its executable in CHROMIUM';
  if (CHROMIUM === undefined) describe.skip(`${name} (${remedy})`, define);
  else describe(name, define);
}

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? USUAL, args: ['--no-sandbox'] });

export interface Looks {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly locale?: string;
  readonly isStill?: boolean;
  readonly hasScript?: boolean;
}

/** A browser of somebody in Berlin who has never been here. */
export const contextOf = (looks: Looks): BrowserContextOptions => ({
  viewport: { width: looks.width ?? 1_440, height: looks.height ?? 900 },
  colorScheme: looks.theme ?? 'light',
  locale: looks.locale ?? 'en-GB',
  timezoneId: 'Europe/Berlin',
  reducedMotion: looks.isStill ? 'reduce' : 'no-preference',
  javaScriptEnabled: looks.hasScript ?? true,
});

/** What the page throws, and what its policy refuses. An answer that failed is no fault of the page. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => {
    faults.push(`a dialog says ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) faults.push(message.text());
  });
  return faults;
}
