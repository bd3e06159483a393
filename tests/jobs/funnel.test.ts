/** The funnel: who viewed, put in the cart and bought, beside a batch program of plain loops, whatever happens on the way. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { funnel } from '../../functions/funnel/job.ts';
import { isResult } from '../../shared/job/tables.ts';
import type { Item } from '../../shared/ports/table.ts';
import { behaved } from '../support/behavior.ts';
import { type Act, funnelOf } from '../support/behaviorBatch.ts';
import { alike, runActs, unlike } from '../support/behaviorRuns.ts';
import {
  BATCH_SIZES,
  type BatchSize,
  close,
  crash,
  play,
  redeliver,
  type ScenarioStep,
} from '../support/scenario.ts';

const HOUR: Act[] = [
  behaved('01:00:00', 'u1', 'pv', 'i1', 'shoes'),
  behaved('01:00:01', 'u2', 'pv', 'i1', 'shoes'),
  behaved('01:00:02', 'u3', 'pv', 'i2', 'shoes'),
  behaved('01:10:00', 'u1', 'cart', 'i1', 'shoes'),
  behaved('01:20:00', 'u1', 'pv', 'i3', 'hats'),
  behaved('01:30:00', 'u4', 'cart', 'i3', 'hats'),
  behaved('01:40:00', 'u1', 'buy', 'i1', 'shoes'),
  behaved('01:50:00', 'u5', 'fav', 'i4', 'socks'),
  behaved('01:59:59', 'u2', 'pv', 'i1', 'all'),
];
const NEXT: Act[] = [
  behaved('02:00:00', 'u1', 'buy', 'i1', 'shoes'),
  behaved('02:30:00', 'u2', 'pv', 'i1', '7'),
];
const FIRST_END = '2017-11-26T02:00:00.000Z';

async function played(
  steps: readonly ScenarioStep[],
  batchSize: BatchSize,
  texts: Record<string, string> = {},
) {
  const { engine, surprises } = await play(funnel.build(texts), steps, batchSize);
  expect(surprises).toEqual([]);
  return engine;
}

const inFirstHour = (rows: readonly Item[], category: string): Item | undefined =>
  rows.find(({ categoryId, windowEnd }) => categoryId === category && windowEnd === FIRST_END);

describe.each(BATCH_SIZES)('in batches of %s', (batchSize) => {
  it.each([
    ['as they come', [...HOUR, ...NEXT]],
    ['packed into one record', [[...HOUR, ...NEXT]]],
    ['killed around a commit', [crash('before'), ...HOUR, crash('after'), ...NEXT]],
    ['with redeliveries', [...HOUR, redeliver(7), ...NEXT, redeliver(9)]],
    ['with closing in between', [...HOUR.slice(0, 4), close(), ...HOUR.slice(4), ...NEXT, close()]],
  ] as [string, ScenarioStep[]][])('counts users by what they did, %s', async (_, steps) => {
    const engine = await played(steps, batchSize);
    const expected = funnelOf([...HOUR, ...NEXT]);
    expect(unlike(engine.rows(), expected)).toEqual(alike(expected));
  });

  it('counts a user once, leaves out a rate of nobody, and gives no row without a viewer', async () => {
    const rows = (await played([...HOUR, ...NEXT], batchSize)).rows();
    expect(inFirstHour(rows, 'shoes')).toMatchObject({
      viewers: 3,
      carters: 1,
      favers: 0,
      buyers: 1,
      viewToCart: 0.3333,
      cartToBuy: 1,
      viewToBuy: 0.3333,
    });
    // One has viewed and another has put in the cart.
    expect(inFirstHour(rows, 'hats')).toMatchObject({ viewToCart: 0, cartToBuy: 0, viewToBuy: 0 });
    expect(inFirstHour(rows, 'socks')).toBeUndefined();
    // Of all: u1, u2, u3 viewed; u1, u4 put in the cart. The category of that name is none of the two, but its user is in.
    const ranking = [
      { rank: 1, id: 'shoes', count: 3 },
      { rank: 2, id: 'hats', count: 1 },
    ];
    expect(inFirstHour(rows, 'all')).toMatchObject({
      viewers: 3,
      carters: 2,
      viewToCart: 0.3333,
      cartToBuy: 0.5,
      categories: 2,
      ranking,
    });
    const next = rows.filter(({ windowEnd }) => windowEnd !== FIRST_END);
    expect(next.map(({ categoryId }) => categoryId).sort()).toEqual(['7', 'all']);
    for (const row of next) expect(row).not.toHaveProperty('cartToBuy');
  });

  describe('as corrections come', () => {
    const ONE = { top: '1', lateness: '1h' };
    const overtakes = [
      behaved('01:05:00', 'u8', 'pv', 'i3', 'hats'),
      behaved('01:05:01', 'u9', 'pv', 'i3', 'hats'),
      behaved('01:05:02', 'u7', 'pv', 'i3', 'hats'),
    ];
    const comesBack = [
      behaved('01:06:00', 'u8', 'pv', 'i1', 'shoes'),
      behaved('01:06:01', 'u9', 'pv', 'i1', 'shoes'),
    ];

    it('takes the row of a category away that others overtook, and leaves no number on it', async () => {
      const engine = await played([...HOUR, ...NEXT, close(), ...overtakes], batchSize, ONE);
      const expected = funnelOf([...HOUR, ...NEXT, ...overtakes], { top: 1 });
      expect(unlike(engine.rows(), expected)).toEqual(alike(expected));
      const taken = inFirstHour(engine.rows(), 'shoes') ?? {};
      expect(taken).toMatchObject({ withdrawn: true, windowStart: '2017-11-26T01:00:00.000Z' });
      expect(isResult(taken)).toBe(false);
      for (const name of ['viewers', 'carters', 'favers', 'buyers', 'viewToCart', 'cartToBuy']) {
        expect(taken).not.toHaveProperty(name);
      }
    });

    it('gives it back when it is one of the top again', async () => {
      const steps = [...HOUR, ...NEXT, close(), ...overtakes, close(), ...comesBack, close()];
      const engine = await played(steps, batchSize, ONE);
      const expected = funnelOf([...HOUR, ...NEXT, ...overtakes, ...comesBack], { top: 1 });
      expect(unlike(engine.rows(), expected)).toEqual(alike(expected));
      expect(inFirstHour(engine.rows(), 'shoes')).not.toHaveProperty('withdrawn');
      expect(inFirstHour(engine.rows(), 'hats')).toMatchObject({ withdrawn: true });
    });
  });
});

it('leaves the row that its README shows as withdrawn', async () => {
  const readme = readFileSync(new URL('../../functions/funnel/README.md', import.meta.url), 'utf8');
  const lines = readme.split('\n').filter((line) => line.startsWith('{'));
  const shown = lines.map((line): Item => JSON.parse(line)).filter((row) => !isResult(row));
  expect(shown).toHaveLength(1);
  const [early = [], late = []] = readme
    .split('```json\n')
    .map((block) => block.split('\n').filter((line) => line.includes('"behavior"')))
    .filter((block) => block.length > 0);
  const texts = { top: '2', lateness: '10min' };
  const rows = (await played([...early, close(), ...late], 'all', texts)).rows();
  const { fence: _fence, engine: _engine, ...withdrawn } = rows.find((row) => !isResult(row)) ?? {};
  expect(withdrawn).toEqual(shown[0]);
});

it('shows a rate to four decimals, halves up: 57 of 800 are 0.0713', async () => {
  const acts = Array.from({ length: 857 }, (_, n) =>
    behaved('01:00:00', String(n % 800), n < 800 ? 'pv' : 'cart', 'i', 'c'),
  );
  const { rows } = await runActs(funnel.build(), acts, { lanes: 1, batch: 100 });
  for (const category of ['c', 'all']) {
    expect(inFirstHour(rows, category)).toMatchObject({ viewers: 800, viewToCart: 0.0713 });
  }
});

it('is what plain loops make of any events, with ids of all kinds, ties, and any `top` and `size`', async () => {
  const id = fc.constantFrom(
    '1',
    '10',
    '9',
    '007',
    '-1',
    '1000000000000000',
    'a',
    '\uffff',
    '😀',
    'all',
  );
  const act = fc
    .record({
      userId: id,
      categoryId: id,
      itemId: fc.constantFrom('1', '2', '3'),
      behavior: fc.constantFrom<Act['behavior']>('pv', 'pv', 'pv', 'cart', 'fav', 'buy'),
      minute: fc.nat({ max: 150 }),
    })
    .map(({ minute, ...each }) => ({ ...each, timestamp: Date.UTC(2017, 10, 26, 1, minute) }));
  const setup = fc.record({
    lanes: fc.constantFrom(1, 3),
    batch: fc.constantFrom(7, 1_000),
    top: fc.constantFrom(1, 3, 50),
    minutes: fc.constantFrom(7, 60),
  });
  let withTies = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 80 }), setup, async (drawn, how) => {
      const acts = drawn.toSorted((a, b) => a.timestamp - b.timestamp);
      const { top, minutes } = how;
      const expected = funnelOf(acts, { top, sizeMs: minutes * 60_000 });
      for (const { ranking = [] } of expected as { ranking?: { count: number }[] }[]) {
        if (new Set(ranking.map(({ count }) => count)).size < ranking.length) withTies += 1;
      }
      const job = funnel.build({ top: String(top), size: `${minutes}min` });
      const { rows } = await runActs(job, acts, how);
      expect(unlike(rows, expected)).toEqual(alike(expected));
    }),
  );
  expect(withTies).toBeGreaterThan(0);
});
