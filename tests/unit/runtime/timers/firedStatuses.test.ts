/** What has fired stays so, however much fires at once, whatever comes after it, and whatever a release makes of it. */
import { describe, expect, it } from 'vitest';
import { days, milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import type { StatusJob } from '../../../../shared/job/statusJob.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Interception } from '../../../support/interceptedTable.ts';
import { at, done, open, type TaskTail, tasksJob } from '../../../support/signals.ts';

const FLUSHED = milliseconds(minutes(5) + 1);

const statuses = (shards: TestEngine) =>
  Object.fromEntries(shards.rows('tasks').map(({ task, status }) => [task, status]));

const rowOf = (shards: TestEngine, key: string) =>
  [...(shards.tables.get('tasks')?.items() ?? [])].find(({ task }) => task === key) ?? {};

describe('very many timers that are due at once', () => {
  /** What one commit lets fire. */
  const FIRED_MAX = 2_500;
  const TASKS = 2 * FIRED_MAX + 1_000;

  const overdueIn = (shards: TestEngine) =>
    Object.values(statuses(shards)).filter((status) => status === 'overdue').length;

  async function manyTasks(length = TASKS) {
    const shards = new TestEngine(tasksJob());
    const tasks = Array.from({ length }, (_, n) => open(`k${n}`, n / 1_000));
    await shards.put('s', tasks);
    const opened = (await shards.commits('s')).length;
    const firing = async () => {
      const commits = (await shards.commits('s')).slice(opened);
      return Promise.all(
        commits.map(async (commit) => (await shards.changedKeys('s', commit)).length),
      );
    };
    return { shards, firing };
  }

  it('fire by the batches that come, a part with each, beside what those bring', async () => {
    const { shards, firing } = await manyTasks();
    const found: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await shards.put('s', [done(`z${n}`, 100 + n)]);
      found.push(overdueIn(shards));
    }
    expect(found).toEqual([FIRED_MAX, 2 * FIRED_MAX, TASKS, TASKS]);
    expect(await firing()).toEqual([FIRED_MAX + 1, FIRED_MAX + 1, 1_001, 1]);
    expect(await shards.head('s')).not.toHaveProperty('nextTimer');
  });

  it('fire earliest first, also by functions that restore the lane each time', async () => {
    const { shards } = await manyTasks();
    for (let n = 0; n < 2; n += 1) {
      shards.coldStart();
      await shards.put('s', [done('z', 100 + n)]);
      const next = (n + 1) * FIRED_MAX;
      expect(await shards.head('s')).toMatchObject({ nextTimer: at(60 + next / 1_000) });
      const { [`k${next - 1}`]: last, [`k${next}`]: first } = statuses(shards);
      expect([last, first]).toEqual(['overdue', 'open']);
    }
  });

  it('are left for ten seconds to the batches that come, and then fired by timer runs', async () => {
    const { shards, firing } = await manyTasks();
    await shards.put('s', [done('z', 100)]);
    shards.clock.advance(milliseconds(9_999));
    expect(await shards.cold.fire('schedule')).toMatchObject({ lanesAdvanced: 0 });
    shards.clock.advance(milliseconds(1_001));
    let runs = 0;
    for (let hasMore = true; hasMore && runs < 3; runs += 1) {
      hasMore = (await shards.cold.fire('schedule')).hasMore;
      shards.clock.advance(seconds(11));
    }
    expect(overdueIn(shards)).toBe(TASKS);
    expect(await firing()).toEqual([FIRED_MAX + 1, FIRED_MAX, 1_000]);
    expect(await shards.head('s')).toMatchObject({ watermark: at(100) });
  });

  it('are all fired by the timer run that begins to, where the watermark is past them', async () => {
    const { shards } = await manyTasks();
    await shards.put('s', [done('z', 100)]);
    shards.clock.advance(seconds(11));
    expect(await shards.cold.fire('schedule')).toMatchObject({ lanesAdvanced: 2, hasMore: false });
    expect(overdueIn(shards)).toBe(TASKS);
  });

  it('say that more is left where time runs out, and the next run goes on', async () => {
    const tasks = 4 * FIRED_MAX + 1_000;
    const { shards } = await manyTasks(tasks);
    shards.clock.advance(FLUSHED);
    expect(await shards.cold.fire('schedule', () => false)).toMatchObject({ hasMore: true });
    expect(overdueIn(shards)).toBe(4 * FIRED_MAX);
    expect(await shards.cold.fire('schedule')).toMatchObject({ hasMore: false });
    expect(overdueIn(shards)).toBe(tasks);
  });

  it.each([
    ['of a flush', 'schedule'],
    ['at the end of the input', 'endOfInput'],
  ] as const)('fire in several commits of one run %s, and nothing is lost', async (_, trigger) => {
    // More than the commits that a lane has in a run without time.
    const tasks = 4 * FIRED_MAX + 1_000;
    const { shards, firing } = await manyTasks(tasks);
    if (trigger === 'schedule') shards.clock.advance(FLUSHED);
    const report = await shards.cold.fire(trigger);
    expect(report).toMatchObject({ lanesAdvanced: 5, hasMore: false });
    expect(await firing()).toEqual([...Array(4).fill(FIRED_MAX), 1_000]);
    expect(overdueIn(shards)).toBe(tasks);
    expect(await shards.head('s')).not.toHaveProperty('nextTimer');
  });

  it('fire beside events of the same keys, by two runs at once, without harm', async () => {
    const { shards } = await manyTasks();
    shards.clock.advance(FLUSHED);
    const closing = Array.from({ length: 500 }, (_, n) => done(`k${n * 2}`, 30));
    const runs = [shards.cold, shards.cold].map(({ fire }) => fire('schedule'));
    await Promise.allSettled([...runs, shards.put('s', closing)]);
    shards.coldStart();
    await shards.deliver('s', closing, TASKS);
    shards.clock.advance(FLUSHED);
    await shards.cold.fire('schedule');
    expect(overdueIn(shards)).toBe(TASKS - 500);
    expect(Object.values(statuses(shards)).filter((each) => each === 'done')).toHaveLength(500);
  });
});

