/** Which events of a pattern job wait, which are late, and how far the watermark comes. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../../shared/index.ts';
import { totalOf } from '../../../../shared/model/counts.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import type { Admission } from '../../../../shared/operators/intake/intake.ts';
import { NO_PROGRESS } from '../../../../shared/operators/intake/progress.ts';
import {
  type PatternRange,
  takeInPattern,
} from '../../../../shared/operators/pattern/patternIntake.ts';
import { takeInStatus } from '../../../../shared/operators/status/statusIntake.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { entriesOf } from '../../../support/entries.ts';
import { at, knocksJob, signal, T0, tasksJob } from '../../../support/signals.ts';
import { everything } from '../window/folding.ts';

const JOB = knocksJob({
  maxOutOfOrderness: seconds(10),
  filter: ({ kind }) => kind !== 'noise',
  key: ({ key }) => {
    if (key === 'poison') throw new Error('no key');
    return key;
  },
});
const IDLE = seconds(60);

function intake(
  entries: readonly Entry[],
  range: Partial<PatternRange> & { readonly watermark?: number } = {},
) {
  const { watermark, ...rest } = range;
  const start = {
    ...NO_PROGRESS,
    ...(watermark === undefined ? {} : { watermark: watermarkAt(watermark) }),
  };
  return takeInPattern(JOB, start, {
    stream: 'signals',
    entries,
    from: 0,
    to: entries.length,
    eventsMax: Number.POSITIVE_INFINITY,
    heldUntil: undefined,
    lastArrival: undefined,
    idleAfter: IDLE,
    admissionOf: everything,
    ...rest,
  });
}

const knock = (second: number, key = 'a') => signal(key, 'knock', second);
/** Entries, each with seconds after the clock's start at which it arrived. */
const arriving = (seen: readonly (readonly [value: unknown, arrival: number])[]): Entry[] =>
  entriesOf(seen.map(([value]) => value)).map((entry, n) => ({
    ...entry,
    arrival: arrivalTime(CLOCK_START + (seen[n]?.[1] ?? 0) * 1_000),
  }));

describe('an event', () => {
  it.each([
    [-0.001, 'late'],
    [0, 'accepted'],
    [0.001, 'accepted'],
  ])('%d s from the watermark is %s', (second, outcome) => {
    const { counts, side, brought } = intake(entriesOf([knock(second)]), { watermark: at(0) });
    expect(counts).toMatchObject({ [outcome]: 1 });
    expect(totalOf(counts)).toBe(1);
    expect(brought).toHaveLength(outcome === 'late' ? 0 : 1);
    expect(side).toHaveLength(outcome === 'late' ? 1 : 0);
  });

  it('is judged by what its own lane has seen just before it', () => {
    const { counts, watermark, brought } = intake(
      entriesOf([knock(0), knock(30), knock(19.999), knock(20), knock(35)]),
    );
    expect(counts).toEqual({ accepted: 4, filtered: 0, late: 1, dead: 0 });
    expect(watermark).toBe(at(25));
    expect(brought.map((held) => (held.at - T0) / 1_000)).toEqual([0, 30, 20, 35]);
  });

  it('moves the clock if it is filtered or late, and not if it is dead', () => {
    const noise = signal('a', 'noise', 100);
    expect(intake(entriesOf([noise]))).toMatchObject({ watermark: at(90), hasValid: true });
    for (const dead of ['garbage', knock(100, 'poison'), { key: 1 }]) {
      const { watermark, hasValid, counts } = intake(entriesOf([dead]));
      expect({ watermark, hasValid, dead: counts.dead }).toEqual({
        watermark: NO_WATERMARK,
        hasValid: false,
        dead: 1,
      });
    }
  });
});

