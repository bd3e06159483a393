/** Hot pages: requests in, rankings out, and corrections while lateness allows them. */
import { describe, expect, it } from 'vitest';
import type { PageView } from '../../functions/hotPages/events.ts';
import { hotPages } from '../../functions/hotPages/job.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  play,
  redeliver,
  type ScenarioStep,
  watermark,
} from '../support/scenario.ts';

const MINUTE = Date.parse('2015-05-17T10:25:00Z');

/** A request so many seconds after 10:25. */
const requested = (second: number, url: string, method = 'GET'): PageView => ({
  ip: '83.149.9.216',
  method,
  url,
  timestamp: MINUTE + second * 1_000,
});

/** `[end, ranking, events, keys, revision]`, by end. */
async function rankings(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = {},
) {
  const { engine, surprises } = await play(hotPages.build(texts), steps, batchSize);
  expect(surprises).toEqual([]);
  const rows = engine.rows().map(({ board, windowEnd, ranking, events, keys, revision }) => {
    expect(board).toBe('pages');
    const ranks = (ranking as { rank: number; id: string; count: number }[])
      .map(({ rank, id, count }) => `${rank}. ${id}=${count}`)
      .join(', ');
    return [String(windowEnd).slice(11, 19), ranks, events, keys, revision] as const;
  });
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The three windows of the hand vector: their ranking and how often it was corrected. */
async function handVector(steps: readonly ScenarioStep[], batchSize: BatchSize) {
  const ends = ['10:25:50', '10:25:55', '10:26:00'];
  return (await rankings(steps, batchSize))
    .filter(([end]) => ends.includes(end))
    .map(([end, ranks, , , revision]) => [end, ranks, revision]);
}

const FIRST = [
  requested(49, '/presentations/'),
  requested(50, '/presentations/'),
  requested(51, '/presentations/'),
  requested(52, '/presentations/'),
  requested(55, '/presentations/'),
  requested(56, '/presentations/'),
  requested(56, '/present'),
  requested(57, '/present'),
  requested(61, '/'),
  requested(62, '/pre'),
];
const OUT_OF_ORDER = requested(46, '/presentations/');
const LAST = requested(63, '/pre');

const closingAfterEach = (events: readonly PageView[]): ScenarioStep[] =>
  events.flatMap((event) => [event, close()]);

describe('the hand vector, closed after each event', () => {
  it('has its first answers as soon as the watermark passes the ends', async () => {
    expect(await handVector(closingAfterEach(FIRST), 1)).toEqual([
      ['10:25:50', '1. /presentations/=1', 0],
      ['10:25:55', '1. /presentations/=4', 0],
      ['10:26:00', '1. /presentations/=6, 2. /present=2', 0],
    ]);
  });

  const CORRECTED = [
    ['10:25:50', '1. /presentations/=2', 1],
    ['10:25:55', '1. /presentations/=5', 1],
    ['10:26:00', '1. /presentations/=7, 2. /present=2', 1],
  ];

  it.each([
    ['as they come', closingAfterEach([...FIRST, OUT_OF_ORDER, LAST])],
    [
      'with a crash and a redelivery at the correction',
      [
        ...closingAfterEach(FIRST),
        crash('after'),
        OUT_OF_ORDER,
        redeliver(4),
        close(),
        ...closingAfterEach([LAST]),
      ],
    ],
    [
      'where closing sees the correction last',
      [...closingAfterEach(FIRST), OUT_OF_ORDER, LAST, close()],
    ],
  ] as [string, ScenarioStep[]][])(
    'corrects them once for the event out of order, %s',
    async (_, steps) => {
      expect(await handVector(steps, 1)).toEqual(CORRECTED);
    },
  );
});

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it('gives the corrected answers in the end, whenever closing runs', async () => {
    const ranks = (rows: readonly (readonly unknown[])[]) => rows.map(([end, text]) => [end, text]);
    const steps = [...FIRST, OUT_OF_ORDER, LAST];
    expect(ranks(await handVector(steps, batchSize))).toEqual([
      ['10:25:50', '1. /presentations/=2'],
      ['10:25:55', '1. /presentations/=5'],
      ['10:26:00', '1. /presentations/=7, 2. /present=2'],
    ]);
  });

  it('counts pages only: no other methods, no styling; the whole URL is the page', async () => {
    const steps = [
      requested(1, '/a'),
      requested(1, '/a?b=1'),
      requested(1, '/a?b=1'),
      requested(2, '/A'),
      requested(2, '/a', 'HEAD'),
      requested(2, '/a', 'POST'),
      requested(2, '/a', 'get'),
      requested(3, '/style.css'),
      requested(3, '/code.js'),
      requested(3, '/images/x.png'),
      requested(3, '/favicon.ico'),
      requested(3, '/style.css?v=2'),
      requested(3, '/STYLE.CSS'),
      requested(3, '/css'),
    ];
    const [first] = await rankings(steps, batchSize, { size: '5s', slide: '5s' });
    expect(first?.slice(0, 4)).toEqual(['10:25:05', '1. /a?b=1=2, 2. /A=1, 3. /STYLE.CSS=1', 7, 6]);
  });

  it('lets requests that do not count move the clock', async () => {
    const steps = [
      requested(0, '/'),
      requested(71, '/style.css'),
      watermark('2015-05-17T10:26:10.000Z'),
      requested(4, '/late?'),
    ];
    const rows = await rankings(steps, batchSize, { size: '5s', slide: '5s' });
    expect(rows.map((row) => row.slice(0, 3))).toEqual([['10:25:05', '1. /=1', 1]]);
  });
});

describe('a window takes requests until the watermark passes its end by 60 s', () => {
  // The watermark trails by 1 s, so that of the window ending 10:25:05 it does so at 10:26:06.
  it.each([
    [65, [['10:25:05', '1. /=2', 1]]],
    [66, [['10:25:05', '1. /=1', 0]]],
    [67, [['10:25:05', '1. /=1', 0]]],
  ])('the clock at second %i', async (second, expected) => {
    const steps = [requested(0, '/'), requested(second, '/x.css'), close(), requested(4, '/')];
    const rows = await rankings(steps, 1, { size: '5s', slide: '5s' });
    expect(rows.map(([end, ranks, , , revision]) => [end, ranks, revision])).toEqual(expected);
  });
});

it('puts what comes too late for every window beside the results', async () => {
  const steps = [requested(700, '/'), requested(4, '/')];
  const { engine } = await play(hotPages.build({ size: '5s' }), steps, 'all');
  expect(await engine.side()).toMatchObject([{ kind: 'late', eventTime: MINUTE + 4_000 }]);
});
