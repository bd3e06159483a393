/** What is held, in which order it is let go, and what the pattern makes of it. */
import { describe, expect, it } from 'vitest';
import { days } from '../../../../shared/index.ts';
import { Heap } from '../../../../shared/model/heap.ts';
import { arrivalTime, watermarkAt } from '../../../../shared/model/time.ts';
import { readerOf } from '../../../../shared/operators/intake/judge.ts';
import type { Changes } from '../../../../shared/operators/keyed/keyedState.ts';
import {
  comparePlaces,
  type Held,
  type HeldTimer,
  heldEvent,
  isPassed,
  type Place,
  placeOf,
} from '../../../../shared/operators/pattern/held.ts';
import { LET_GO_MAX, release } from '../../../../shared/operators/pattern/patternRelease.ts';
import type { Entry } from '../../../../shared/records/entry.ts';
import { decodeHeld, encodeHeld } from '../../../../shared/state/lane/heldCodec.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { entriesOf } from '../../../support/entries.ts';
import { sequenceNumber } from '../../../support/records.ts';
import { at, knocksJob, signal } from '../../../support/signals.ts';

const JOB = knocksJob();
const END = watermarkAt(at(1e6));

/** A held knock; `n` places it in its shard. */
function knock(second: number, n = 0, key = 'a', extra: Partial<Entry> = {}): Held {
  const event = signal(key, 'knock', second);
  const entry = { ...(entriesOf([event])[0] as Entry), sequence: sequenceNumber(n), ...extra };
  return heldEvent(JOB, entry, { event, at: at(second) });
}
const timer = (second: number, key = 'a'): HeldTimer => ({
  kind: 'timer',
  at: at(second),
  key,
  partitionKey: key,
});
const queueOf = (held: readonly Held[], watermark = END): Held[] =>
  held.filter((each) => isPassed(each, watermark)).sort(comparePlaces);
const run = (held: readonly Held[], watermark = END, stored: Changes = new Map(), job = JOB) =>
  release(job, { queue: queueOf(held, watermark) }, watermark, stored);
const idsOf = ({ effects }: ReturnType<typeof run>, table = 'alarms') =>
  effects.alerts.filter((each) => each.table === table).map(({ row }) => row['id']);

describe('what is held', () => {
  it.each([
    [9.999, true, true],
    [10, false, true],
    [10.001, false, false],
  ])('at %d s is passed by a watermark of 10 s or not: event %s, time-out %s', (s, event, time) => {
    expect(isPassed(knock(s), watermarkAt(at(10)))).toBe(event);
    expect(isPassed(timer(s), watermarkAt(at(10)))).toBe(time);
  });

  it('goes by time, time-outs first, then by position as numbers', () => {
    const low = knock(5, 1);
    const packed = knock(5, 1, 'a', { index: 10 });
    const short = knock(5, 0, 'a', { sequence: '99' });
    const sorted = [packed, knock(6), low, timer(5), knock(4), short].sort(comparePlaces);
    expect(sorted).toEqual([knock(4), timer(5), short, low, packed, knock(6)]);
  });

  it('is stored and read again as it was', () => {
    const held = [knock(1, 3, 'ä\u0000😀'), timer(7, ''), knock(-500, 4)];
    expect(decodeHeld(JOB, readerOf(JOB, 'signals'), encodeHeld(held))).toEqual(held);
  });

  it('says why it cannot be taken after all where the code has changed since', () => {
    const packed = encodeHeld([knock(1), knock(2, 1, 'gone')]);
    const stricter = knocksJob({
      key: ({ key }) => {
        if (key === 'gone') throw new Error('no longer');
        return key;
      },
    });
    const held = decodeHeld(stricter, readerOf(stricter, 'signals'), packed);
    expect(held).toMatchObject([
      { content: { key: 'a' } },
      { content: { problem: expect.stringContaining('no longer') } },
    ]);
    const { dead } = release(stricter, { queue: queueOf(held) }, END, new Map());
    expect(dead).toMatchObject([{ kind: 'dead', reason: expect.stringContaining('no longer') }]);
  });
});