describe('a row whose timer was fired by the clock', () => {
  async function flushed(onResults: Interception = {}) {
    const shards = new TestEngine(tasksJob(), { onResults });
    await shards.put('s', [open('a', 0)]);
    shards.clock.advance(FLUSHED);
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
    return shards;
  }

  /** Until no function's memory has the key any more: each commit looks at some keys. */
  async function letGo(shards: TestEngine): Promise<void> {
    for (let n = 0; n < 300; n += 1) await shards.put('s', ['garbage']);
  }

  it('is corrected by an event that comes after, and is earlier than the deadline', async () => {
    const shards = await flushed();
    await shards.put('s', [done('a', 30)]);
    expect(rowOf(shards, 'a')).toMatchObject({ status: 'done' });
    expect(Object.keys(rowOf(shards, 'a'))).not.toContain('problem');
    expect(await shards.head('s')).toMatchObject({ totals: { accepted: 2, late: 0 } });
  });

  it.each([
    ['a warm function', () => undefined],
    ['a cold one', (shards: TestEngine) => shards.coldStart()],
  ])('is not open again by events that are behind the deadline: by %s', async (_, between) => {
    const shards = await flushed();
    for (const second of [1, 2, 59]) {
      between(shards);
      await shards.put('s', [open('a', second), open(`b${second}`, second)]);
      expect(statuses(shards)).toMatchObject({ a: 'overdue', [`b${second}`]: 'open' });
    }
    await shards.put('s', [open('a', -10)]);
    expect(rowOf(shards, 'a')).toMatchObject({
      status: 'overdue',
      problemAt: '2017-11-26T01:00:50.000Z',
    });
  });

  it('is not open again where the lane has let the key go, and reads it from its row', async () => {
    const read: string[] = [];
    const shards = await flushed({
      before({ operation, partitions }) {
        if (operation === 'batchGet') read.push(...partitions);
      },
    });
    shards.clock.advance(minutes(2));
    await letGo(shards);
    read.length = 0;
    await shards.put('s', [open('a', 1)]);
    expect(read).toEqual(['a']);
    expect(statuses(shards)).toEqual({ a: 'overdue' });
    expect(await shards.head('s')).not.toHaveProperty('nextTimer');
  });

  it('is open until its own time where it is forgotten and opened again', async () => {
    const shards = await flushed();
    shards.clock.advance(days(31));
    await shards.put('s', [open('a', 100)]);
    expect(statuses(shards)).toEqual({ a: 'open' });
    await shards.put('s', [done('z', 160)]);
    expect(statuses(shards)).toEqual({ a: 'overdue', z: 'done' });
  });
});

