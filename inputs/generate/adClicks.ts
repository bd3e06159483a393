/**
 * Clicks on advertisements for three hours over midnight, from 2026-03-02 22:30 in Shanghai. Two click farms are at
 * work, each one user on one ad: the first makes some 220 clicks before midnight; the second some 160 before and 50 after
 * midnight, so that it is blocked on one day and not on the next. (These counts are of the sample; they grow with the
 * number of events.)
 *
 * 5 % of the clicks come up to 5 s out of order; 0.3 % come from phones that were offline, up to 2.5 h after they
 * happened: some of these are late. 0.05 % are malformed.
 */
import { type AdClick, adClicks } from '../../functions/adBlacklist/events.ts';
import type { InputEvent } from '../readInput.ts';
import { timesWithin } from './arrivals.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom, weighted, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T14:30:00Z');
const MINUTE_MS = 60_000;
const SPAN_MS = 180 * MINUTE_MS;

const USERS = 2_500;
const FIRST_USER_ID = 100_000;
const ADS = 60;
const FIRST_AD_ID = 1_700;

const DELAYS = {
  outOfOrder: { share: 0.05, longestMs: 5_000 },
  offline: { share: 0.003, shortestMs: 5 * MINUTE_MS, longestMs: 150 * MINUTE_MS },
};

/** A farm's share of all clicks while it is at work. */
const FARMS = [
  { userId: '937166', adId: '1715', fromMs: 20 * MINUTE_MS, toMs: 50 * MINUTE_MS, share: 0.22 },
  { userId: '161501', adId: '1738', fromMs: 60 * MINUTE_MS, toMs: 100 * MINUTE_MS, share: 0.16 },
] as const;

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

export function* generateAdClicks({ seed, events }: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(seed);
  const span = { startMs: START_MS, spanMs: SPAN_MS, count: events };
  for (const arrival of timesWithin(span, random)) {
    const [province, city] = drawPlace(random);
    const { userId, adId } = farmAt(arrival, random) ?? drawClick(random);
    const timestamp = Math.max(START_MS, Math.floor(arrival) - delayOf(DELAYS, random));
    yield inputEvent<AdClick>({ userId, adId, province, city, timestamp }, FORMAT, random);
  }
}

function farmAt(at: number, random: Random) {
  const sinceStart = at - START_MS;
  const farm = FARMS.find(({ fromMs, toMs }) => sinceStart >= fromMs && sinceStart < toMs);
  return farm && random() < farm.share ? farm : undefined;
}

function drawClick(random: Random) {
  const userId = String(FIRST_USER_ID + ((drawUser(random) * 7_919) % USERS));
  return { userId, adId: String(FIRST_AD_ID + drawAd(random)) };
}
