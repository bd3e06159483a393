/**
 * Firing timers of status jobs on several streams: what time alone changes, and that it changes it once, not early, and for every
 * key. And what holds of firing for all kinds of jobs.
 */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { needsFiring } from '../../../../shared/job/traits.ts';
import { NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
import type { Consistency } from '../../../../shared/ports/table.ts';
import { putJobWatermark, readJobWatermark } from '../../../../shared/state/keyed/jobClock.ts';
import { TestEngine } from '../../../support/engine.ts';
import { untyped, visitsJob } from '../../../support/jobs.ts';
import {
  at,
  done,
  gatedJob,
  knocksJob,
  open,
  sharedTasksJob,
  signal,
  T0,
  tasksJob,
} from '../../../support/signals.ts';

const statuses = (shards: TestEngine) =>
  Object.fromEntries(shards.rows('tasks').map(({ task, status }) => [task, status]));

/** A shop whose job watermark is this many seconds after T0, with a task opened at 0. */
async function tasksAt(second: number) {
  const shards = new TestEngine(sharedTasksJob());
  await shards.put('s', [open('a', 0), done('z', second)]);
  return shards;
}

describe('a timer', () => {
  it.each([
    [59.999, 'open', 1],
    [60, 'overdue', 0],
    [60.001, 'overdue', 0],
  ])('of second 60 is judged by a watermark of %d', async (second, status, sheetsLeft) => {
    const shards = await tasksAt(second);
    const report = await shards.cold.fire('schedule');
    expect(report).toMatchObject({ watermark: T0 + second * 1_000 });
    expect(statuses(shards)['a']).toBe(status);
    expect(shards.items('#timers#')).toHaveLength(sheetsLeft);
    expect(await shards.cold.fire('schedule')).toMatchObject({ rowsWritten: 0 });
  });

  it('that its key has outrun costs a read, no write', async () => {
    const shards = await tasksAt(50);
    await shards.put('s', [done('a', 51), done('z', 90)]);
    const report = await shards.cold.fire('schedule');
    expect(report).toMatchObject({ timersDue: 1, rowsWritten: 0, sheetsDeleted: 1 });
    expect(statuses(shards)).toEqual({ a: 'done', z: 'done' });
  });

  it('of a row that is gone is forgotten', async () => {
    const shards = await tasksAt(90);
    shards.tables.get('tasks')?.remove({ pk: 'a', sk: '' });
    const report = await shards.cold.fire('schedule');
    expect(report).toMatchObject({ timersDue: 1, rowsWritten: 0, sheetsDeleted: 1 });
  });

  it('makes the row a problem, listed by status and time', async () => {
    const shards = await tasksAt(60);
    await shards.cold.fire('schedule');
    const stored = () =>
      [...(shards.tables.get('tasks')?.items() ?? [])].find(({ task }) => task === 'a') ?? {};
    expect(stored()).toMatchObject({
      status: 'overdue',
      problem: 'overdue#3',
      problemAt: '2017-11-26T01:01:00.000Z',
    });
    await shards.put('s', [done('a', 59)]);
    expect(stored()).toMatchObject({ status: 'done' });
    expect(Object.keys(stored())).not.toContain('problem');
  });
});

describe('timer sheets', () => {
  it('that are not due are not read; one that is due in part stays until all of it is', async () => {
    const shards = new TestEngine(sharedTasksJob());
    await shards.put('s', [open('a', 1), open('b', 50), done('z', 61)]);
    await shards.put('t', [open('c', 400)]);
    const first = await shards.cold.fire('schedule');
    expect(first).toMatchObject({ sheetsRead: 1, timersDue: 1, rowsWritten: 1, sheetsDeleted: 0 });
    await shards.put('s', [done('z', 110)]);
    expect(await shards.cold.fire('schedule')).toMatchObject({ rowsWritten: 1, sheetsDeleted: 1 });
    expect(statuses(shards)).toEqual({ a: 'overdue', b: 'overdue', c: 'open', z: 'done' });
    expect(shards.items('#timers#')).toHaveLength(1);
  });

  it('are deleted only when their rows are written', async () => {
    let isDown = false;
    const shards = new TestEngine(sharedTasksJob(), {
      onResults: {
        before({ operation }) {
          if (isDown && operation === 'put') throw new RetryableError('down');
        },
      },
    });
    await shards.put('s', [open('a', 0), done('z', 90)]);
    isDown = true;
    await expect(shards.cold.fire('schedule')).rejects.toThrow('down');
    expect(shards.items('#timers#')).toHaveLength(1);
    isDown = false;
    await shards.cold.fire('schedule');
    expect(statuses(shards)['a']).toBe('overdue');
    expect(shards.items('#timers#')).toEqual([]);
  });

  it('whose deletion is lost are handled again, which changes nothing', async () => {
    const shards = await tasksAt(90);
    const sheet = shards.items('#timers#');
    await shards.cold.fire('schedule');
    await shards.state.batchPut(sheet);
    expect(await shards.cold.fire('schedule')).toMatchObject({ rowsWritten: 0, sheetsDeleted: 1 });
  });

  it('are left for another run when time is up, and that run goes on', async () => {
    const shards = new TestEngine(sharedTasksJob());
    const keys = Array.from({ length: 2_500 }, (_, n) => open(`k${n}`, n / 10));
    await shards.put('s', [...keys, done('z', 1_000)]);
    const first = await shards.cold.fire('schedule', () => false);
    expect(first).toMatchObject({ hasMore: true });
    expect(first.rowsWritten).toBeGreaterThan(0);
    expect(first.rowsWritten).toBeLessThan(2_500);
    const second = await shards.cold.fire('schedule');
    expect(second).toMatchObject({ hasMore: false });
    expect(first.rowsWritten + second.rowsWritten).toBe(2_500);
    expect(shards.items('#timers#')).toEqual([]);
  });

  it('are handled by two runs at once, and by ingest on the same key, without harm', async () => {
    const shards = new TestEngine(sharedTasksJob());
    const keys = Array.from({ length: 200 }, (_, n) => open(`k${n}`, n / 10));
    await shards.put('s', [...keys, done('z', 1_000)]);
    const closing = Array.from({ length: 50 }, (_, n) => done(`k${n * 2}`, 1_001));
    await Promise.all([
      shards.cold.fire('schedule'),
      shards.cold.fire('schedule'),
      shards.put('s', closing),
    ]);
    const found = Object.values(statuses(shards));
    expect(found.filter((status) => status === 'overdue')).toHaveLength(150);
    expect(found.filter((status) => status === 'done')).toHaveLength(51);
    expect(shards.items('#timers#')).toEqual([]);
  });
});

it('reads rows strongly: a stale one would lose its timer', async () => {
  const shards = await tasksAt(90);
  const asked: Consistency[] = [];
  const rows = shards.tables.get('tasks');
  const batchGet = rows?.batchGet.bind(rows);
  Object.assign(rows ?? {}, {
    batchGet: (keys: never, consistency: Consistency) => {
      asked.push(consistency);
      return batchGet?.(keys, consistency);
    },
  });
  await shards.cold.fire('schedule');
  expect(asked).toEqual(['strong']);
});

describe('the job watermark', () => {
  it('is stored before a row is judged by it', async () => {
    const stored: unknown[] = [];
    const shards = new TestEngine(sharedTasksJob(), {
      onResults: {
        async before({ operation }) {
          if (operation !== 'put') return;
          stored.push(await readJobWatermark(shards.state, shards.job.id));
        },
      },
    });
    await shards.put('s', [open('a', 0), done('z', 90)]);
    stored.length = 0;
    await shards.cold.fire('schedule');
    expect(stored).toEqual([at(90)]);
  });

  it('is the least of all lanes and streams, and never goes back', async () => {
    const shards = await tasksAt(90);
    await shards.put('t', [done('y', 30)]);
    expect(await shards.cold.fire('schedule')).toMatchObject({ watermark: at(30) });
    await shards.put('t', [done('y', 95)]);
    expect(await shards.cold.fire('schedule')).toMatchObject({ watermark: at(90) });
    await shards.put('u', [done('x', 10)]);
    expect(await shards.cold.fire('schedule')).toMatchObject({ watermark: at(90) });
    await putJobWatermark(shards.state, shards.job.id, watermarkAt(at(5)));
    expect(await readJobWatermark(shards.state, shards.job.id)).toBe(at(90));
  });

  it('is nothing before there is a valid event, and nothing is fired', async () => {
    const shards = new TestEngine(sharedTasksJob());
    expect(await shards.cold.fire('schedule')).toMatchObject({ outcome: 'nothingDue' });
    await shards.put('s', ['garbage']);
    const report = await shards.cold.fire('schedule');
    expect(report).toMatchObject({ outcome: 'nothingDue', watermark: NO_WATERMARK });
  });

  it('follows the clock once every lane has been silent for so long', async () => {
    const shards = new TestEngine(sharedTasksJob(), { settings: { flushAfter: minutes(5) } });
    const now = (shards.clock.now() - T0) / 1_000;
    await shards.put('s', [open('a', now - 1)]);
    shards.clock.advance(minutes(5));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'open' });
    shards.clock.advance(seconds(59));
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
  });

  it('reaches every timer at the end of a finite input', async () => {
    const shards = new TestEngine(sharedTasksJob(), { settings: { flushAfter: 'never' } });
    await shards.put('s', [open('a', 0), open('b', 500)]);
    await shards.put('t', [open('c', 100)]);
    const report = await shards.cold.fire('endOfInput');
    expect(report).toMatchObject({ watermark: at(560), rowsWritten: 3 });
    expect(await shards.cold.fire('endOfInput')).toMatchObject({ outcome: 'nothingDue' });
  });
});