describe('a release whose code throws on a state that is stored', () => {
  const isOld = ({ open: opened }: { readonly open?: number }) => opened === at(0);
  const { view, timers } = tasksJob() as unknown as TaskTail;
  const RELEASES: readonly (readonly [string, Partial<TaskTail>])[] = [
    [
      'view',
      {
        view(state, watermark) {
          if (isOld(state)) throw new Error('a state of before');
          return view(state, watermark);
        },
      },
    ],
    [
      'timers',
      {
        timers(state) {
          if (isOld(state)) throw new Error('a state of before');
          return timers(state);
        },
      },
    ],
  ];

  /** The same tables, at the same time, under other code. */
  const released = ({ state, results, clock }: TestEngine, job: StatusJob) =>
    new TestEngine(job, { state, results, clock });

  async function lanesOfBefore() {
    const shards = new TestEngine(tasksJob());
    await shards.put('s', [open('a', 0), open('b', 1)]);
    return shards;
  }

  it.each(RELEASES)('does not stop batches, nor the timers of others: in %s', async (_, broken) => {
    const shards = released(await lanesOfBefore(), tasksJob(broken));
    await shards.deliver('s', [open('c', 2), open('a', 3), done('z', 100)], 2);
    expect(statuses(shards)).toEqual({ a: 'open', b: 'overdue', c: 'overdue', z: 'done' });
    expect(await shards.head('s')).toMatchObject({ totals: { accepted: 4, dead: 1 } });
  });

  it.each(RELEASES)('does not stop timer runs, which come to an end: in %s', async (_, broken) => {
    const before = await lanesOfBefore();
    const shards = released(before, tasksJob(broken));
    shards.clock.advance(FLUSHED);
    expect(await shards.cold.fire('schedule')).toMatchObject({ hasMore: false });
    expect(statuses(shards)).toEqual({ a: 'open', b: 'overdue' });
    shards.clock.advance(seconds(120));
    await shards.cold.fire('schedule');
    expect(await shards.cold.fire('endOfInput')).toMatchObject({ hasMore: false });
    const commits = (await shards.commits('s')).length;
    shards.clock.advance(seconds(120));
    await shards.cold.fire('schedule');
    expect((await shards.commits('s')).length - commits).toBeLessThan(2);
  });

  it.each(RELEASES)('is made good by the next event of the key: in %s', async (_, broken) => {
    const shards = released(await lanesOfBefore(), tasksJob(broken));
    await shards.deliver('s', [done('z', 100)], 2);
    const mended = released(shards, tasksJob());
    await mended.deliver('s', [open('a', 4)], 3);
    expect(statuses(mended)).toEqual({ a: 'overdue', b: 'overdue', z: 'done' });
    await mended.deliver('s', [done('a', 5)], 4);
    expect(statuses(mended)).toMatchObject({ a: 'done' });
  });
});
