/** The gate in front of a window: event by event, from what was kept before. */
import { describe, expect, it } from 'vitest';
import { days, seconds } from '../../../../shared/index.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import { NO_PROGRESS } from '../../../../shared/operators/intake/progress.ts';
import type { KeyedStates } from '../../../../shared/operators/redo.ts';
import { openGate } from '../../../../shared/operators/window/gateFold.ts';
import { foldWindow } from '../../../../shared/operators/window/windowFold.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { entriesOf } from '../../../support/entries.ts';
import { at, gatedJob, signal } from '../../../support/signals.ts';
import { threw } from '../../../support/threw.ts';
import { everything } from './folding.ts';

const JOB = gatedJob();
const GATE = JOB.gate as NonNullable<typeof JOB.gate>;
const stored = (state: number, arrival = CLOCK_START as number): KeyedStates =>
  new Map([['a', { state, arrival: arrivalTime(arrival) }]]);
const entry = (extra: Partial<Entry> = {}) => entriesOf([signal('a', 'x', 0)], extra)[0] as Entry;
const decide = (states?: KeyedStates, extra: Partial<Entry> = {}) => {
  const gate = openGate(GATE, states);
  return { verdict: gate.decide(entry(extra), signal('a', 'x', 0)), redo: gate.redo() };
};

describe('a decision', () => {
  it('is made from what is stored, and from nothing where nothing is', () => {
    expect(decide().redo.states.get('a')?.state).toBe(1);
    expect(decide(stored(1)).verdict).toBe('pass');
    expect(decide(stored(2)).verdict).toBe('filter');
    expect(decide(stored(2)).redo.alerts).toEqual([
      { table: 'blocked', row: { key: 'a', id: 'blocked' } },
    ]);
    expect(decide(stored(3)).redo.alerts).toEqual([]);
  });

  it('sees the decisions before it', () => {
    const gate = openGate(GATE);
    const verdicts = [1, 2, 3, 4].map(() => gate.decide(entry(), signal('a', 'x', 0)));
    expect(verdicts).toEqual(['pass', 'pass', 'filter', 'filter']);
    expect(gate.redo().alerts).toHaveLength(1);
  });

  it.each([
    [days(1) - 1, 3],
    [days(1), 3],
    [days(1) + 1, 1],
  ])('%d ms of arrival after the last of its key counts %i', (ms, count) => {
    const { redo } = decide(stored(2), { arrival: arrivalTime(CLOCK_START + ms) });
    expect(redo.states.get('a')?.state).toBe(count);
  });

  it('that throws is a reason, and leaves the key as it was', () => {
    const broken = {
      ...GATE,
      decide: () => {
        throw new Error('cannot decide');
      },
    };
    const gate = openGate(broken, stored(1));
    const reason = threw('cannot decide');
    expect(gate.decide(entry(), signal('a', 'x', 0))).toEqual({ reason });
    expect(gate.redo()).toEqual({ states: new Map(), alerts: [] });
  });
});

describe('a window behind a gate', () => {
  const fold = (values: readonly unknown[], gate: KeyedStates = new Map(), job = JOB) => {
    const entries = entriesOf(values);
    const range = { stream: 'signals', entries, from: 0, to: entries.length, gate };
    return foldWindow(job, NO_PROGRESS, { ...range, admissionOf: everything });
  };
  const clicks = (...secondsAfter: number[]) => secondsAfter.map((s) => signal('a', 'x', s));

  it('gets what passes; the rest counts as filtered and still moves the clock', () => {
    const { counts, watermark } = fold(clicks(0, 1, 2, 90));
    expect(counts).toEqual({ accepted: 2, filtered: 2, late: 0, dead: 0 });
    expect(watermark).toBe(at(90));
  });

  it('is asked about late events, too, in the order of the stream', () => {
    const { counts, redo } = fold(clicks(90, 0, 91));
    expect(counts).toEqual({ accepted: 1, filtered: 1, late: 1, dead: 0 });
    expect(redo?.states.get('a')?.state).toBe(3);
  });

  it('comes to the same wherever it is cut', () => {
    const values = clicks(0, 70, 3, 71);
    const whole = fold(values);
    for (let cut = 0; cut <= values.length; cut += 1) {
      const first = fold(values.slice(0, cut));
      const entries = entriesOf(values);
      const start = { ...first, totals: first.counts };
      const range = { stream: 'signals', from: cut, to: entries.length, admissionOf: everything };
      const gate = first.redo?.states ?? new Map();
      const second = foldWindow(JOB, start, { ...range, entries, gate });
      expect(second.watermark).toBe(whole.watermark);
      const state = second.redo?.states.get('a') ?? first.redo?.states.get('a');
      expect(state).toEqual(whole.redo?.states.get('a'));
      expect(second.counts.accepted + first.counts.accepted).toBe(whole.counts.accepted);
    }
  });

  it('decides once, although what throws behind it is folded anew', () => {
    const job = {
      ...JOB,
      aggregate: {
        ...JOB.aggregate,
        add(into: unknown, event: unknown) {
          if ((event as { kind: string }).kind === 'poison') throw new Error('no');
          return JOB.aggregate.add(into as never, event as never);
        },
      },
    } as typeof JOB;
    const { counts, redo } = fold([signal('a', 'poison', 0), ...clicks(1, 2)], new Map(), job);
    expect(counts).toEqual({ accepted: 1, filtered: 1, late: 0, dead: 1 });
    expect(redo?.states.get('a')?.state).toBe(3);
    expect(redo?.alerts).toHaveLength(1);
  });

  it('starts from a watermark that is none', () => {
    expect(fold([]).watermark).toBe(NO_WATERMARK);
    expect(fold(clicks(1)).watermark).toBe(watermarkAt(at(1) - seconds(0)));
  });
});
