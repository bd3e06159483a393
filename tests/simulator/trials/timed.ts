/**
 * Jobs made for their timers: a pattern whose matches time out, and a status whose timers move on, by the key of its stream and by one
 * whose events are on all shards.
 */
import { type Login, logins } from '../../../functions/loginFail/events.ts';
import { type OrderEvent, orders } from '../../../functions/orderTimeout/events.ts';
import {
  days,
  eventTime,
  isoTime,
  job,
  later,
  milliseconds,
  minutes,
  sequence,
} from '../../../shared/index.ts';
import type { Job } from '../../../shared/job/job.ts';
import type { EventTime } from '../../../shared/model/time.ts';
import type { PatternAnalysis, StatusAnalysis } from '../analyses/analysis.ts';
import { checkouts } from '../analyses/checkouts.ts';
import { presence } from '../analyses/presence.ts';
import { type Trial, trial } from './trial.ts';

const SKEW = 600_000;
const TWO_MINUTES = 120_000;
const THREE_HOURS = 3 * 3_600_000;
const A_WEEK = 7 * 86_400_000;
/** Longer than a shard may be held up. */
const TWENTY_HOURS = 20 * 3_600_000;
const A_QUARTER = 90 * 86_400_000;
const NAMES = { userId: 'presence', ip: 'presence-by-ip' } as const;

/** By job: its variants. */
export const TIMED_TRIALS: readonly (readonly Trial[])[] = [
  [
    checkoutTrial(3_000, 1_000, A_WEEK),
    checkoutTrial(30_000, 20_000, TWO_MINUTES),
    checkoutTrial(60_000, 0, TWO_MINUTES),
  ],
  [
    presenceTrial('userId', 20_000, 2_000, TWO_MINUTES),
    presenceTrial('userId', 90_000, 0, THREE_HOURS),
    presenceTrial('userId', 20_000, 2_000, THREE_HOURS, { lateness: 5_000, remember: 30_000 }),
  ],
  [
    presenceTrial('ip', 20_000, 2_000, A_QUARTER),
    presenceTrial('ip', 90_000, 0, TWENTY_HOURS, { lateness: 5_000, remember: 30_000 }),
  ],
];

function checkoutTrial(within: number, outOfOrderness: number, stateRetention: number): Trial {
  const declared = job({
    name: 'checkout',
    version: 1,
    source: orders,
    maxOutOfOrderness: milliseconds(outOfOrderness),
    maxFutureSkew: minutes(10),
  }).pattern({
    key: (event) => event.orderId,
    match: sequence<OrderEvent>('create', ({ type }) => type === 'create')
      .followedBy('pay', ({ type }) => type === 'pay')
      .within(milliseconds(within)),
    stateRetention: days(7),
    alerts: {
      table: { name: 'checkouts', partitionKey: 'orderId', sortKey: 'checkout' },
      row: ({ events: [create, pay] }, orderId) => ({
        ...begunBy(create, orderId),
        paidAt: isoTime(pay?.at ?? eventTime(0)),
      }),
    },
    timedOut: {
      table: {
        name: 'checkouts-timed-out',
        partitionKey: 'orderId',
        sortKey: 'checkout',
        listedBy: 'timedOutAt',
      },
      row: ({ events: [create], at }, orderId) => ({
        ...begunBy(create, orderId),
        timedOutAt: isoTime(at),
      }),
    },
  });
  const analysis = checkouts({ within, outOfOrderness, maxFutureSkew: SKEW });
  return trial(declared as Job, analysis as PatternAnalysis, stateRetention);
}

function begunBy(create: { at: EventTime; position: string } | undefined, orderId: string) {
  const createdAt = isoTime(create?.at ?? eventTime(0));
  return { orderId, checkout: `${createdAt}#${create?.position}`, createdAt };
}

/** When the first and the last login of the key were. */
type Seen = { readonly first: number; readonly last: number } | null;

function presenceTrial(
  by: 'userId' | 'ip',
  wait: number,
  outOfOrderness: number,
  stateRetention: number,
  rows?: Exclude<StatusAnalysis['rows'], 'all'>,
): Trial {
  const goneAt = (last: number) => later(eventTime(last), milliseconds(wait));
  const declared = job({
    name: NAMES[by],
    version: 1,
    source: logins,
    maxOutOfOrderness: milliseconds(outOfOrderness),
    maxFutureSkew: minutes(10),
  }).status({
    key: (login: Login) => login[by],
    repartitioned: by !== 'userId',
    initial: null as Seen,
    merge: (seen, { timestamp }) => ({
      first: Math.min(seen?.first ?? timestamp, timestamp),
      last: Math.max(seen?.last ?? timestamp, timestamp),
    }),
    waits: [milliseconds(wait)],
    stateRetention: days(90),
    ...(rows
      ? {
          rows: {
            of: 'problems',
            lateness: milliseconds(rows.lateness),
            remember: milliseconds(rows.remember),
          },
        }
      : {}),
    table: { name: NAMES[by], partitionKey: by },
    timers: (seen) => (seen ? [goneAt(seen.last)] : []),
    view(seen, watermark) {
      const { first, last } = seen ?? { first: 0, last: 0 };
      const at = goneAt(last);
      const known = { since: isoTime(eventTime(first)), until: isoTime(at) };
      if (watermark < at) return { status: 'present', row: known };
      return { status: 'gone', at, row: known };
    },
    statuses: { present: 'fine', gone: 'problem' },
  });
  const analysis = presence({
    by,
    wait,
    outOfOrderness,
    maxFutureSkew: SKEW,
    ...(rows ? { rows } : {}),
  });
  return trial(declared as unknown as Job, analysis as StatusAnalysis, stateRetention);
}
