/** Whatever a job's own code makes of an event, the shard goes on, and every event is counted once. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../../shared/job/job.ts';
import { totalOf } from '../../../../shared/model/counts.ts';
import type { Value } from '../../../../shared/ports/table.ts';
import { TestEngine } from '../../../support/engine.ts';
import {
  at,
  gatedJob,
  knocksJob,
  type Signal,
  signal,
  tasksJob,
} from '../../../support/signals.ts';

const KINDS = [
  ['status', tasksJob],
  ['pattern', knocksJob],
  ['gate', gatedJob],
] as const;

/** A good event, the bad one, a good one that lets everything go; then the same again to a cold function. */
async function outcomeOf(job: Job) {
  const shards = new TestEngine(job);
  const contents = [signal('a', 'knock', 0), signal('bad', 'knock', 1), signal('b', 'knock', 500)];
  await shards.put('s', contents);
  shards.coldStart();
  await shards.put('s', [signal('c', 'knock', 900)]);
  await shards.cold.fire('endOfInput');
  const { totals } = (await shards.head('s')) ?? { totals: undefined };
  expect(totals && totalOf(totals)).toBe(4);
  return { shards, totals, side: await shards.side('s') };
}

const onBad =
  <T>(bad: () => T, good: (event: Signal) => T) =>
  (event: Signal): T =>
    event.key === 'bad' ? bad() : good(event);

describe.each(KINDS)('a %s job', (_, declare) => {
  it.each([
    ['half a surrogate pair', '\ud83d'],
    ['no text', 17 as unknown as string],
    ['nothing', undefined as unknown as string],
  ])('dead-letters an event whose key is %s', async (_case, key) => {
    const job = declare({
      key: onBad(
        () => key,
        (event) => event.key,
      ),
    });
    const { totals, side } = await outcomeOf(job);
    expect(totals).toMatchObject({ dead: 1 });
    expect(side[0]?.reason).toContain('key');
  });

  it.each(['x'.repeat(3_000), '\u0001'.repeat(256), '\u{10ffff}'.repeat(256), '__proto__'])(
    'does not stop at a long or odd key %#',
    async (key) => {
      const { totals } = await outcomeOf(
        declare({
          key: onBad(
            () => key,
            (event) => event.key,
          ),
        }),
      );
      expect((totals?.accepted ?? 0) + (totals?.dead ?? 0)).toBe(4);
    },
  );

  it.each([
    ['an error', new Error('no'), 'no'],
    ['text', 'no', 'no'],
    ['nothing', undefined, 'undefined'],
    ['what has no text', Object.create(null), 'no error'],
  ])('dead-letters an event on which its key function throws %s', async (_case, thrown, reason) => {
    const key = onBad(
      (): string => {
        throw thrown;
      },
      (event) => event.key,
    );
    const { totals, side } = await outcomeOf(declare({ key }));
    expect(totals).toMatchObject({ dead: 1 });
    expect(side[0]?.reason).toContain(reason);
  });
});

/** What tables take, but for one thing. */
const UNSTORABLE: readonly (readonly [string, unknown])[] = [
  ['a number that is none', Number.NaN],
  ['a huge number', 1e300],
  ['half a surrogate pair', '\ud83d'],
  ['too much', 'x'.repeat(300_000)],
  ['deeper than tables nest', Array.from({ length: 40 }).reduce((inner) => [inner], 1)],
  ['a function', () => 1],
  ['an attribute without a name', { '': 1 }],
];

describe('what cannot be stored is a dead letter', () => {
  it.each(UNSTORABLE)('in the state of a status job: %s', async (_case, value) => {
    const merge = onBad(
      () => ({ open: at(1), value: value as never }),
      ({ time }) => ({ open: time }),
    );
    const { totals } = await outcomeOf(tasksJob({ merge: (_state, event) => merge(event) }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });

  it.each(UNSTORABLE)('in a row of a status job: %s', async (_case, value) => {
    const view = ({ open }: { open?: number }) => ({
      status: 'open',
      row: open === at(1) ? { value: value as Value } : {},
    });
    const merge = (_state: object, { time }: Signal) => ({ open: time });
    const { totals } = await outcomeOf(tasksJob({ view, merge }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });

  it.each(UNSTORABLE)('in a row of a status job that only time brings: %s', async (_c, value) => {
    const view = ({ open = 0 }: { open?: number }, watermark: number) => ({
      status: 'open',
      row: open === at(1) && watermark >= at(61) ? { value: value as Value } : {},
    });
    const merge = (_state: object, { time }: Signal) => ({ open: time });
    const { totals } = await outcomeOf(tasksJob({ view, merge }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])(
    'as the time of a timer or of a problem: %d',
    async (time) => {
      const merge = (_state: object, event: Signal) => ({ open: event.time });
      const timers = ({ open }: { open?: number }) => [open === at(1) ? (time as never) : at(99)];
      expect((await outcomeOf(tasksJob({ merge, timers }))).totals).toMatchObject({ dead: 1 });
      const problem = { status: 'overdue', at: time as never, row: {} };
      const view = ({ open }: { open?: number }) =>
        open === at(1) ? problem : { status: 'open', row: {} };
      expect((await outcomeOf(tasksJob({ merge, view }))).totals).toMatchObject({ dead: 1 });
    },
  );

  it.each(UNSTORABLE.slice(1, 5))('in the state of a gate: %s', async (_case, value) => {
    const verdict = 'pass' as const;
    const decide = onBad<{ verdict: 'pass'; state: Value }>(
      () => ({ verdict, state: [value as Value] }),
      () => ({ verdict, state: 1 }),
    );
    const { totals } = await outcomeOf(gatedJob({ decide: (_state, event) => decide(event) }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });

  it.each(UNSTORABLE.slice(1, 5))('in an alert of a gate: %s', async (_case, value) => {
    const alerts = onBad(
      () => [{ key: 'k', id: 'i', value: value as Value }],
      () => [],
    );
    const decide = (state: Value, event: Signal) =>
      ({ verdict: 'pass', state, alerts: alerts(event) }) as const;
    const { totals } = await outcomeOf(gatedJob({ decide }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });

  it.each(UNSTORABLE.slice(1, 5))('in a row of a time-out: %s', async (_case, value) => {
    const table = { name: 'given-up', partitionKey: 'key', sortKey: 'id' };
    const row = (_found: unknown, key: string) =>
      key === 'bad' ? { key, id: 'i', value: value as Value } : { key, id: 'i' };
    const { totals, shards } = await outcomeOf(knocksJob({ timedOut: { table, row } }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
    expect(shards.rows('given-up').map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['no key', { id: 'i' }],
    ['an empty key', { key: '', id: 'i' }],
    ['a key that is no text', { key: 1, id: 'i' }],
    ['a key too long', { key: 'k', id: 'x'.repeat(1_025) }],
    ['half a surrogate pair in a key', { key: 'k', id: '\udc00' }],
    ['nothing', undefined],
  ])('as the key of an alert: %s', async (_case, bad) => {
    const table = { name: 'given-up', partitionKey: 'key', sortKey: 'id' };
    const row = (_found: unknown, key: string) => (key === 'bad' ? bad : { key, id: 'i' }) as never;
    const { totals } = await outcomeOf(knocksJob({ timedOut: { table, row } }));
    expect(totals).toMatchObject({ accepted: 3, dead: 1 });
  });
});
