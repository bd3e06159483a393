/** What the API answers. The dashboard takes its types from here, the tests check every answer against it. */
import * as z from 'zod';
import { anyRow, count, pageOf, share, time } from './common.ts';
import {
  adClicksRow,
  behaviorCounts,
  blockRow,
  funnelRow,
  hoursOfDay,
  interests,
  loginAlertRow,
  orderRow,
  profileRow,
  promotionRow,
  rankingRow,
  tag,
  trafficRow,
  transactionRow,
} from './rows.ts';

export const rankingPage = pageOf(rankingRow, 'RankingPage');
export const trafficPage = pageOf(trafficRow, 'TrafficPage');
export const promotionPage = pageOf(promotionRow, 'PromotionPage');
export const adClicksPage = pageOf(adClicksRow, 'AdClicksPage');
export const funnelPage = pageOf(funnelRow, 'FunnelPage');
const profilePage = pageOf(profileRow, 'ProfilePage');
export const blockPage = pageOf(blockRow, 'BlockPage');
export const loginAlertPage = pageOf(loginAlertRow, 'LoginAlertPage');
export const orderPage = pageOf(orderRow, 'OrderPage');
export const transactionPage = pageOf(transactionRow, 'TransactionPage');
export const anyPage = pageOf(anyRow, 'RowPage');

/** Counting ends at a bound, so that an answer costs the same however much there is. */
const bounded = z
  .strictObject({
    count,
    isMore: z.boolean().meta({ description: 'Whether counting ended at its bound' }),
  })
  .meta({ id: 'BoundedCount' });

export const overview = z
  .strictObject({
    now: time.nullable().meta({
      description:
        'The time of the newest row, or of the newest one up to `at`: what "now" means here, whatever the clock says. Windows that are not final count only where there is nothing else. Null where there are no rows',
    }),
    span: z.strictObject({ from: time, to: time }).nullable().meta({
      description:
        'From the first window end that is stored to the newest final one, where a screen rests that is live',
    }),
    lastHour: z
      .strictObject({
        unpaidOrders: bounded.meta({ description: 'Orders that became `timedOut`' }),
        problems: bounded.meta({ description: 'Orders and transactions that became a problem' }),
        loginAlerts: bounded,
        blocks: bounded,
      })
      .meta({ description: 'What there was in the hour up to `now`' }),
    hotItems: rankingPage.meta({ description: 'The newest two windows of the board `items:pv`' }),
    hotPages: rankingPage.meta({ description: 'The newest two windows' }),
    traffic: trafficPage.meta({ description: 'The newest 24 windows' }),
    promotion: z
      .strictObject({
        windows: z.array(promotionRow).meta({ description: 'The newest two windows over all' }),
        channels: z
          .array(promotionRow)
          .meta({ description: 'Each channel in the newest of them, of up to 12' }),
      })
      .meta({ id: 'PromotionOverview' }),
    adClicks: adClicksPage.meta({ description: 'The newest two windows over all provinces' }),
    blacklist: blockPage.meta({ description: 'The newest 10' }),
    loginAlerts: loginAlertPage.meta({ description: 'The newest 10' }),
    orders: orderPage.meta({ description: 'The newest 10 problems' }),
    transactions: transactionPage.meta({ description: 'The newest 10 problems' }),
  })
  .meta({ id: 'Overview' });

const userProfile = z
  .strictObject({
    days: z.int().min(1).meta({ description: 'How many days there are of it: rows of `daily`' }),
    counts: behaviorCounts,
    topCategories: interests.meta({
      description:
        'Up to 10, by the scores of the days, which halve with every 7 days before the newest one; four decimals',
    }),
    hours: hoursOfDay,
    firstSeen: time,
    lastSeen: time,
    tags: z.array(tag).meta({ description: 'Of the newest day' }),
  })
  .meta({ id: 'UserProfile' });

export const userAnswer = z
  .strictObject({
    userId: z.string(),
    profile: userProfile
      .nullable()
      .meta({ description: 'What `daily` comes to; null where there is no day' }),
    daily: profilePage.meta({ description: 'The newest `days` profiles, one for each day' }),
    alerts: loginAlertPage.meta({ description: 'The newest 100' }),
    blocks: blockPage.meta({ description: 'Up to 100' }),
  })
  .meta({ id: 'User' });

/** How many users have a tag, of a day. */
const tagged = { day: z.iso.date(), users: count, share };

export const audienceAnswer = z
  .strictObject({
    tag,
    ...tagged,
    share: share.meta({ description: "Of the day's users" }),
    windowEnd: time,
    final: z.boolean().meta({ description: 'Whether the day takes no more events' }),
    tagSets: z.record(z.string(), count).meta({
      description: 'Of those who have the tag: how many have which tags in all, joined by `+`',
      example: { 'buyer+daytime': 17 },
    }),
    previous: z
      .strictObject(tagged)
      .nullable()
      .meta({ description: 'The day before; null where there is none' }),
    members: z
      .strictObject({
        userIds: z.array(z.string()),
        next: z
          .string()
          .optional()
          .meta({ description: 'The cursor of those after these; absent behind the last ones' }),
      })
      .meta({
        id: 'Members',
        description:
          'Users who have the tag, set by set in the order of the names in `tagSets`. They come from an index, which is eventually consistent: while a day is being written or corrected, there may be more or fewer of them than `users`, which is exact',
      }),
  })
  .meta({ id: 'Audience' });

