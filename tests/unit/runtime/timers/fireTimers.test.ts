/** What holds of firing for all kinds of jobs: how far the job watermark is, and whose state is left alone. */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { needsFiring } from '../../../../shared/job/traits.ts';
import { NO_WATERMARK, watermarkAt } from '../../../../shared/model/time.ts';
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
  tasksJob,
} from '../../../support/signals.ts';

/** A job whose watermark is this many seconds after T0, with a task opened at 0. */
async function tasksAt(second: number) {
  const shards = new TestEngine(tasksJob());
  await shards.put('s', [open('a', 0), done('z', second)]);
  return shards;
}

describe('the job watermark', () => {
  it('is the least of all lanes, and never goes back', async () => {
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
    const shards = new TestEngine(tasksJob());
    expect(await shards.cold.fire('schedule')).toMatchObject({ outcome: 'nothingDue' });
    await shards.put('s', ['garbage']);
    const report = await shards.cold.fire('schedule');
    expect(report).toMatchObject({ outcome: 'nothingDue', watermark: NO_WATERMARK });
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
