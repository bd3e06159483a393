/** Which channel brings users: clicks, downloads and installations per channel and in all. */
import {
  count,
  duration,
  grouped,
  job,
  minutes,
  parameterized,
  sliding,
  topN,
} from '../../shared/index.ts';
import { type AppMarketing, appMarketing, TOTAL } from './events.ts';

export const appPromotion = parameterized(
  {
    size: duration('1h', 'length of a window'),
    slide: duration('5s', 'how often a window ends'),
    lateness: duration('0s', 'how long a closed window still takes events'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
  },
  ({ size, slide, lateness, outOfOrderness }) =>
    job({
      name: 'app-promotion',
      version: 1,
      source: appMarketing,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
      filter: ({ behavior }) => behavior !== 'UNINSTALL',
    }).window({
      assign: sliding({ size, slide }),
      allowedLateness: lateness,
      late: 'sideOutput',
      aggregate: grouped(
        (event: AppMarketing) => event.channel,
        grouped((event: AppMarketing) => event.behavior, count()),
      ),
      table: { name: 'app-promotion', partitionKey: 'channel' },
      result(channels) {
        const boards = [...channels].map(([channel, behaviors]) => board(channel, [behaviors]));
        return [...boards, { ...board(TOTAL, [...channels.values()]), channels: greatest(boards) }];
      },
      headline: { of: TOTAL, show: ({ counts, total }) => ({ counts, total }) },
    }),
);

/** A row is bounded, however many channels there are; each has a row of its own. */
const CHANNELS_MAX = 100;

/** Of the channels that brought most, what each brought. */
function greatest(boards: readonly { channel: string; total: number }[]) {
  const totals = new Map(boards.map(({ channel, total }) => [channel, total]));
  return Object.fromEntries(topN(totals, CHANNELS_MAX).map(({ id, count: each }) => [id, each]));
}

/** One board: the counts of these channels, added up. */
function board(channel: string, channels: readonly ReadonlyMap<string, number>[]) {
  const counts = { CLICK: 0, DOWNLOAD: 0, INSTALL: 0 };
  for (const behaviors of channels) {
    counts.CLICK += behaviors.get('CLICK') ?? 0;
    counts.DOWNLOAD += behaviors.get('DOWNLOAD') ?? 0;
    counts.INSTALL += behaviors.get('INSTALL') ?? 0;
  }
  return { channel, counts, total: counts.CLICK + counts.DOWNLOAD + counts.INSTALL };
}
