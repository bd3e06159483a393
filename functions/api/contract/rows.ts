/** The rows of the result tables, as `functions/*\/job.ts` declare them. */
import * as z from 'zod';
import { TAGS } from '../../userProfile/tagNames.ts';
import { count, ranking, share, time, windowAttributes } from './common.ts';

/** Of `hot-items` and `hot-pages`. */
export const rankingRow = z
  .strictObject({ board: z.string(), ...windowAttributes, ranking, events: count, keys: count })
  .meta({ id: 'RankingRow' });

export const trafficRow = z
  .strictObject({ site: z.string(), ...windowAttributes, pv: count, uv: count })
  .meta({ id: 'TrafficRow' });

export const promotionRow = z
  .strictObject({
    channel: z.string(),
    ...windowAttributes,
    counts: z.strictObject({ CLICK: count, DOWNLOAD: count, INSTALL: count }),
    total: count,
    channels: z
      .record(z.string(), count)
      .optional()
      .meta({ description: 'On the row `total`: what each channel brought, of up to 100' }),
  })
  .meta({ id: 'PromotionRow' });

export const adClicksRow = z
  .strictObject({
    province: z.string(),
    ...windowAttributes,
    count,
    provinces: z
      .record(z.string(), count)
      .optional()
      .meta({ description: 'On the row `total`: the clicks of each province, of up to 100' }),
  })
  .meta({ id: 'AdClicksRow' });

const ofWhom = 'Of the users who did the first, the part that did the second as well in the window';
const conversion = (first: string, second: string) =>
  share
    .optional()
    .meta({ description: `${ofWhom}: ${first}, ${second}. Absent where nobody did the first` });

export const funnelRow = z
  .strictObject({
    categoryId: z.string().meta({ description: 'A category, or `all`' }),
    ...windowAttributes,
    viewers: count.meta({
      description: 'Distinct users who did it in the window, as are the next',
    }),
    carters: count,
    favers: count,
    buyers: count,
    viewToCart: conversion('viewed', 'put in the cart'),
    cartToBuy: conversion('put in the cart', 'bought'),
    viewToBuy: conversion('viewed', 'bought'),
    categories: count
      .optional()
      .meta({ description: 'On the row `all`: how many categories had a viewer' }),
    ranking: ranking
      .optional()
      .meta({ description: 'On the row `all`: the categories that have a row, by their viewers' }),
  })
  .meta({ id: 'FunnelRow' });

/** What somebody did, how often, and what kind of visitor that makes them: of a day, and of several. */
export const behaviorCounts = z
  .strictObject({ pv: count, cart: count, fav: count, buy: count })
  .meta({ id: 'BehaviorCounts' });

export const interests = z
  .array(z.strictObject({ rank: z.int().min(1), id: z.string(), score: z.number() }))
  .meta({
    id: 'Interests',
    description: 'Categories by their scores, which views, favorites, carts and buys add to',
  });

export const hoursOfDay = z.array(count).length(24).meta({
  id: 'HoursOfDay',
  description: 'Events in each hour of the day, in the zone of the job',
});

export const tag = z.enum(TAGS).meta({ id: 'Tag' });

export const profileRow = z
  .strictObject({
    userId: z.string(),
    ...windowAttributes,
    counts: behaviorCounts,
    items: count.meta({ description: 'Distinct ones' }),
    categories: count.meta({ description: 'Distinct ones' }),
    topCategories: interests,
    hours: hoursOfDay,
    firstSeen: time,
    lastSeen: time,
    tags: z.array(tag),
  })
  .meta({ id: 'ProfileRow', description: 'What the day of a user comes to' });

export const blockRow = z
  .strictObject({
    userId: z.string(),
    adDay: z.string(),
    adId: z.string(),
    day: z.iso.date(),
    blockedAt: time,
    limit: count,
  })
  .meta({ id: 'BlockRow', description: 'A user whose clicks on an ad count no more that day' });

export const loginAlertRow = z
  .strictObject({
    userId: z.string(),
    alertId: z.string(),
    firstFail: time,
    lastFail: time,
    failures: count,
    ips: z.array(z.string()),
  })
  .meta({ id: 'LoginAlertRow' });

const claims = z.array(z.strictObject({ kind: z.string(), id: z.string(), at: time }));

/** Since when a row is a problem; absent on rows that are none. */
const problemAt = time
  .optional()
  .meta({ description: 'When it became a problem, in event time; absent on rows that are none' });

export const orderRow = z
  .strictObject({
    orderId: z.string(),
    status: z.enum([
      'awaitingPay',
      'awaitingCreate',
      'paid',
      'timedOut',
      'paidLate',
      'paidWithoutCreate',
      'conflict',
    ]),
    problemAt,
    createdAt: time.optional(),
    paidAt: time.optional(),
    deadline: time.optional(),
    txId: z.string().optional(),
    timedOutAt: time.optional(),
    claims: claims.optional(),
  })
  .meta({ id: 'OrderRow' });

export const transactionRow = z
  .strictObject({
    txId: z.string(),
    status: z.enum([
      'awaitingReceipt',
      'awaitingPay',
      'matched',
      'unmatchedPay',
      'unmatchedReceipt',
      'conflict',
    ]),
    problemAt,
    onTime: z.boolean().optional(),
    payAt: time.optional(),
    receiptAt: time.optional(),
    deltaMs: z.number().optional().meta({ description: 'Receipt less pay' }),
    orderId: z.string().optional(),
    payChannel: z.string().optional(),
    claims: claims.optional(),
  })
  .meta({ id: 'TransactionRow' });
