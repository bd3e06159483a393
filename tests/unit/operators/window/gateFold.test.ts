/** The gate in front of a window: event by event, from what was kept before. */
import { describe, expect, it } from 'vitest';
import { days, seconds } from '../../../../shared/index.ts';
import { arrivalTime, NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import { NO_PROGRESS } from '../../../../shared/operators/intake/progress.ts';
import type { Changes } from '../../../../shared/operators/keyed/keyedState.ts';
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
const [SOURCE] = JOB.sources as [(typeof JOB.sources)[number]];
const stored = (state: number, arrival = CLOCK_START as number): Changes =>
  new Map([['a', { state, arrival: arrivalTime(arrival), partitionKey: 'a' }]]);
const open = (states: Changes = new Map(), gate = GATE) =>
  openGate(gate, SOURCE, { states, lastArrival: undefined });
const entry = (extra: Partial<Entry> = {}) => entriesOf([signal('a', 'x', 0)], extra)[0] as Entry;
const decide = (states?: Changes, extra: Partial<Entry> = {}) => {
  const gate = open(states);
  return { verdict: gate.decide(entry(extra), signal('a', 'x', 0)), ...gate.effects };
};

describe('a decision', () => {
  it('is made from what is stored, and from nothing where nothing is', () => {
    expect(decide().changes.get('a')?.state).toBe(1);
    expect(decide(stored(1)).verdict).toBe('pass');
    expect(decide(stored(2)).verdict).toBe('filter');
    expect(decide(stored(2)).alerts).toEqual([
      { table: 'blocked', row: { key: 'a', id: 'blocked' } },
    ]);
    expect(decide(stored(3)).alerts).toEqual([]);
  });

  it('sees the decisions before it', () => {
    const gate = open();
    const verdicts = [1, 2, 3, 4].map(() => gate.decide(entry(), signal('a', 'x', 0)));
    expect(verdicts).toEqual(['pass', 'pass', 'filter', 'filter']);
    expect(gate.effects.alerts).toHaveLength(1);
  });

  it.each([
    [days(1) - 1, 3],
    [days(1) + 59_999, 3],
    [days(1) + 60_000, 1],
  ])('%d ms of arrival after the last of its key, in minutes, counts %i', (ms, count) => {
    const { changes } = decide(stored(2), { arrival: arrivalTime(CLOCK_START + ms) });
    expect(changes.get('a')?.state).toBe(count);
  });

  it('goes by the latest arrival of the lane, which never goes back', () => {
    const gate = open(stored(2));
    gate.arrived(arrivalTime(CLOCK_START + days(2)));
    gate.arrived(arrivalTime(CLOCK_START));
    gate.decide(entry(), signal('a', 'x', 0));
    expect(gate.effects.changes.get('a')).toMatchObject({
      state: 1,
      arrival: CLOCK_START + days(2),
    });
    expect(gate.lastArrival).toBe(CLOCK_START + days(2));
  });

  it.each([3_999, 4_000])('is full with the alerts of a commit: %i', (alerts) => {
    const gate = open(undefined, {
      ...GATE,
      decide: () => ({ verdict: 'pass', state: 1, alerts: [{ key: 'a', id: 'blocked' }] }),
    });
    for (let n = 0; n < alerts; n += 1) gate.decide(entry(), signal('a', 'x', 0));
    expect(gate.isFull).toBe(alerts === 4_000);
  });

  it('is full with the bytes of states that a commit changes', () => {
    const state = 'x'.repeat(60_000);
    const gate = open(undefined, { ...GATE, decide: () => ({ verdict: 'pass', state }) });
    let decisions = 0;
    for (; !gate.isFull; decisions += 1) gate.decide(entry(), signal('a', 'x', 0));
    expect(decisions).toBe(Math.ceil((16 * 1024 * 1024) / 60_000));
  });

  it('that throws is a reason, and leaves the key as it was', () => {
    const broken = {
      ...GATE,
      decide: () => {
        throw new Error('cannot decide');
      },
    };
    const gate = open(stored(1), broken);
    const reason = threw('cannot decide');
    expect(gate.decide(entry(), signal('a', 'x', 0))).toEqual({ reason });
    expect(gate.effects).toEqual({ changes: new Map(), alerts: [] });
  });
});

describe('a window behind a gate', () => {
  const fold = (values: readonly unknown[], states: Changes = new Map(), job = JOB) => {
    const entries = entriesOf(values);
    const gate = { states, lastArrival: undefined };
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
    const { counts, gate } = fold(clicks(90, 0, 91));
    expect(counts).toEqual({ accepted: 1, filtered: 1, late: 1, dead: 0 });
    expect(gate?.effects.changes.get('a')?.state).toBe(3);
  });

  it('comes to the same wherever it is cut', () => {
    const values = clicks(0, 70, 3, 71);
    const whole = fold(values);
    for (let cut = 0; cut <= values.length; cut += 1) {
      const first = fold(values.slice(0, cut));
      const entries = entriesOf(values);
      const start = { ...first, totals: first.counts };
      const range = { stream: 'signals', from: cut, to: entries.length, admissionOf: everything };
      const gate = { states: first.gate?.effects.changes ?? new Map(), lastArrival: undefined };
      const second = foldWindow(JOB, start, { ...range, entries, gate });
      expect(second.watermark).toBe(whole.watermark);
      const state = second.gate?.effects.changes.get('a') ?? first.gate?.effects.changes.get('a');
      expect(state).toEqual(whole.gate?.effects.changes.get('a'));
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
    const { counts, gate } = fold([signal('a', 'poison', 0), ...clicks(1, 2)], new Map(), job);
    expect(counts).toEqual({ accepted: 1, filtered: 1, late: 0, dead: 1 });
    expect(gate?.effects.changes.get('a')?.state).toBe(3);
    expect(gate?.effects.alerts).toHaveLength(1);
  });

  it('starts from a watermark that is none', () => {
    expect(fold([]).watermark).toBe(NO_WATERMARK);
    expect(fold(clicks(1)).watermark).toBe(watermarkAt(at(1) - seconds(0)));
  });
});
