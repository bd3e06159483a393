/** The oracle of window jobs answers small inputs as one would by hand: which windows take an event, and what moves W. */
import { describe, expect, it } from 'vitest';
import type { WindowAnalysis } from '../analyses/analysis.ts';
import { traffic } from '../analyses/windows.ts';
import type { Behavior, Fact } from '../truth.ts';
import { expectedWindows } from './windows.ts';

const ANALYSIS: WindowAnalysis<Behavior> = {
  kind: 'window',
  reach: 15,
  horizon: 10,
  size: 10,
  slide: 5,
  offset: 0,
  lateness: 3,
  outOfOrderness: 2,
  moments: () => [],
  maxFutureSkew: 1_000,
  accepts: ({ behavior }) => behavior === 'pv',
  rows: traffic,
};

const START = Date.UTC(2020, 0, 1);

const event = (at: number, change: Partial<Behavior> = {}): Fact => ({
  kind: 'event',
  index: 0,
  raw: Buffer.from('raw'),
  event: {
    userId: 'u',
    itemId: 'i',
    categoryId: 'c',
    behavior: 'pv',
    timestamp: START + at,
    ...change,
  },
});

const given = (...facts: Fact[]) =>
  expectedWindows(ANALYSIS as WindowAnalysis, Number.POSITIVE_INFINITY, {
    job: 'job@1',
    lanes: [
      {
        lane: 's/0',
        parents: [],
        takes: () => true,
        records: facts.map((fact, i) => ({ sequence: `${i}`, arrival: START, facts: [fact] })),
      },
    ],
    isAdmitted: () => true,
  });

const countsIn = (expected: ReturnType<typeof given>) =>
  [...expected.windows].map(([end, events]) => [end - START, events.length]).sort();

describe('the oracle of window jobs', () => {
  it('counts an event in every window that holds it', () => {
    expect(countsIn(given(event(7)))).toEqual([
      [10, 1],
      [15, 1],
    ]);
  });

  it('counts an event in those of its windows that still take it', () => {
    // W is 13 after the first: too late for the window that ends at 10.
    expect(countsIn(given(event(15), event(7)))).toEqual([
      [15, 1],
      [20, 1],
      [25, 1],
    ]);
    expect(given(event(15), event(7)).inEditions).toBe(1);
  });

  it('calls an event late when none of its windows takes it', () => {
    const { side, lanes } = given(event(20), event(7));
    expect(side.map(({ kind, position }) => [kind, position])).toEqual([['late', '1/0']]);
    expect(lanes.get('s/0')?.counts).toEqual({ accepted: 1, filtered: 0, late: 1, dead: 0 });
  });

  it('moves the watermark with filtered events, and not with dead ones', () => {
    expect(given(event(9, { behavior: 'buy' })).lanes.get('s/0')?.watermark).toBe(START + 7);
    expect(given(event(9, { flaw: 'poison' })).lanes.get('s/0')?.watermark).toBe(-Infinity);
  });
});
