/** What a transition tells besides its matches: steps by name, timers, state and its limits. */
import { describe, expect, it } from 'vitest';
import { InvariantViolation, PoisonEventError } from '../../../../shared/errors.ts';
import {
  type Pattern,
  type PatternEvent,
  sequence,
} from '../../../../shared/job/pattern/sequence.ts';
import { eventTime, seconds } from '../../../../shared/model/time.ts';
import { advance, timeOut } from '../../../../shared/operators/pattern/advance.ts';
import {
  OPEN_MATCHES_MAX,
  type PatternState,
  STATE_BYTES_MAX,
} from '../../../../shared/operators/pattern/state.ts';
import { is, type Letter, type Moment, moments, run } from './letters.ts';

const ab = sequence('a', is('a')).followedBy('b', is('b'));
const at = (label: string, ms: number): PatternEvent<Letter> => ({
  event: { label },
  at: eventTime(ms),
  position: `17/${ms}`,
});
const stateAfter = (pattern: Pattern<Letter>, input: string): PatternState | undefined =>
  run(pattern, moments(input)).state;

describe('a match', () => {
  it('has its events in order, and by step', () => {
    const pattern = sequence('fail', is('f')).times(2).next('success', is('s')).unbounded();
    const state = stateAfter(pattern, 'f1 f2');
    const [match] = advance(pattern, state, at('s1', 5_000)).matches;
    expect(match?.events.map(({ event }) => event.label)).toEqual(['f1', 'f2', 's1']);
    expect(match?.steps['fail']).toEqual(match?.events.slice(0, 2));
    expect(match?.steps['success']).toEqual([at('s1', 5_000)]);
  });

  it('that timed out has no entry for a step that took nothing', () => {
    const pattern = ab.within(seconds(2));
    const { state } = advance(pattern, undefined, at('a', 1));
    expect(timeOut(pattern, state, eventTime(2_001)).timedOut).toEqual([
      { events: [at('a', 1)], steps: { a: [at('a', 1)] }, at: 2_001 },
    ]);
  });
});

describe('timers', () => {
  it('are set by an event that begins a partial match, and by no other', () => {
    const pattern = ab.within(seconds(2));
    expect(run(pattern, moments('x@0 a1@10 a2@20 x@30 b@40')).timers).toEqual([2_010, 2_020]);
  });

  it('are not set where the first event is the whole match, or without a within', () => {
    expect(run(sequence('a', is('a')).within(seconds(2)), moments('a')).timers).toEqual([]);
    expect(run(ab.unbounded(), moments('a x b')).timers).toEqual([]);
  });

  it('are set anew by an event that finds the former match timed out', () => {
    expect(run(ab.within(seconds(2)), moments('a1@0 a2@2000')).timers).toEqual([2_000, 4_000]);
  });
});