describe('a release', () => {
  it('gives events in the order of time, ties by position, whatever order they came in', () => {
    const held = [knock(3, 2), knock(1, 9), knock(3, 1), knock(2, 5)];
    const expected = idsOf(run(held));
    expect(expected).toEqual(['1-2', '2-3', '3-3']);
    expect(idsOf(run(held.toReversed()))).toEqual(expected);
  });

  it('leaves what is not passed, and the time-outs that are not, by the key that producers hash', () => {
    const { effects, timers } = run([knock(1), knock(20, 1)], watermarkAt(at(5)));
    expect([...effects.changes.keys()]).toEqual(['a']);
    expect(timers).toEqual([timer(11)]);
  });

  it('lets a time-out go that is set while letting go, before an event of its time', () => {
    const found = run([knock(1), knock(11, 1), knock(20, 2)]);
    expect(idsOf(found, 'given-up')).toEqual(['1@11', '20@30']);
    expect(idsOf(found)).toEqual(['11-20']);
    expect(found.timers).toEqual([]);
    expect(found.effects.changes.get('a')).not.toHaveProperty('state');
  });

  it('comes to the same in two parts', () => {
    const held = [1, 4, 11, 11, 30, 31, 45].map((second, n) => knock(second, n, n % 2 ? 'a' : 'b'));
    for (let cut = 0; cut < 60; cut += 1) {
      const watermark = watermarkAt(at(cut));
      const first = run(held, watermark);
      const rest = [...held.filter((each) => !isPassed(each, watermark)), ...first.timers];
      const second = run(rest, END, first.effects.changes);
      expect([...first.effects.alerts, ...second.effects.alerts]).toEqual(run(held).effects.alerts);
    }
  });

  it('buries an event on which a condition or a row throws, and goes on without it', () => {
    const job = knocksJob({
      alerts: {
        ...JOB.alerts,
        row(found, key) {
          const row = JOB.alerts.row(found, key);
          if (row['id'] === '1-2') throw new Error('cannot');
          return row;
        },
      },
    });
    const found = run([knock(1), knock(2, 1), knock(3, 2)], END, new Map(), job);
    expect(found.dead).toMatchObject([{ entry: { sequence: sequenceNumber(1) } }]);
    expect(idsOf(found)).toEqual(['1-3']);
  });

  it.each([
    [days(1) + 59_999, ['1-2']],
    [days(1) + 60_000, []],
  ])('finds the state of a key that last arrived %d ms ago or not', (ms, ids) => {
    const { effects } = run([knock(1)], watermarkAt(at(2)));
    const extra = { arrival: arrivalTime(CLOCK_START + ms) };
    expect(idsOf(run([knock(2, 1, 'a', extra)], watermarkAt(at(3)), effects.changes))).toEqual(ids);
  });

  it('keeps the latest arrival of a key, also when its events are in another order', () => {
    const late = arrivalTime(CLOCK_START + 60_000);
    const { effects } = run([knock(1, 5, 'a', { arrival: late }), knock(2, 1)], watermarkAt(at(3)));
    expect(effects.changes.get('a')?.arrival).toBe(late);
  });

  it('writes nothing about a key that had nothing and has nothing', () => {
    const event = signal('a', 'other', 1);
    const held = heldEvent(JOB, entriesOf([event])[0] as Entry, { event, at: at(1) });
    expect(run([held]).effects.changes.size).toBe(0);
    expect(run([timer(5)]).effects.changes.size).toBe(0);
  });

  it.each([LET_GO_MAX - 1, LET_GO_MAX, LET_GO_MAX + 1])(
    'of %i events takes as many as a commit may, and says where it stopped',
    (events) => {
      const held = Array.from({ length: events }, (_, n) => knock(1, n, `k${n}`));
      const { effects, letGo } = run(held, watermarkAt(at(2)));
      expect(effects.changes.size).toBe(Math.min(events, LET_GO_MAX));
      const last = held[LET_GO_MAX - 1];
      expect(letGo).toEqual(events > LET_GO_MAX && last ? placeOf(last) : undefined);
    },
  );

  it('counts the time-outs that it sets and lets go, and leaves those that come after', () => {
    const events = LET_GO_MAX - 1;
    const held = Array.from({ length: events }, (_, n) => knock(1, n, `k${n}`));
    const { effects, timers, letGo } = run(held);
    expect(effects.alerts.map(({ row }) => row['id'])).toEqual(['1@11']);
    expect(timers).toHaveLength(events - 1);
    expect(letGo).toEqual(placeOf(timer(11, 'k0')));
  });

  it('stops when there are as many alerts as a commit may bring', () => {
    const knocks = Array.from({ length: 1_000 }, (_, n) => knock(1, n));
    const more = Array.from({ length: 2 * LET_GO_MAX }, (_, n) => knock(2, 1_000 + n));
    const { effects } = run([...knocks, ...more], watermarkAt(at(3)));
    expect(effects.alerts.length).toBeLessThan(LET_GO_MAX + 1_000);
  });

  it('stops when the alerts of a commit take as many bytes as they may', () => {
    const filling = 'x'.repeat(60_000);
    const row = (found: Parameters<typeof JOB.alerts.row>[0], key: string) => ({
      ...JOB.alerts.row(found, key),
      filling,
    });
    const job = knocksJob({ alerts: { ...JOB.alerts, row } });
    const held = Array.from({ length: 600 }, (_, n) => knock(n / 1_000, n, `k${n >>> 1}`));
    const { effects, letGo } = run(held, watermarkAt(at(2)), new Map(), job);
    expect(effects.alerts).toHaveLength(Math.ceil((8 * 1024 * 1024) / 60_100));
    expect(letGo).toBeDefined();
  });

  it('goes no further than what is known whole', () => {
    const queue = [knock(1), knock(2, 1), knock(3, 2, 'b')];
    const end = placeOf(knock(5, 3));
    const first = release(JOB, { queue, end }, END, new Map());
    expect(idsOf(first)).toEqual(['1-2']);
    expect(first.timers.map((each) => each.at)).toEqual([at(11), at(12), at(13)]);
    expect(first.letGo).toEqual(end);
  });

  it('comes to the same wherever it is cut', () => {
    const held = [1, 4, 11, 11, 11, 30, 31, 45].map((second, n) =>
      knock(second, n, n % 2 ? 'a' : 'b'),
    );
    const whole = run(held);
    for (const { at: time, ...place } of held.map(placeOf)) {
      const end = { ...place, at: time } as Place;
      const isLeft = (each: Held) => comparePlaces(each, end) > 0;
      const first = release(
        JOB,
        { queue: queueOf(held).filter((x) => !isLeft(x)), end },
        END,
        new Map(),
      );
      const second = run([...held.filter(isLeft), ...first.timers], END, first.effects.changes);
      expect([...first.effects.alerts, ...second.effects.alerts]).toEqual(whole.effects.alerts);
    }
  });
});

describe('a heap', () => {
  const taken = (values: readonly number[]) => {
    let comparisons = 0;
    const heap = new Heap<number>((a, b) => {
      comparisons += 1;
      return a - b;
    });
    for (const value of values) heap.add(value);
    const sorted = values.map(() => heap.take());
    return { sorted, comparisons };
  };

  it('gives what was added in order, whatever the order', () => {
    for (const values of [[], [1], [2, 1], [3, 1, 2, 2, 1], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1]]) {
      expect(taken(values).sorted).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('compares about as often as their number times its logarithm', () => {
    const count = 30_000;
    const spread = Array.from({ length: count }, (_, n) => (n * 7_919) % count);
    for (const values of [spread, spread.map((_, n) => n), spread.map((_, n) => -n)]) {
      expect(taken(values).comparisons).toBeLessThan(3 * count * Math.log2(count));
    }
  });
});
