/**
 * The evening that the samples tell of: two hours of one shop, from 2026-03-02 17:50 in Shanghai, all streams at the same time.
 * It begins ten minutes before a full hour, so that the first page views of an hour are soon there to be seen.
 * `npm start` plays a minute of it in a second, so a minute below is a second there.
 */

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-03-02T09:50:00Z');

/** From when to when, in epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const lengthMs = ({ fromMs, toMs }: Span): number => toMs - fromMs;

/** Minutes of the evening. */
const minutes = (from: number, to: number): Span => ({
  fromMs: START_MS + from * MINUTE_MS,
  toMs: START_MS + to * MINUTE_MS,
});

export const isWithin = ({ fromMs, toMs }: Span, at: number): boolean => at >= fromMs && at < toMs;

export const EVENING = {
  whole: minutes(0, 120),
  /** An item is talked about: its share of all behaviour rises, stays, and falls again. */
  takeOff: { itemId: '2004242', rising: minutes(10, 40), falling: minutes(80, 110), share: 0.18 },
  /** Each one user on one ad, blocked after 100 clicks. The share is of all clicks while it is at work. */
  clickFarms: [
    { userId: '937166', adId: '1715', ...minutes(15, 35), share: 0.3 },
    { userId: '161501', adId: '1738', ...minutes(85, 110), share: 0.2 },
  ],
  /** Advertising in one channel: its share of all that the app's advertising brings. */
  campaign: { channel: 'huawei', ...minutes(25, 70), share: 0.6 },
  /** Somebody has a list of accounts and tries passwords on one after the other. The share is of all attempts of the evening. */
  loginAttack: { userIds: ['102718', '101828', '101459'], ...minutes(30, 33), share: 0.05 },
  /** Whoever would pay meanwhile pays late, twice or not at all; the channels' receipts and the shop's payments drift apart. */
  paymentOutage: minutes(40, 50),
  /** Every so many requests are for its page. */
  sale: { url: '/sale', ...minutes(60, 75), share: 0.3 },
} as const;
