/** Which channel brings users: clicks, downloads and installations per channel and in all. */
import {
  count,
  duration,
  grouped,
  job,
  minutes,
  parameterized,
  sliding,
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
      result: (channels) => [
        ...[...channels].map(([channel, behaviors]) => board(channel, [behaviors])),
        board(TOTAL, [...channels.values()]),
      ],
      headline: { of: TOTAL, show: ({ counts, total }) => ({ counts, total }) },
    }),
);

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