it('has to run for every job but those of windows alone', () => {
  const jobs = [tasksJob(), sharedTasksJob(), knocksJob(), gatedJob(), untyped(visitsJob())];
  expect(jobs.map(needsFiring)).toEqual([true, true, true, true, false]);
});

it.each([
  ['a status job', tasksJob(), tasksJob({ waits: [seconds(1)] }), [open('a', 0)]],
  [
    'a status job on several streams',
    sharedTasksJob(),
    sharedTasksJob({ waits: [seconds(1)] }),
    [open('a', 0)],
  ],
  ['a status job that goes over to several streams', tasksJob(), sharedTasksJob(), [open('a', 0)]],
  [
    'a pattern job',
    knocksJob(),
    knocksJob({ within: seconds(7) }),
    [signal('a', 'knock', 0), signal('a', 'other', 1)],
  ],
] as const)(
  'leaves the state of %s alone that another declaration made',
  async (_, before, after, events) => {
    const old = new TestEngine<Job>(before);
    await old.put('s', events);
    old.clock.advance(minutes(10));
    const { state, clock } = old;
    const changed = new TestEngine<Job>(after, { state, clock });
    const stored = [...state.items()];
    await expect(changed.fire('schedule')).rejects.toThrow('raise the version of the job');
    expect([...state.items()]).toEqual(stored);
  },
);