describe('the state', () => {
  it('is nothing where no partial match is open', () => {
    expect(stateAfter(ab.within(seconds(2)), 'a b x')).toBeUndefined();
    expect(stateAfter(ab.within(seconds(2)), 'a W@2000')).toBeUndefined();
    expect(
      stateAfter(sequence('a', is('a')).next('b', is('b')).unbounded(), 'a x'),
    ).toBeUndefined();
  });

  it('is the very one that was given where nothing changed', () => {
    const pattern = ab.within(seconds(2));
    const state = stateAfter(pattern, 'a1@0 a2@1');
    expect(advance(pattern, state, at('x', 5)).state).toBe(state);
    expect(timeOut(pattern, state, eventTime(1_999)).state).toBe(state);
    expect(timeOut(pattern, undefined, eventTime(1_999)).state).toBeUndefined();
  });

  it('is not changed by a transition', () => {
    const pattern = sequence('a', is('a')).times(3).within(seconds(9));
    const state = stateAfter(pattern, 'a1@0 a2@1');
    const copy = structuredClone(state);
    advance(pattern, state, at('a3', 5));
    timeOut(pattern, state, eventTime(9_000));
    expect(state).toEqual(copy);
  });

  it('holds an event once, however many partial matches took it, and names runs of them', () => {
    const state = stateAfter(sequence('a', is('a')).times(4).unbounded(), 'a1 a2 a3');
    expect(state?.events.map(([, , event]) => event)).toEqual(
      ['a1', 'a2', 'a3'].map((label) => ({ label })),
    );
    expect(state?.partial).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  it('forgets events that no partial match holds any more', () => {
    const pattern = sequence('a', is('a')).followedBy('b', is('b')).next('c', is('c')).unbounded();
    // a1 and b1 go when a2, which is no c, breaks their match; a2 begins its own and takes b2.
    const state = stateAfter(pattern, 'a1 b1 a2 b2');
    expect(state).toMatchObject({ partial: [[0, 1]] });
    expect(state?.events.map(([, , event]) => event)).toEqual([{ label: 'a2' }, { label: 'b2' }]);
  });
});

describe('a key', () => {
  const pattern = ab.unbounded();
  const many = (count: number): Moment[] =>
    Array.from({ length: count }, (_, i) => ({ label: `a${i}`, at: i }));
  const full = run(pattern, many(OPEN_MATCHES_MAX)).state;

  it('has so many partial matches and no more: the event that begins another is poison', () => {
    expect(full?.partial).toHaveLength(OPEN_MATCHES_MAX);
    expect(() => advance(pattern, full, at('a', 5_000))).toThrow(PoisonEventError);
    expect(() => advance(pattern, full, at('a', 5_000))).toThrow(/1000 partial matches/);
  });

  it('that is full still takes what begins none', () => {
    expect(advance(pattern, full, at('x', 5_000)).state).toBe(full);
    expect(advance(pattern, full, at('b', 5_000)).matches).toHaveLength(OPEN_MATCHES_MAX);
  });

  it('that is full takes beginnings again once the old ones have timed out', () => {
    const timed = ab.within(seconds(5));
    const { state } = run(timed, many(OPEN_MATCHES_MAX));
    expect(() => advance(timed, state, at('a', 4_999))).toThrow(PoisonEventError);
    expect(advance(timed, state, at('a', 5_000)).timedOut).toHaveLength(1);
  });

  it('is limited by size too, before its item could no longer be written', () => {
    const label = `a${'é'.repeat(STATE_BYTES_MAX / 8)}`;
    const three = run(pattern, moments(`${label}@0 ${label}@1 ${label}@2`)).state;
    expect(Buffer.byteLength(JSON.stringify(three))).toBeLessThan(STATE_BYTES_MAX);
    expect(() => advance(pattern, three, at(label, 3))).toThrow(/bytes/);
    expect(() => advance(pattern, three, at(label, 3))).toThrow(PoisonEventError);
  });

  it('never takes more room than is counted', () => {
    const loops = sequence('a', is('ab')).times(2).followedBy('c', is('c')).times(40).unbounded();
    const input = Array.from({ length: 300 }, (_, i) => ({ label: 'abcc'.charAt(i % 4), at: i }));
    const { state } = run(loops, input);
    const counted = (state?.events ?? []).reduce((sum, [, , , bytes]) => sum + bytes, 0);
    const indexes = (state?.partial ?? []).flat().length * 5;
    expect(state?.partial.length).toBeGreaterThan(20);
    expect(JSON.stringify(state).length).toBeLessThanOrEqual(counted + indexes + 26);
  });
});

describe('a transition', () => {
  it('lets what a condition throws through', () => {
    const broken = sequence<Letter>('a', () => {
      throw new TypeError('no such field');
    }).unbounded();
    expect(() => advance(broken, undefined, at('a', 1))).toThrow('no such field');
  });

  it('refuses an event that is older than one already taken', () => {
    const state = stateAfter(ab.unbounded(), 'a@5');
    expect(() => advance(ab.unbounded(), state, at('b', 4))).toThrow(InvariantViolation);
  });

  it('refuses partial matches that are longer than the pattern', () => {
    const state = stateAfter(sequence('a', is('a')).times(3).unbounded(), 'a1 a2');
    expect(() => advance(sequence('a', is('a')).unbounded(), state, at('a', 9_000))).toThrow(
      InvariantViolation,
    );
  });
});
