/** The rows of the result tables, as `functions/*\/job.ts` declare them. */
import * as z from 'zod';
import { count, ranking, time, windowAttributes } from './common.ts';

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
