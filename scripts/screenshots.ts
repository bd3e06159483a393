/**
 * Takes the pictures of docs from a stack that runs: `node scripts/screenshots.ts URL` writes docs/images/dashboard*.png.
 * Motion is off, so that the same data make the same picture.
 */
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const DESKTOP = { width: 1_440, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Picture extends BrowserContextOptions {
  readonly name: string;
}

const PICTURES: readonly Picture[] = [
  { name: 'dashboard', viewport: DESKTOP, locale: 'en-GB', colorScheme: 'light' },
  { name: 'dashboard-zh', viewport: DESKTOP, locale: 'zh-CN', colorScheme: 'light' },
  { name: 'dashboard-phone', viewport: PHONE, locale: 'en-GB', colorScheme: 'dark' },
];

async function take(browser: Browser, url: string, { name, ...looks }: Picture) {
  const context = await browser.newContext({
    ...{ timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' },
    ...looks,
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('.hero-number').waitFor();
  await page.locator('.panel.is-loading').first().waitFor({ state: 'detached' });
  const path = `${IMAGES}${name}.png`;
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  await context.close();
  process.stdout.write(`${path}: ${Math.ceil((await stat(path)).size / 1_024)} KB\n`);
}

async function main(): Promise<void> {
  const [url] = process.argv.slice(2);
  if (url === undefined || !URL.canParse(url)) {
    throw new Error('give the address of the dashboard, as npm start prints it');
  }
  await mkdir(IMAGES, { recursive: true });
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const picture of PICTURES) await take(browser, url, picture);
  } finally {
    await browser.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message.split('\n')[0] : error}\n`);
  process.exitCode = 1;
}
