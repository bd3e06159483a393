/** Hot items: events in, boards out, whatever happens on the way. */
import { describe, expect, it } from 'vitest';
import { hotItems } from '../../functions/hotItems/job.ts';
import { behaved } from '../support/behavior.ts';
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

const TEN_MINUTES = { size: '10min', slide: '5min' };

/** `board, end, ranking, events, keys` */
async function boards(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = TEN_MINUTES,
) {
  const { engine, surprises } = await play(hotItems.build(texts), steps, batchSize);
  expect(surprises).toEqual([]);
  return engine.answers().map(({ board, windowEnd, ranking, events, keys }) => {
    const ranks = (ranking as { rank: number; id: string; count: number }[])
      .map(({ rank, id, count }) => `${rank}. ${id}=${count}`)
      .join(', ');
    return [board, String(windowEnd).slice(11, 16), ranks, events, keys];
  });
}

const SHOPPING = [
  behaved('01:01:00', 'u1', 'pv', '9', 'c1'),
  behaved('01:02:00', 'u2', 'pv', '10', 'c1'),
  behaved('01:03:00', 'u2', 'buy', '10', 'c1'),
  'this is no event',
  behaved('01:04:59', 'u3', 'pv', '10', 'c2'),
];
const LATER = [
  behaved('01:05:00', 'u1', 'pv', 'x', 'c2'),
  behaved('01:06:00', 'u1', 'cart', 'x', 'c2'),
  behaved('01:14:59', 'u4', 'fav', 'x', 'c2'),
];
const ANSWERS = [
  ['categories:buy', '01:05', '1. c1=1', 1, 1],
  ['categories:buy', '01:10', '1. c1=1', 1, 1],
  ['categories:cart', '01:10', '1. c2=1', 1, 1],
  ['categories:cart', '01:15', '1. c2=1', 1, 1],
  ['categories:fav', '01:15', '1. c2=1', 1, 1],
  ['categories:fav', '01:20', '1. c2=1', 1, 1],
  ['categories:pv', '01:05', '1. c1=2, 2. c2=1', 3, 2],
  ['categories:pv', '01:10', '1. c1=2, 2. c2=2', 4, 2],
  ['categories:pv', '01:15', '1. c2=1', 1, 1],
  ['items:buy', '01:05', '1. 10=1', 1, 1],
  ['items:buy', '01:10', '1. 10=1', 1, 1],
  ['items:cart', '01:10', '1. x=1', 1, 1],
  ['items:cart', '01:15', '1. x=1', 1, 1],
  ['items:fav', '01:15', '1. x=1', 1, 1],
  ['items:fav', '01:20', '1. x=1', 1, 1],
  ['items:pv', '01:05', '1. 10=2, 2. 9=1', 3, 2],
  ['items:pv', '01:10', '1. 10=2, 2. 9=1, 3. x=1', 4, 3],
  ['items:pv', '01:15', '1. x=1', 1, 1],
];

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', [...SHOPPING, ...LATER]],
    [
      'packed into one record',
      [[...SHOPPING, ...LATER].filter((each) => typeof each === 'object')],
    ],
    ['with crashes', [crash('before'), ...SHOPPING, crash('after'), ...LATER]],
    ['with redeliveries', [...SHOPPING, redeliver(3), redeliver(5), ...LATER, redeliver(2)]],
    [
      'with closing in between',
      [...SHOPPING, close(), ...LATER.slice(0, 2), close(), ...LATER.slice(2)],
    ],
    [
      'with all of it',
      [
        ...SHOPPING,
        close(),
        crash('after'),
        ...LATER,
        watermark('2017-11-26T01:14:59.000Z'),
        redeliver(8),
      ],
    ],
  ] as [string, ScenarioStep[]][])(
    'counts events per item and category on eight boards, %s',
    async (_, steps) => {
      expect(await boards(steps, batchSize)).toEqual(ANSWERS);
    },
  );

  it('breaks ties by number, then by code point, and ranks the top only', async () => {
    const steps = ['b', 'a', '10', '9', '007', '😀'].map((item) =>
      behaved('01:01:00', 'u1', 'pv', item),
    );
    const rows = await boards(steps, batchSize, { ...TEN_MINUTES, top: '4' });
    expect(rows.find(([board]) => board === 'items:pv')).toEqual([
      'items:pv',
      '01:05',
      '1. 9=1, 2. 10=1, 3. 007=1, 4. a=1',
      6,
      6,
    ]);
  });

  it('revises what was closed within the allowed lateness, and no more after it', async () => {
    const steps = [
      behaved('01:01:00', 'u1', 'pv', 'a'),
      behaved('01:10:00', 'u1', 'pv', 'now'),
      close(),
      behaved('01:02:00', 'u2', 'pv', 'in time'),
      close(),
      behaved('01:16:00', 'u1', 'pv', 'now'),
      behaved('01:02:00', 'u3', 'pv', 'too late'),
      close(),
    ];
    const rows = await boards(steps, batchSize, { ...TEN_MINUTES, lateness: '6min' });
    expect(rows.filter(([board]) => board === 'items:pv')).toEqual([
      ['items:pv', '01:05', '1. a=1, 2. in time=1', 2, 2],
      ['items:pv', '01:10', '1. a=1, 2. in time=1', 2, 2],
      ['items:pv', '01:15', '1. now=1', 1, 1],
      ['items:pv', '01:20', '1. now=2', 2, 1],
      ['items:pv', '01:25', '1. now=1', 1, 1],
    ]);
  });
});

it('puts what comes too late for every window beside the results', async () => {
  const steps = [behaved('01:20:00', 'u1', 'pv', 'now'), behaved('01:02:00', 'u1', 'pv', 'late')];
  const { engine } = await play(hotItems.build(TEN_MINUTES), steps, 'all');
  expect(await engine.side()).toMatchObject([
    { kind: 'late', eventTime: Date.parse('2017-11-26T01:02:00Z') },
  ]);
});
