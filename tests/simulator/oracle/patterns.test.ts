/** The oracle of pattern jobs answers small inputs as one would by hand: order, overlaps, what is late, what is let go. */
import { describe, expect, it } from 'vitest';
import type { PatternAnalysis } from '../analyses/analysis.ts';
import { failedLogins } from '../analyses/logins.ts';
import type { Login } from '../truth.ts';
import { expectedPatterns } from './patterns.ts';

const START = Date.UTC(2020, 0, 1);
const ANALYSIS = failedLogins({
  failures: 2,
  within: 2_000,
  outOfOrderness: 3_000,
  maxFutureSkew: 600_000,
}) as PatternAnalysis;

interface Put {
  /** Seconds of event time. */
  readonly at: number;
  /** Seconds of arrival; by default the same. */
  readonly arrival?: number;
  readonly outcome?: 'success' | 'fail';
  readonly userId?: string;
  readonly flaw?: 'poison';
}

const lane = (name: string, parents: readonly string[], ...puts: Put[]) => ({
  lane: name,
  parents,
  takes: () => true,
  records: puts.map(({ at, arrival = at, outcome = 'fail', userId = 'u', flaw }, i) => {
    const event: Login = {
      userId,
      ip: `ip${i}`,
      outcome,
      timestamp: START + at * 1_000,
      ...(flaw ? { flaw } : {}),
    };
    const fact = { kind: 'event' as const, index: 0, raw: Buffer.from(''), event };
    return { sequence: `${9 + i}`, arrival: START + arrival * 1_000, facts: [fact] };
  }),
});

const given = (...lanes: ReturnType<typeof lane>[]) =>
  expectedPatterns(
    ANALYSIS,
    { idleAfter: 60_000, stateRetention: 3_600_000, inputEnds: [] },
    { job: 'login-fail@2', lanes, isAdmitted: () => true },
  );

const secondsOf = ({ alerts }: ReturnType<typeof given>) =>
  alerts.map(({ alert: { content } }) =>
    [content['firstFail'], content['lastFail']].map(
      (iso) => (Date.parse(String(iso)) - START) / 1_000,
    ),
  );

describe('the oracle of pattern jobs', () => {
  it('finds overlapping matches, and none of exactly the time allowed', () => {
    const found = given(lane('s/0', [], { at: 1 }, { at: 2 }, { at: 3 }, { at: 5 }));
    expect(secondsOf(found)).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('puts events in order of time, so that a success in between breaks the chain', () => {
    const found = given(lane('s/0', [], { at: 2 }, { at: 3 }, { at: 2.5, outcome: 'success' }));
    expect(secondsOf(found)).toEqual([]);
  });

  it('names an alert by its times and the position of the last event', () => {
    const [found] = given(lane('s/0', [], { at: 2 }, { at: 1 })).alerts;
    expect(found?.alert).toMatchObject({
      key: 'u',
      id: '2020-01-01T00:00:02.000Z#2020-01-01T00:00:01.000Z#9/0',
      content: { failures: 2, ips: ['ip1', 'ip0'] },
    });
  });

  it('calls an event late when it is behind W, which trails the greatest time', () => {
    const { lanes, alerts } = given(lane('s/0', [], { at: 10 }, { at: 7 }, { at: 6.9 }));
    expect(lanes.get('s/0')?.counts).toEqual({ accepted: 2, filtered: 0, late: 1, dead: 0 });
    expect(alerts).toEqual([]);
  });

  it('lets go what is held after a gap in arrivals, so that what comes then is late', () => {
    const gap = lane('s/0', [], { at: 10 }, { at: 10, arrival: 70 }, { at: 9.5, arrival: 70 });
    const { lanes, idleJumps } = given(gap);
    expect(lanes.get('s/0')?.counts).toMatchObject({ accepted: 1, late: 2 });
    expect(idleJumps).toBe(1);
  });

  it('starts a child with the greatest W of its parents, all they held being released', () => {
    const found = given(
      lane('s/0', [], { at: 1 }),
      lane('s/1', [], { at: 5, userId: 'v' }),
      lane('s/2', ['s/0', 's/1'], { at: 5 }, { at: 5.001 }, { at: 6 }),
    );
    expect(found.lanes.get('s/2')?.counts).toMatchObject({ accepted: 2, late: 1 });
    expect(secondsOf(found)).toEqual([[5.001, 6]]);
  });

  it('takes an event on which code throws from the accepted ones when it is released', () => {
    const { lanes, alerts, side } = given(
      lane('s/0', [], { at: 1 }, { at: 1.5, flaw: 'poison' }, { at: 2 }),
    );
    expect(lanes.get('s/0')?.counts).toMatchObject({ accepted: 2, dead: 1 });
    expect(side.map(({ kind, position }) => [kind, position])).toEqual([['dead', '10/0']]);
    expect(alerts).toHaveLength(1);
  });
});
