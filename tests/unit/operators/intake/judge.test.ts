/** Whether an entry is an event of the job at all. */
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import { NO_WATERMARK } from '../../../../shared/model/time.ts';
import { judge, readerOf } from '../../../../shared/operators/intake/judge.ts';
import { advanceClock, type LaneClock } from '../../../../shared/operators/intake/progress.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { entriesOf } from '../../../support/entries.ts';
import { at, knocksJob, signal, signals, T0 } from '../../../support/signals.ts';
import { threw } from '../../../support/threw.ts';

const JOB = knocksJob({ filter: ({ kind }) => kind !== 'noise' });
const judged = (value: unknown, job = JOB) =>
  judge(readerOf(job, 'signals'), entriesOf([value])[0] as Entry);

describe('an entry', () => {
  it('is taken with its event and time, or filtered with both', () => {
    const event = signal('a', 'knock', 3);
    expect(judged(event)).toEqual({ kind: 'taken', event, at: at(3) });
    expect(judged({ ...event, kind: 'noise', more: 1 })).toMatchObject({
      kind: 'filtered',
      at: at(3),
    });
  });

  it.each([
    ['is not decoded', 'is not JSON: oops', 'is not JSON: oops'],
    ['has a field too few', { key: 'a', time: T0 }, 'kind: '],
    ['is null', null, 'event: '],
  ])('that %s is dead with its reason', (_, value, reason) => {
    expect(judged(value)).toMatchObject({ kind: 'dead', reason: expect.stringContaining(reason) });
  });

  it.each([499, 500, 501])('that makes the job throw %s characters keeps 500 of them', (length) => {
    const throwing = knocksJob({
      filter: () => {
        throw new Error('x'.repeat(length));
      },
    });
    const found = judged(signal('a', 'knock', 3), throwing);
    const said = `${'x'.repeat(Math.min(length, 500))}${length > 500 ? '…' : ''}`;
    expect(found).toMatchObject({ kind: 'dead', reason: threw(said) });
  });

  it.each([
    [315_532_799_999, 'dead'],
    [315_532_800_000, 'taken'],
    [T0 / 1_000, 'dead'],
    [-1, 'dead'],
    [CLOCK_START + minutes(10), 'taken'],
    [CLOCK_START + minutes(10) + 1, 'dead'],
  ])('of time %d is %s', (time, kind) => {
    expect(judged({ ...signal('a', 'knock', 0), time })).toMatchObject({ kind });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])('of time %s is dead', (time) => {
    const source = { ...signals, eventTime: () => time as never };
    const job = { ...JOB, sources: [source] } as unknown as typeof JOB;
    expect(judged(signal('a', 'knock', 0), job)).toMatchObject({
      kind: 'dead',
      reason: expect.stringMatching(
        /^event time is .*, and must be a number of epoch milliseconds$/,
      ),
    });
  });

  it.each(['parse', 'eventTime'])("on which the source's %s throws is dead", (name) => {
    const fail = () => {
      throw new Error('cannot');
    };
    const job = { ...JOB, sources: [{ ...signals, [name]: fail }] } as unknown as typeof JOB;
    const reason = threw('cannot');
    expect(judged(signal('a', 'knock', 0), job)).toEqual({ kind: 'dead', reason });
  });

  it('is never judged by a job that does not read its stream', () => {
    expect(() => readerOf(JOB, 'other')).toThrow(InvariantViolation);
  });
});

describe("a lane's clock", () => {
  it('goes by the greatest event time, trails by the disorder, and never back', () => {
    const clock: LaneClock = { greatest: undefined, watermark: NO_WATERMARK, hasValid: false };
    const seen = [5, 9, 7, 9, 20].map((second) => {
      advanceClock(clock, at(second), seconds(3));
      return (clock.watermark - T0) / 1_000;
    });
    expect(seen).toEqual([2, 6, 6, 6, 17]);
    expect(clock.hasValid).toBe(true);
  });

  it('keeps a watermark that an idle jump or a parent has moved further', () => {
    const clock = { greatest: undefined, watermark: at(50) as never, hasValid: false };
    advanceClock(clock, at(40), seconds(0));
    expect(clock).toMatchObject({ greatest: at(40), watermark: at(50) });
  });
});
