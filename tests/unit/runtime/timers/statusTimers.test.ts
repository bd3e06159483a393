/** Timers of status jobs on one stream: which commit lets them fire, what silence does, and what rows say after. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { days, milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import type { Commit } from '../../../../shared/state/lane/laneLog.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { type EngineOptions, TestEngine } from '../../../support/engine.ts';
import { at, done, open, signal, T0, tasksJob } from '../../../support/signals.ts';

/** The second that the clock stands at when a test begins. */
const NOW = (CLOCK_START - T0) / 1_000;
const FLUSH_AFTER = minutes(5);
const statuses = (shards: TestEngine) =>
  Object.fromEntries(shards.rows('tasks').map(({ task, status }) => [task, status]));

/** A lane on which one task is open, and that then falls silent. */
async function silentFor(ms: number, options: EngineOptions = {}, second = 0) {
  const shards = new TestEngine(tasksJob(), options);
  await shards.put('s', [open('a', second)]);
  shards.clock.advance(milliseconds(ms));
  return shards;
}

describe('a timer of second 60', () => {
  it.each([
    [59.999, 'open', ['z'], at(60)],
    [60, 'overdue', ['a', 'z'], undefined],
    [60.001, 'overdue', ['a', 'z'], undefined],
  ])(
    'fires in the commit of the batch that takes the watermark to %d',
    async (second, status, changed, nextTimer) => {
      const shards = new TestEngine(tasksJob());
      await shards.put('s', [open('a', 0)]);
      expect(await shards.head('s')).toMatchObject({ nextTimer: at(60) });
      expect(await shards.put('s', [done('z', second)])).toMatchObject({ commits: 1 });
      const head = (await shards.head('s')) as Commit;
      expect(await shards.changedKeys('s', head)).toEqual(changed);
      expect(head.nextTimer).toBe(nextTimer);
      expect(statuses(shards)).toEqual({ a: status, z: 'done' });
    },
  );

  it('fires where the events of one batch open the task and outrun it', async () => {
    const shards = new TestEngine(tasksJob());
    await shards.put('s', [open('a', 0), done('z', 60)]);
    expect(statuses(shards)).toEqual({ a: 'overdue', z: 'done' });
    expect(await shards.commits('s')).toHaveLength(1);
  });

  it('does not fire where the batch that outruns it closes the task, whatever comes first', async () => {
    for (const batch of [
      [done('z', 90), done('a', 30)],
      [done('a', 30), done('z', 90)],
    ]) {
      const shards = new TestEngine(tasksJob());
      await shards.put('s', [open('a', 0)]);
      await shards.put('s', batch);
      expect(statuses(shards)).toEqual({ a: 'done', z: 'done' });
      expect(await shards.head('s')).not.toHaveProperty('nextTimer');
    }
  });

  it('fires for functions that restore the lane, and asks for no run of fireTimers', async () => {
    const shards = new TestEngine(tasksJob());
    await shards.put('s', [open('a', 0), open('b', 30)]);
    shards.coldStart();
    await shards.put('s', [done('z', 60)]);
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'open', z: 'done' });
    expect(await shards.head('s')).toMatchObject({ nextTimer: at(90) });
    expect(shards.nudges).toEqual([]);
  });

  it('fires once more where the commit that let it fire was lost', async () => {
    const log = { isDown: false };
    const shards = new TestEngine(tasksJob(), {
      onState: {
        before({ operation, partitions: [partition = ''] }) {
          if (log.isDown && operation === 'put' && partition.includes('#log#')) {
            throw new RetryableError('down');
          }
        },
      },
    });
    await shards.put('s', [open('a', 0)]);
    log.isDown = true;
    await expect(shards.deliver('s', [done('z', 60)], 1)).rejects.toThrow('down');
    expect(statuses(shards)).toEqual({ a: 'open' });
    log.isDown = false;
    await shards.deliver('s', [done('z', 60)], 1);
    expect(statuses(shards)).toEqual({ a: 'overdue', z: 'done' });
  });

  it('is listed with its own time, whenever it fired', async () => {
    const shards = await silentFor(FLUSH_AFTER * 2);
    await shards.cold.fire('schedule');
    const [row] = shards.tables.get('tasks')?.items() ?? [];
    expect(row).toMatchObject({ problem: 'overdue#3', problemAt: '2017-11-26T01:01:00.000Z' });
  });
});

