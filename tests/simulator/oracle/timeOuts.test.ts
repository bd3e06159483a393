/** The oracle of pattern jobs gives up matches as one would by hand: when, which, and which not any more. */
import { describe, expect, it } from 'vitest';
import type { PatternAnalysis } from '../analyses/analysis.ts';
import { checkouts } from '../analyses/checkouts.ts';
import type { OrderEvent } from '../truth.ts';
import { expectedPatterns } from './patterns.ts';

const START = Date.UTC(2020, 0, 1);
const ANALYSIS = checkouts({
  within: 5_000,
  outOfOrderness: 0,
  maxFutureSkew: 600_000,
}) as PatternAnalysis;

interface Put {
  /** Milliseconds of event time. */
  readonly at: number;
  /** Milliseconds of arrival; by default the same. */
  readonly arrival?: number;
  readonly type?: 'create' | 'pay';
  readonly orderId?: string;
}

const lane = (name: string, parents: readonly string[], ...puts: Put[]) => ({
  lane: name,
  parents,
  takes: () => true,
  records: puts.map(({ at, arrival = at, type = 'create', orderId = 'o' }, i) => {
    const event: OrderEvent = { orderId, type, timestamp: START + at };
    const fact = { kind: 'event' as const, index: 0, raw: Buffer.from(''), event };
    return { sequence: `${9 + i}`, arrival: START + arrival, facts: [fact] };
  }),
});

const given = (lanes: ReturnType<typeof lane>[], inputEnds: number[] = []) =>
  expectedPatterns(
    ANALYSIS,
    {
      idleAfter: 60_000,
      stateRetention: 20_000,
      inputEnds: inputEnds.map((at) => START + at),
    },
    { job: 'checkout@1', lanes, isAdmitted: () => true },
  );

const duesOf = ({ timeOuts }: ReturnType<typeof given>) =>
  timeOuts.map(({ due }) => Number(due) - START);

const other = (at: number, arrival = at): Put => ({ at, arrival, orderId: 'p', type: 'pay' });

describe('the oracle of matches that time out', () => {
  it('gives up a match when W is just there, and not a millisecond before', () => {
    expect(duesOf(given([lane('s/0', [], { at: 0 }, other(5_000))]))).toEqual([5_000]);
    // The last event of all is let go by a jump to 1 ms past it.
    expect(duesOf(given([lane('s/0', [], { at: 0 }, other(4_999))]))).toEqual([5_000]);
    expect(duesOf(given([lane('s/0', [], { at: 0 }, other(4_998))]))).toEqual([]);
  });

  it('takes a pay a millisecond before, and none just then', () => {
    const paid = given([lane('s/0', [], { at: 0 }, { at: 4_999, type: 'pay' }, other(9_000))]);
    expect([paid.alerts.length, duesOf(paid)]).toEqual([1, []]);
    const late = given([lane('s/0', [], { at: 0 }, { at: 5_000, type: 'pay' }, other(9_000))]);
    expect([late.alerts.length, duesOf(late)]).toEqual([0, [5_000]]);
  });

  it('gives up nothing of a key that was forgotten first', () => {
    const before = { at: 4_999, arrival: 20_001 };
    expect(duesOf(given([lane('s/0', [], { at: 0 }, before, other(6_000, 20_001))]))).toEqual([]);
    const then = { at: 5_000, arrival: 20_001 };
    expect(duesOf(given([lane('s/0', [], { at: 0 }, then, other(6_000, 20_001))]))).toEqual([
      5_000,
    ]);
  });

  it('goes on in the child, whose W begins where its parents ended', () => {
    const parents = [lane('s/0', [], { at: 0 }), lane('s/1', [], other(7_000))];
    expect(duesOf(given([...parents.slice(0, 1)]))).toEqual([]);
    const child = lane('s/2', ['s/0', 's/1'], { ...other(7_001), type: 'create' });
    expect(duesOf(given([...parents, child]))).toEqual([5_000]);
  });

  it('gives up everything where the input ends, and moves W to it, also for what was paid', () => {
    const found = given(
      [lane('s/0', [], { at: 0 }, { at: 1_000, type: 'pay' }, { at: 1_001 })],
      [2_000],
    );
    expect(duesOf(found)).toEqual([6_001]);
    expect(found.lanes.get('s/0')?.watermark).toBe(START + 6_001);
  });
});