describe('the idle jump', () => {
  it.each([
    [59.999, at(90)],
    [60, at(100) + 1],
    [60.001, at(100) + 1],
  ])('after a gap of %d s between arrivals', (gap, met) => {
    const entries = arriving([
      [knock(100), 0],
      [knock(50), gap],
    ]);
    const { side, counts } = intake(entries);
    expect(counts).toMatchObject({ accepted: 1, late: 1 });
    expect(side[0]?.watermark).toBe(met);
  });

  it('goes by the arrival before it, garbage included', () => {
    const entries = arriving([
      [knock(100), 0],
      ['garbage', 40],
      [knock(95), 80],
    ]);
    expect(intake(entries).counts).toMatchObject({ accepted: 2, dead: 1, late: 0 });
  });

  it('is made by garbage, too', () => {
    const { watermark } = intake(
      arriving([
        [knock(100), 0],
        ['garbage', 60],
      ]),
    );
    expect(watermark).toBe(at(100) + 1);
  });

  it('comes before the first event of a packed record, whose events arrived together', () => {
    const [first, second, third] = arriving([
      [knock(100), 0],
      [knock(100), 60],
      [knock(101), 60],
    ]) as [Entry, Entry, Entry];
    const packed = { ...third, sequence: second.sequence, index: 1 };
    expect(intake([first, second, packed]).counts).toMatchObject({ accepted: 2, late: 1 });
  });

  it('passes what earlier batches left waiting, and knows when they arrived', () => {
    const lastArrival = arrivalTime(CLOCK_START - 60_000);
    const found = intake(arriving([[knock(95), 0]]), { lastArrival, heldUntil: at(100) });
    expect(found).toMatchObject({ watermark: at(100) + 1, counts: { late: 1 } });
    expect(intake(arriving([[knock(95), 0]]), { lastArrival }).counts).toMatchObject({ late: 0 });
  });

  it('never moves the clock back, nor by an arrival that is out of order', () => {
    const found = intake(
      arriving([
        [knock(100), 100],
        [knock(101), 20],
        [knock(102), 130],
      ]),
      { watermark: at(95) },
    );
    expect(found).toMatchObject({ watermark: at(95), lastArrival: CLOCK_START + 130_000 });
  });
});

describe('what does not enter as an event of the stream', () => {
  const redriven = () => ({ kind: 'redriven', watermark: watermarkAt(at(-500)) }) as const;

  it.each([
    [-0.001, { late: 1, accepted: 0 }],
    [0, { late: 0, accepted: 1 }],
  ])('a redriven event %d s from the present watermark is judged by that one', (second, counts) => {
    const found = intake(entriesOf([knock(second)]), { watermark: at(0), admissionOf: redriven });
    expect(found).toMatchObject({ counts, watermark: at(0), hasValid: false, greatest: undefined });
  });

  it.each<[Admission, object]>([
    [redriven(), { accepted: 1 }],
    [{ kind: 'skipped' }, { accepted: 0, filtered: 1 }],
    [{ kind: 'misplaced' }, { accepted: 0, filtered: 1, misplaced: 1 }],
    [
      { kind: 'refused', reason: 'forged' },
      { accepted: 0, dead: 1 },
    ],
  ])('never moves the clock: $0.kind', (admission, counts) => {
    const found = intake(entriesOf([knock(500)]), { admissionOf: () => admission });
    expect(found).toMatchObject({ watermark: NO_WATERMARK, counts, hasValid: false });
  });
});

describe('the intake of a status job', () => {
  const tasks = tasksJob({ filter: ({ kind }) => kind !== 'noise' });
  const range = (entries: readonly Entry[], to = entries.length) => ({
    stream: 'signals',
    entries,
    from: 0,
    to,
    eventsMax: Number.POSITIVE_INFINITY,
    admissionOf: everything as (entry: Entry) => Admission,
  });
  const start = { ...NO_PROGRESS, watermark: watermarkAt(at(50)) };

  it('calls nothing late, keeps the order, and counts each once', () => {
    const values = [
      knock(3, 'b'),
      knock(1, 'a'),
      signal('a', 'noise', 70),
      'garbage',
      knock(2, 'b'),
    ];
    const found = takeInStatus(tasks, start, range(entriesOf(values)));
    expect(found.counts).toEqual({ accepted: 3, filtered: 1, late: 0, dead: 1 });
    expect(found.watermark).toBe(at(70));
    expect(found.events.map(({ key }) => key)).toEqual(['b', 'a', 'b']);
  });

  it.each([1, 2, 3])(
    'goes on to event %s and what is none behind it, and says where it stopped',
    (n) => {
      const values = ['garbage', knock(1), 'garbage', knock(2), 'garbage', 'garbage'];
      const found = takeInStatus(tasks, start, {
        ...range(entriesOf(values)),
        eventsMax: n,
      });
      expect(found.to).toBe([2, 4, 6][n - 1]);
      expect(found.counts).toMatchObject({ accepted: Math.min(n, 2), dead: [1, 2, 4][n - 1] });
    },
  );

  it.each<[Admission, object]>([
    [{ kind: 'redriven', watermark: NO_WATERMARK }, { accepted: 1 }],
    [{ kind: 'skipped' }, { accepted: 0, filtered: 1 }],
    [{ kind: 'misplaced' }, { accepted: 0, filtered: 1, misplaced: 1 }],
    [
      { kind: 'refused', reason: 'forged' },
      { accepted: 0, dead: 1 },
    ],
  ])(
    'leaves the clock where an event does not enter as one of the stream: $0.kind',
    (admission, counts) => {
      const admitted = { ...range(entriesOf([knock(99)])), admissionOf: () => admission };
      const found = takeInStatus(tasks, start, admitted);
      expect(found).toMatchObject({ counts, watermark: at(50), hasValid: false });
    },
  );
});