describe('a silent lane', () => {
  it.each([
    [FLUSH_AFTER - 1, 'open'],
    [FLUSH_AFTER, 'open'],
    [FLUSH_AFTER + 1, 'overdue'],
  ])('lets its timers fire %i ms after its last valid event: %s', async (ms, status) => {
    const shards = await silentFor(ms);
    const report = await shards.cold.fire('schedule');
    const fired = status === 'overdue';
    expect(report).toMatchObject({ lanesAdvanced: fired ? 1 : 0, hasMore: false });
    expect(statuses(shards)).toEqual({ a: status });
    const head = await shards.head('s');
    expect(head).toMatchObject({ watermark: at(0), totals: { accepted: 1 } });
    expect(head?.nextTimer).toBe(fired ? undefined : at(60));
    expect(await shards.cold.fire('schedule')).toMatchObject({ outcome: 'nothingDue' });
  });

  it.each([
    [minutes(6) - 1_001, 'open'],
    [minutes(6) - 1_000, 'overdue'],
  ])('lets no timer fire that the clock has not passed for so long: %i ms', async (ms, status) => {
    const shards = await silentFor(ms, {}, NOW - 1);
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: status });
  });

  it('lets fire what has come to its time, and no more', async () => {
    const shards = new TestEngine(tasksJob({ maxOutOfOrderness: minutes(10) }));
    await shards.put('s', [open('a', NOW - 100), open('b', NOW - 1), open('c', NOW + 200)]);
    shards.clock.advance(minutes(6));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'overdue', c: 'open' });
    expect(await shards.head('s')).toMatchObject({ nextTimer: at(NOW + 260) });
    shards.clock.advance(minutes(5));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toMatchObject({ c: 'overdue' });
  });

  it('waits while its shard holds more', async () => {
    const shards = await silentFor(minutes(30));
    shards.rest['s'] = 'hasMore';
    expect(await shards.cold.fire('schedule')).toMatchObject({ outcome: 'nothingDue' });
    expect(statuses(shards)).toEqual({ a: 'open' });
    shards.rest['s'] = 'drained';
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
  });

  it('leaves them to its child where its shard is closed', async () => {
    const shards = await silentFor(minutes(30));
    shards.parents['child'] = ['s'];
    shards.rest['s'] = 'ended';
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'open' });
    expect(await shards.head('child')).toMatchObject({ nextTimer: at(60) });
    shards.clock.advance(milliseconds(FLUSH_AFTER + 1));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
    expect(await shards.head('child')).not.toHaveProperty('nextTimer');
  });

  it('is woken by no garbage: time goes on while nothing valid comes', async () => {
    const shards = await silentFor(0);
    shards.rest['s'] = 'hasMore';
    const found: unknown[] = [];
    for (let half = 1; half <= 12; half += 1) {
      shards.clock.advance(seconds(30));
      await shards.put('s', ['garbage']);
      await shards.cold.fire('schedule');
      found.push(statuses(shards)['a']);
    }
    expect(found).toEqual([...Array(10).fill('open'), 'overdue', 'overdue']);
    expect(await shards.head('s')).toMatchObject({ watermark: at(0), totals: { dead: 12 } });
  });

  it('lets nothing fire that unread records may be in time for, once garbage has come by', async () => {
    const shards = new TestEngine(tasksJob({ maxOutOfOrderness: minutes(10) }));
    await shards.put('s', [open('a', 0), open('b', NOW + 60)]);
    shards.clock.advance(milliseconds(FLUSH_AFTER + 1_000));
    await shards.put('s', ['garbage']);
    // What follows arrives a second later, and nobody reads it for half an hour.
    shards.rest['s'] = 'hasMore';
    shards.clock.advance(minutes(30));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'open' });
  });

  it('that gets a valid event counts from then on, also where that is of no interest', async () => {
    const shards = new TestEngine(tasksJob({ filter: ({ kind }) => kind !== 'other' }));
    await shards.put('s', [open('a', 0)]);
    shards.clock.advance(minutes(4));
    await shards.put('s', [signal('z', 'other', 30)]);
    shards.clock.advance(minutes(5));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'open' });
    shards.clock.advance(milliseconds(1));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
  });

  it('lets nothing fire before the end of the input where it may never be flushed', async () => {
    const shards = new TestEngine(tasksJob(), { settings: { flushAfter: 'never' } });
    await shards.put('s', [open('a', 0), open('b', NOW + 300)]);
    for (let day = 0; day < 20; day += 1) {
      shards.clock.advance(days(1));
      await shards.put('s', ['garbage']);
      await shards.cold.fire('schedule');
    }
    // The second event took the watermark past the first one's deadline.
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'open' });
    const { watermark } = (await shards.head('s')) as Commit;
    expect(await shards.fire('endOfInput')).toMatchObject({ hasMore: false });
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'overdue' });
    const head = await shards.head('s');
    expect(head).toMatchObject({ watermark });
    expect(head).not.toHaveProperty('nextTimer');
    expect(await shards.fire('endOfInput')).toMatchObject({ outcome: 'nothingDue' });
  });

  it('is not restored while nothing is due', async () => {
    const reads: string[] = [];
    const shards = new TestEngine(tasksJob(), {
      onState: {
        before({ operation, partitions: [partition = ''] }) {
          if (['query', 'get', 'batchGet'].includes(operation)) reads.push(partition);
        },
      },
    });
    for (let n = 0; n < 30; n += 1) await shards.put('s', [open(`k${n}`, n)]);
    const readsOfRun = async () => {
      reads.length = 0;
      await shards.cold.fire('schedule');
      return reads.filter((partition) => /#(log|chunk|part)#/.test(partition)).length;
    };
    expect(await readsOfRun()).toBe(1);
    shards.clock.advance(minutes(5));
    expect(await readsOfRun()).toBe(1);
    shards.clock.advance(milliseconds(1));
    expect(await readsOfRun()).toBeGreaterThan(1);
    expect(await readsOfRun()).toBe(1);
  });
});

