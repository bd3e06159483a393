/** What a declaration gives, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { JobDefinitionError } from '../../../../shared/errors.ts';
import { sequence } from '../../../../shared/job/pattern/sequence.ts';
import { MATCH_EVENTS_MAX } from '../../../../shared/job/pattern/steps.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../../../shared/model/time.ts';
import { is } from '../../operators/pattern/letters.ts';

const a = sequence('a', is('a'));

describe('a declaration', () => {
  it('gives its steps in order, with how close and how often', () => {
    const pattern = a.times(2).consecutive().next('b', is('b')).followedBy('c', is('c')).times(3);
    expect(pattern.within(seconds(2))).toMatchObject({
      steps: [
        { name: 'a', times: 2, repeats: 'strict' },
        { name: 'b', follows: 'strict', times: 1 },
        { name: 'c', follows: 'relaxed', times: 3, repeats: 'relaxed' },
      ],
      within: 2_000,
    });
  });

  it('leaves the beginning it goes on from as it was', () => {
    a.times(3);
    a.next('b', is('b'));
    expect(a.unbounded().steps).toMatchObject([{ name: 'a', times: 1 }]);
  });

  it('has another shape whenever partial matches would mean something else', () => {
    const shapes = [
      a.unbounded(),
      a.within(seconds(2)),
      a.within(seconds(3)),
      a.times(2).unbounded(),
      a.times(3).unbounded(),
      a.times(2).consecutive().unbounded(),
      a.next('b', is('b')).unbounded(),
      a.followedBy('b', is('b')).unbounded(),
      a.followedBy('c', is('c')).unbounded(),
      sequence('b', is('a')).unbounded(),
    ].map(({ shape }) => shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('has a shape that a person can read', () => {
    const pattern = a.times(2).consecutive().next('b', is('b')).within(minutes(15));
    expect(pattern.shape).toBe('a 2 consecutive; next b 1; within 900000');
  });
});

describe('a declaration refuses', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MATCH_EVENTS_MAX + 1])(
    'to repeat a step %s times',
    (count) => {
      expect(() => a.times(count)).toThrow(JobDefinitionError);
    },
  );

  it('a match of more events than the limit, over all steps', () => {
    const half = MATCH_EVENTS_MAX / 2;
    const whole = a.times(half).next('b', is('b')).times(half);
    expect(() => whole.unbounded()).not.toThrow();
    expect(() => whole.next('c', is('c'))).toThrow(`${MATCH_EVENTS_MAX} is the most`);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('a within of %s ms', (within) => {
    expect(() => a.within(milliseconds(within))).toThrow(JobDefinitionError);
  });

  it('a within that is no number at all', () => {
    expect(() => a.within(undefined as unknown as Duration)).toThrow(JobDefinitionError);
  });

  it('the name of an earlier step, also where types do not see it', () => {
    const name: string = 'a';
    expect(() => a.next(name, is('b'))).toThrow('two steps named "a"');
    expect(() => a.next('b', is('b')).followedBy(name, is('a'))).toThrow(JobDefinitionError);
  });

  it.each(['', ' ', '1st', '__proto__', 'a;b', 'a b', 'x'.repeat(65)])(
    'a step named %j',
    (name) => {
      expect(() => sequence(name, is('a'))).toThrow(JobDefinitionError);
    },
  );
});
