/**
 * Requests to a shop's web server. A third of them are for what pages are made of, and a few pages are far more popular than the
 * rest, until a sale begins. Usually for 20 minutes, from 2026-03-02 20:20 in Shanghai, with a sale of five minutes; on the
 * evening of evening.ts for two hours.
 *
 * 15 % of the requests are logged up to 1 s out of order, and 2 % up to 20 s. A few come from servers that buffer
 * their log, up to 18 min after they happened: some of these are late. 0.05 % are malformed.
 */
import { type PageView, pageViews } from '../../functions/hotPages/events.ts';
import type { InputEvent } from '../readInput.ts';
import { timesWithin } from './arrivals.ts';
import { EVENING, isWithin, type Span } from './evening.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom, weighted, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T12:20:00Z');
const MINUTE_MS = 60_000;

interface Course {
  readonly whole: Span;
  /** The share is of all requests meanwhile. */
  readonly sale: Span & { readonly url: string; readonly share: number };
}

const after = (from: number, to: number): Span => ({
  fromMs: START_MS + from * MINUTE_MS,
  toMs: START_MS + to * MINUTE_MS,
});

const USUAL: Course = {
  whole: after(0, 20),
  sale: { url: '/sale', ...after(10, 15), share: 0.2 },
};

const VISITORS = 1_500;
const PAGES = 600;
const IN_PAGES = ['/assets/site.css', '/assets/shop.js', '/img/logo.png', '/favicon.ico'];
const IN_PAGES_SHARE = 0.33;
const TAGGED_SHARE = 0.04;

const BUFFERED = { share: 0.002, shortestMs: 2 * MINUTE_MS, longestMs: 18 * MINUTE_MS };
const SLOW = { outOfOrder: { share: 0.02, longestMs: 20_000 }, offline: BUFFERED };
const SLIGHT = { share: 0.15, longestMs: 1_000 };

const drawVisitor = zipf(VISITORS, 0.5);
const drawPage = zipf(PAGES, 0.9);
const drawMethod = weighted([
  ['GET', 950],
  ['POST', 35],
  ['HEAD', 15],
]);

const FORMAT: Format<PageView> = { source: pageViews, missing: 'method', empty: 'url' };

export function* generatePageViews(options: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(options.seed);
  const { whole, sale } = options.course === 'evening' ? EVENING : USUAL;
  for (const arrival of timesWithin(whole, options.events, random)) {
    const delay = delayOf(SLOW, random) || delayOf({ outOfOrder: SLIGHT, offline: NEVER }, random);
    const timestamp = Math.max(whole.fromMs, Math.floor(arrival) - delay);
    const event: PageView = {
      ip: addressOf(drawVisitor(random)),
      timestamp,
      method: drawMethod(random),
      url: urlAt(timestamp, sale, random),
    };
    yield inputEvent(event, FORMAT, random);
  }
}

const NEVER = { share: 0, longestMs: 0 };

/** From the block that is reserved for examples. */
const addressOf = (visitor: number): string =>
  `198.${18 + (visitor % 2)}.${(visitor * 37) % 256}.${(visitor * 101) % 256}`;

function urlAt(at: number, sale: Course['sale'], random: Random): string {
  const drawn = random();
  if (drawn < IN_PAGES_SHARE) return IN_PAGES[Math.floor(random() * IN_PAGES.length)] ?? '/';
  if (isWithin(sale, at) && drawn < IN_PAGES_SHARE + sale.share) return sale.url;
  const page = drawPage(random);
  const path = page === 0 ? '/' : `/item/${2_000_000 + ((page * 7_919) % 5_000)}`;
  return random() < TAGGED_SHARE ? `${path}?from=newsletter` : path;
}