describe('rows of a flush that were not put', () => {
  async function flushedAndDied() {
    const table = { isDown: false };
    const shards = await silentFor(FLUSH_AFTER + 1_000, {
      onResults: {
        before({ items: [item] }) {
          if (table.isDown && item?.['status'] === 'overdue') throw new RetryableError('down');
        },
      },
    });
    table.isDown = true;
    await expect(shards.fire('schedule')).rejects.toThrow('down');
    table.isDown = false;
    expect(await shards.head('s')).toMatchObject({ slot: 1, quiet: true });
    expect(statuses(shards)).toEqual({ a: 'open' });
    return shards;
  }

  it.each([
    ['a cold function', 59_999, 'open'],
    ['a cold function', 60_000, 'overdue'],
    ['the same function', 60_000, 'overdue'],
  ])(
    'are left for a minute, and then put: by %s, after %i ms the row is %s',
    async (by, ms, status) => {
      const shards = await flushedAndDied();
      if (by === 'a cold function') shards.coldStart();
      shards.clock.advance(milliseconds(ms));
      await shards.fire('schedule');
      expect(statuses(shards)).toEqual({ a: status });
      const commits = (await shards.commits('s')).length;
      await shards.fire('schedule');
      expect(await shards.commits('s')).toHaveLength(commits);
    },
  );

  it('are put by the next batch', async () => {
    const shards = await flushedAndDied();
    shards.coldStart();
    await shards.put('s', [done('z', 1)]);
    expect(statuses(shards)).toEqual({ a: 'overdue', z: 'done' });
  });

  it('are put at the end of the input without a wait', async () => {
    const shards = await flushedAndDied();
    shards.coldStart();
    await shards.fire('endOfInput');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
  });
});
