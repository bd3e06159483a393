/**
 * Clicks on advertisements, with two click farms at work, each one user on one ad. Usually for three hours over midnight, from
 * 2026-03-02 22:30 in Shanghai: the first farm is done before midnight, and the second clicks on after it, so that it is
 * blocked on one day and not on the next. On the evening of evening.ts both are blocked.
 *
 * 5 % of the clicks come up to 5 s out of order; 0.3 % come from phones that were offline, up to 2.5 h after they
 * happened: some of these are late. 0.05 % are malformed.
 */
import { type AdClick, adClicks } from '../../functions/adBlacklist/events.ts';
import type { InputEvent } from '../readInput.ts';
import { timesWithin } from './arrivals.ts';
import { EVENING, isWithin, type Span } from './evening.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom, weighted, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T14:30:00Z');
const MINUTE_MS = 60_000;

const USERS = 2_500;
const FIRST_USER_ID = 100_000;
const ADS = 60;
const FIRST_AD_ID = 1_700;

const DELAYS = {
  outOfOrder: { share: 0.05, longestMs: 5_000 },
  offline: { share: 0.003, shortestMs: 5 * MINUTE_MS, longestMs: 150 * MINUTE_MS },
};

interface Farm extends Span {
  readonly userId: string;
  readonly adId: string;
  /** Of all clicks while it is at work. */
  readonly share: number;
}

interface Course {
  readonly whole: Span;
  readonly clickFarms: readonly Farm[];
}

const after = (from: number, to: number): Span => ({
  fromMs: START_MS + from * MINUTE_MS,
  toMs: START_MS + to * MINUTE_MS,
});

const USUAL: Course = {
  whole: after(0, 180),
  clickFarms: [
    { userId: '937166', adId: '1715', ...after(20, 50), share: 0.22 },
    { userId: '161501', adId: '1738', ...after(60, 100), share: 0.16 },
  ],
};

const drawUser = zipf(USERS, 0.3);
const drawAd = zipf(ADS, 0.7);
const drawPlace = weighted([
  [['guangdong', 'shenzhen'], 24],
  [['guangdong', 'guangzhou'], 20],
  [['beijing', 'beijing'], 26],
  [['shanghai', 'shanghai'], 24],
  [['zhejiang', 'hangzhou'], 16],
  [['jiangsu', 'nanjing'], 12],
  [['henan', 'zhengzhou'], 8],
  [['hebei', 'shijiazhuang'], 6],
] as const);

const FORMAT: Format<AdClick> = { source: adClicks, missing: 'adId', empty: 'province' };

export function* generateAdClicks(options: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(options.seed);
  const { whole, clickFarms } = options.course === 'evening' ? EVENING : USUAL;
  for (const arrival of timesWithin(whole, options.events, random)) {
    const [province, city] = drawPlace(random);
    const { userId, adId } = farmAt(arrival, clickFarms, random) ?? drawClick(random);
    const timestamp = Math.max(whole.fromMs, Math.floor(arrival) - delayOf(DELAYS, random));
    yield inputEvent<AdClick>({ userId, adId, province, city, timestamp }, FORMAT, random);
  }
}

function farmAt(at: number, farms: readonly Farm[], random: Random): Farm | undefined {
  const farm = farms.find((each) => isWithin(each, at));
  return farm && random() < farm.share ? farm : undefined;
}

function drawClick(random: Random) {
  const userId = String(FIRST_USER_ID + ((drawUser(random) * 7_919) % USERS));
  return { userId, adId: String(FIRST_AD_ID + drawAd(random)) };
}