export const orderAnswer = z
  .strictObject({
    order: orderRow,
    transaction: transactionRow
      .nullable()
      .meta({ description: 'The one that paid the order, where that is known' }),
  })
  .meta({ id: 'Order' });

export const transactionAnswer = z
  .strictObject({ transaction: transactionRow, order: orderRow.nullable() })
  .meta({ id: 'Transaction' });

const counts = z.strictObject({
  accepted: count,
  filtered: count,
  late: count,
  dead: count,
  repeated: count.optional().meta({
    description: 'Beside them: copies that named producers put again. Absent where there are none',
  }),
  unremembered: count.optional().meta({
    description: 'Of them, those of named producers whose copies count again',
  }),
});

const jobAnswer = z
  .strictObject({
    name: z.string(),
    id: z.string().meta({ example: 'hot-items@1' }),
    kind: z.enum(['window', 'status', 'pattern']),
    tables: z.array(z.string()),
    isUnreadable: z.literal(true).optional().meta({
      description:
        'Set where the state of the job cannot be read: a finding says why, and what follows is empty',
    }),
    watermark: time.nullable().meta({ description: 'Null before the first valid event' }),
    watermarkBy: z.enum(['events', 'clock']).meta({
      description: '`clock`: its shards are silent, or the input has ended',
    }),
    lagSeconds: z.number().nullable().meta({ description: 'The clock less the watermark' }),
    lanes: z.strictObject({ listed: count, retired: count }),
    counts: counts.meta({ description: 'Of all events so far, by outcome; the first four add up' }),
    expired: count,
    recent: counts.meta({ description: 'Of the last five minutes' }),
    eventsPerSecond: z.number().meta({ description: 'Over the last minute' }),
    lastCommitAt: time.nullable(),
    lastError: z
      .strictObject({
        by: z.string(),
        at: time,
        error: z.string(),
        message: z.string(),
        lane: z.string().optional(),
        isPast: z.boolean().meta({ description: 'Whether it has worked since' }),
      })
      .nullable(),
    findings: z.array(
      z.strictObject({
        kind: z.enum(['unreadable', 'failing', 'standing', 'behind', 'dead', 'late']),
        urgency: z.enum(['attention', 'note']),
        what: z.string().meta({ description: 'In a line; may hold text of an error' }),
        todo: z.string().meta({ description: 'A command, or a part of a page of docs/' }),
      }),
    ),
  })
  .meta({ id: 'Job' });

export const jobsAnswer = z
  .strictObject({ at: time.meta({ description: 'By the clock' }), jobs: z.array(jobAnswer) })
  .meta({ id: 'Jobs' });

const tableAnswer = z
  .strictObject({
    name: z.string(),
    job: z.string(),
    rows: z.enum(['windows', 'statuses', 'facts']),
    partitionKey: z.string(),
    sortKey: z.string().optional(),
    headline: z
      .string()
      .optional()
      .meta({ description: 'The partition key that is read where none is given' }),
    problems: z.array(z.string()).meta({ description: 'The statuses that are problems' }),
    isListed: z.boolean().meta({ description: 'Whether its newest rows can be asked for' }),
  })
  .meta({ id: 'Table' });

export const tablesAnswer = z.strictObject({ tables: z.array(tableAnswer) }).meta({ id: 'Tables' });

export const healthAnswer = z
  .strictObject({ status: z.literal('ok'), stage: z.string() })
  .meta({ id: 'Health' });

/** RFC 9457. */
export const problem = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong, where, and what to do instead' }),
    parameter: z.string().optional().meta({ description: 'The parameter that is wrong' }),
  })
  .meta({ id: 'Problem' });

export type RankingPage = z.infer<typeof rankingPage>;
export type TrafficPage = z.infer<typeof trafficPage>;
export type PromotionPage = z.infer<typeof promotionPage>;
export type AdClicksPage = z.infer<typeof adClicksPage>;
export type FunnelPage = z.infer<typeof funnelPage>;
export type BlockPage = z.infer<typeof blockPage>;
export type LoginAlertPage = z.infer<typeof loginAlertPage>;
export type OrderPage = z.infer<typeof orderPage>;
export type TransactionPage = z.infer<typeof transactionPage>;
export type Overview = z.infer<typeof overview>;
export type UserAnswer = z.infer<typeof userAnswer>;
export type AudienceAnswer = z.infer<typeof audienceAnswer>;
export type OrderAnswer = z.infer<typeof orderAnswer>;
export type TransactionAnswer = z.infer<typeof transactionAnswer>;
export type JobAnswer = z.infer<typeof jobAnswer>;
export type JobsAnswer = z.infer<typeof jobsAnswer>;
export type TableAnswer = z.infer<typeof tableAnswer>;
export type TablesAnswer = z.infer<typeof tablesAnswer>;
export type Problem = z.infer<typeof problem>;
