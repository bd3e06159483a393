/**
 * What an app's advertising brings: in five channels, users click, and some of them download, install and uninstall. `wechat`
 * brings the most clicks, `appstore` the most installations. Usually for 20 minutes, from 2026-03-02 20:20 in Shanghai; on the
 * evening of evening.ts for two hours, with a campaign in one channel.
 *
 * 5 % of the events come up to 5 s out of order. In the second half a few come from phones that were offline, 40 to 90
 * min after they happened: most of these are late. 0.05 % are malformed.
 */
import { type AppMarketing, appMarketing } from '../../functions/appPromotion/events.ts';
import type { InputEvent } from '../readInput.ts';
import { timesWithin } from './arrivals.ts';
import { EVENING, isWithin, type Span } from './evening.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { randomFrom, weighted, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T12:20:00Z');
const MINUTE_MS = 60_000;
const USUAL: Course = { whole: { fromMs: START_MS, toMs: START_MS + 20 * MINUTE_MS } };

interface Course {
  readonly whole: Span;
  readonly campaign?: Span & { readonly channel: string; readonly share: number };
}

const USERS = 4_000;
const FIRST_USER_ID = 100_000;

const OUT_OF_ORDER = { share: 0.05, longestMs: 5_000 };
const OFFLINE = { share: 0.002, shortestMs: 40 * MINUTE_MS, longestMs: 90 * MINUTE_MS };
/** In the first half they would be first on their shard, and late for nothing. */
const ONLINE = { outOfOrder: OUT_OF_ORDER, offline: { ...OFFLINE, share: 0 } };
const ANY = { outOfOrder: OUT_OF_ORDER, offline: OFFLINE };

const drawUser = zipf(USERS, 0.4);
const drawChannel = weighted([
  ['wechat', 36],
  ['weibo', 22],
  ['appstore', 18],
  ['xiaomi', 14],
  ['huawei', 10],
]);
const drawBehavior = weighted([
  ['CLICK', 70],
  ['DOWNLOAD', 17],
  ['INSTALL', 10],
  ['UNINSTALL', 3],
] as const);
const drawAppstoreBehavior = weighted([
  ['CLICK', 40],
  ['DOWNLOAD', 30],
  ['INSTALL', 27],
  ['UNINSTALL', 3],
] as const);

const FORMAT: Format<AppMarketing> = {
  source: appMarketing,
  missing: 'userId',
  empty: 'userId',
  unknown: { behavior: 'OPEN' },
};

export function* generateAppMarketing(options: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(options.seed);
  const { whole, campaign }: Course = options.course === 'evening' ? EVENING : USUAL;
  const middle = (whole.fromMs + whole.toMs) / 2;
  for (const arrival of timesWithin(whole, options.events, random)) {
    const isOfCampaign = campaign && isWithin(campaign, arrival) && random() < campaign.share;
    const channel = isOfCampaign ? campaign.channel : drawChannel(random);
    const delays = arrival < middle ? ONLINE : ANY;
    const event: AppMarketing = {
      userId: String(FIRST_USER_ID + ((drawUser(random) * 7_919) % USERS)),
      channel,
      behavior: channel === 'appstore' ? drawAppstoreBehavior(random) : drawBehavior(random),
      timestamp: Math.floor(arrival) - delayOf(delays, random),
    };
    yield inputEvent(event, FORMAT, random);
  }
}
