/** Ad clicks by province, without click farms: a gate per user, ad and day, then a count per province. */
import {
  count,
  dayIn,
  days,
  duration,
  eventTime,
  grouped,
  isoTime,
  job,
  minutes,
  parameterized,
  sliding,
  timeZone,
  topN,
  wholeNumber,
} from '../../shared/index.ts';
import { type AdClick, adClicks, TOTAL } from './events.ts';

const province = (click: AdClick): string => click.province;

export const adBlacklist = parameterized(
  {
    limit: wholeNumber(
      100,
      { min: 1, max: 1_000_000 },
      'how many clicks of one user on one ad pass in a day',
    ),
    zone: timeZone('Asia/Shanghai', 'where a day begins and ends'),
    size: duration('1h', 'length of a window'),
    slide: duration('5min', 'how often a window ends'),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
  },
  ({ limit, zone, size, slide, lateness, outOfOrderness }) => {
    const dayOf = dayIn(zone);
    const day = (click: AdClick): string => dayOf(eventTime(click.timestamp));
    return job({
      name: 'ad-blacklist',
      version: 2,
      source: adClicks,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    })
      .gate({
        key: (click) => JSON.stringify([click.userId, click.adId, day(click)]),
        initial: 0,
        decidedBy: [limit, zone],
        stateRetention: days(7),
        table: {
          name: 'ad-blacklist',
          partitionKey: 'userId',
          sortKey: 'adDay',
          listedBy: 'blockedAt',
          personal: ['userId'],
        },
        decide(clicks, click) {
          if (clicks < limit) return { verdict: 'pass', state: clicks + 1 };
          if (clicks > limit) return { verdict: 'filter', state: clicks };
          return {
            verdict: 'filter',
            // One above the limit: blocked, whatever comes.
            state: clicks + 1,
            alerts: [
              {
                userId: click.userId,
                adDay: `${click.adId}#${day(click)}`,
                adId: click.adId,
                day: day(click),
                blockedAt: isoTime(eventTime(click.timestamp)),
                limit,
              },
            ],
          };
        },
      })
      .window({
        assign: sliding({ size, slide }),
        allowedLateness: lateness,
        late: 'sideOutput',
        aggregate: grouped(province, count()),
        table: { name: 'ad-clicks', partitionKey: 'province' },
        result: rows,
        headline: { of: TOTAL, show: ({ provinces = {} }) => provinces },
      });
  },
);

/** A row is bounded, however many provinces there are; each has a row of its own. */
const PROVINCES_MAX = 100;

interface Clicks {
  readonly province: string;
  readonly count: number;
  /** Of the row over all provinces: the clicks of those that have most. */
  readonly provinces?: Readonly<Record<string, number>>;
}

function rows(clicks: ReadonlyMap<string, number>): Clicks[] {
  const each = [...clicks].map(([name, some]) => ({ province: name, count: some }));
  const greatest = topN(clicks, PROVINCES_MAX).map(({ id, count: some }) => [id, some] as const);
  const all = each.reduce((sum, { count: some }) => sum + some, 0);
  return [...each, { province: TOTAL, count: all, provinces: Object.fromEntries(greatest) }];
}
