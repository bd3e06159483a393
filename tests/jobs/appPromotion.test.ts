/** App promotion: what users did in, counts per channel and over all channels out. */
import { describe, expect, it } from 'vitest';
import type { AppMarketing } from '../../functions/appPromotion/events.ts';
import { appPromotion } from '../../functions/appPromotion/job.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  play,
  redeliver,
  type ScenarioStep,
} from '../support/scenario.ts';

const TEN_SECONDS = { size: '10s', slide: '5s' };
const MINUTE = Date.parse('2017-11-26T01:00:00Z');

/** What a user did so many seconds after 01:00. */
const did = (
  second: number,
  behavior: AppMarketing['behavior'],
  channel: string,
): AppMarketing => ({ userId: 'u1', channel, behavior, timestamp: MINUTE + second * 1_000 });

/** `[channel, end, 'CLICK DOWNLOAD INSTALL', total]` */
async function boards(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = TEN_SECONDS,
) {
  const { engine } = await play(appPromotion.build(texts), steps, batchSize);
  const answers = engine.answers();
  for (const { channel, windowEnd, channels } of answers) {
    const others = answers.filter(
      (row) => row['windowEnd'] === windowEnd && row['channel'] !== 'total',
    );
    const its = Object.fromEntries(others.map((row) => [row['channel'], row['total']]));
    expect(channels).toEqual(channel === 'total' ? its : undefined);
  }
  return answers.map(({ channel, windowEnd, counts, total }) => {
    const { CLICK, DOWNLOAD, INSTALL, ...others } = counts as Record<string, number>;
    expect(others).toEqual({});
    return [channel, String(windowEnd).slice(11, 19), `${CLICK} ${DOWNLOAD} ${INSTALL}`, total];
  });
}

const EARLY = [
  did(1, 'CLICK', 'wechat'),
  did(2, 'CLICK', 'appstore'),
  did(3, 'CLICK', 'wechat'),
  did(4, 'UNINSTALL', 'weibo'),
  'this is no event',
  did(4, 'INSTALL', 'wechat'),
];
const LATER = [
  did(5, 'DOWNLOAD', 'appstore'),
  did(9, 'UNINSTALL', 'wechat'),
  did(9, 'CLICK', 'total'),
  did(16, 'INSTALL', '微博'),
];
const ANSWERS = [
  ['appstore', '01:00:05', '1 0 0', 1],
  ['appstore', '01:00:10', '1 1 0', 2],
  ['appstore', '01:00:15', '0 1 0', 1],
  ['total', '01:00:05', '3 0 1', 4],
  ['total', '01:00:10', '3 1 1', 5],
  ['total', '01:00:15', '0 1 0', 1],
  ['total', '01:00:20', '0 0 1', 1],
  ['total', '01:00:25', '0 0 1', 1],
  ['wechat', '01:00:05', '2 0 1', 3],
  ['wechat', '01:00:10', '2 0 1', 3],
  ['微博', '01:00:20', '0 0 1', 1],
  ['微博', '01:00:25', '0 0 1', 1],
];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', [...EARLY, ...LATER]],
    ['with crashes', [crash('before'), ...EARLY, crash('after'), ...LATER]],
    ['with redeliveries', [...EARLY, redeliver(3), redeliver(6), ...LATER, redeliver(2)]],
    [
      'with closing in between',
      [...EARLY, close(), ...LATER.slice(0, 2), close(), ...LATER.slice(2)],
    ],
  ] as [string, ScenarioStep[]][])(
    'counts per channel and behaviour, and over all channels, %s',
    async (_, steps) => {
      expect(await boards(steps, batchSize)).toEqual(ANSWERS);
    },
  );

  it('has no row where there is nothing but removals', async () => {
    const steps = [did(1, 'UNINSTALL', 'wechat'), did(2, 'UNINSTALL', 'weibo')];
    expect(await boards(steps, batchSize)).toEqual([]);
  });
});

it('covers an hour every 5 s unless told otherwise', async () => {
  const rows = await boards([did(0, 'CLICK', 'wechat'), did(7, 'INSTALL', 'wechat')], 'all', {});
  const total = rows.filter(([channel]) => channel === 'total');
  expect(total.length).toBe(721);
  expect(total[0]).toEqual(['total', '01:00:05', '1 0 0', 1]);
  expect(total[1]).toEqual(['total', '01:00:10', '1 0 1', 2]);
  expect(total.at(-2)).toEqual(['total', '02:00:00', '1 0 1', 2]);
  expect(total.at(-1)).toEqual(['total', '02:00:05', '0 0 1', 1]);
  expect(rows.length).toBe(2 * total.length);
});

it('names the channels that brought most, however many there are', async () => {
  const all = Array.from({ length: 150 }, (_, n) => `c${String(n).padStart(3, '0')}`);
  const steps = all.flatMap((channel, n) => [
    did(1, 'CLICK', channel),
    ...(n >= 60 ? [did(2, 'CLICK', channel)] : []),
  ]);
  const { engine } = await play(appPromotion.build(TEN_SECONDS), steps, 'all');
  const { total, channels } = engine.answers().find(({ channel }) => channel === 'total') ?? {};
  expect(total).toBe(150 + 90);
  expect(Object.keys(channels as object).sort()).toEqual([...all.slice(0, 10), ...all.slice(60)]);
});

it('keeps a channel out that has the name of the board over all channels, and says so', async () => {
  const steps = [did(1, 'CLICK', 'wechat'), did(2, 'CLICK', 'total')];
  const { engine } = await play(appPromotion.build(TEN_SECONDS), steps, 'all');
  expect(await engine.side()).toMatchObject([
    {
      kind: 'dead',
      reason:
        'channel: is the name of the board over all channels: give the channel another name than "total" (found "total")',
    },
  ]);
});

it('puts an event beside the results when the last window that holds it has ended', async () => {
  const steps = [did(20, 'CLICK', 'wechat'), did(14, 'CLICK', 'weibo'), did(15, 'CLICK', 'weibo')];
  const { engine } = await play(appPromotion.build(TEN_SECONDS), steps, 'all');
  expect(await engine.side()).toMatchObject([{ kind: 'late', eventTime: MINUTE + 14_000 }]);
  const weibo = engine.answers().filter(({ channel }) => channel === 'weibo');
  expect(weibo.map(({ windowEnd }) => windowEnd)).toEqual(['2017-11-26T01:00:25.000Z']);
});
