/** Alerts are put after their commit: whoever comes next puts them where the author died before that. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { days, milliseconds, minutes } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import type { Duration } from '../../../../shared/model/time.ts';
import { readLane, readLanes } from '../../../../shared/state/lane/laneItem.ts';
import { TestEngine } from '../../../support/engine.ts';
import { gatedJob, knocksJob, signal } from '../../../support/signals.ts';
import { forgetExpired, noise, tellingGate } from '../../../support/tellingGate.ts';

const x = (key: string, second: number) => signal(key, 'x', second);
const knock = (key: string, second: number) => signal(key, 'knock', second);

/** An engine whose alert tables can be down, and what it wrote, in order. */
function watched(job: Job) {
  const done: string[] = [];
  const alerts = { areDown: false };
  const shards = new TestEngine<Job>(job, {
    onState: {
      after({ operation, items: [item] }) {
        if (operation === 'put') done.push(`${item?.['pk']} ${item?.['sk']}`.replace(/^.*@1/, ''));
      },
    },
    onResults: {
      before({ operation }) {
        if (alerts.areDown && operation === 'batchPut') throw new RetryableError('died');
      },
      after({ operation }) {
        if (operation === 'batchPut') done.push('alerts');
      },
    },
  });
  return { shards, done, alerts };
}

/** A lane whose first commit has an alert that its author did not come to put. */
async function died(job: Job = gatedJob()) {
  const { shards, done, alerts } = watched(job);
  alerts.areDown = true;
  const batch = [x('a', 0), x('a', 1), x('a', 2)];
  await expect(shards.put('s', batch)).rejects.toThrow('died');
  expect(await shards.head('s')).toMatchObject({ slot: 0 });
  expect(shards.rows('blocked')).toEqual([]);
  done.length = 0;
  return { shards, done, alerts, batch };
}

const BLOCKED = [{ key: 'a', id: 'blocked' }];

describe('alerts whose author died', () => {
  it.each([
    ['a cold function', (shards: TestEngine<Job>) => shards.coldStart()],
    ['the same function', () => undefined],
  ])('are put by the next writer before it appends: by %s', async (_, between) => {
    const { shards, done, alerts } = await died();
    alerts.areDown = false;
    between(shards);
    await shards.deliver('s', [x('b', 3)], 3);
    expect(done).toEqual(['alerts', '#log#signals/s 000000000001']);
    expect(shards.rows('blocked')).toEqual(BLOCKED);
  });

  it('keep the lane from going on while they cannot be put', async () => {
    const { shards, done } = await died();
    for (let n = 0; n < 3; n += 1) {
      await expect(shards.deliver('s', [x('b', 3)], 3)).rejects.toThrow('died');
      shards.coldStart();
    }
    expect(done).toEqual([]);
    expect(await shards.commits('s')).toHaveLength(1);
  });

  it('are put by a function that lost the slot to the one that died', async () => {
    const { shards, done, alerts } = watched(gatedJob());
    await shards.put('s', [x('a', 0), x('a', 1)]);
    shards.swapFunctions();
    alerts.areDown = true;
    await expect(shards.deliver('s', [x('a', 2)], 2)).rejects.toThrow('died');
    alerts.areDown = false;
    shards.swapFunctions();
    done.length = 0;
    await shards.deliver('s', [x('a', 2), x('b', 3)], 2);
    // The first one is refused: the slot is taken.
    const appends = ['#log#signals/s 000000000001', '#log#signals/s 000000000002'];
    expect(done).toEqual([appends[0], 'alerts', appends[1]]);
    expect(shards.rows('blocked')).toEqual(BLOCKED);
  });

  it.each<[Duration, unknown[], number]>([
    [minutes(5), [], 1],
    [milliseconds(days(7) - 1), [], 1],
    [days(7), BLOCKED, 2],
  ])(
    'come with their batch again, and are put by fireTimers when no stream holds it: after %i ms',
    async (ms, rows, commits) => {
      const { shards, alerts } = await died();
      alerts.areDown = false;
      shards.clock.advance(ms);
      await shards.cold.fire('schedule');
      expect(shards.rows('blocked')).toEqual(rows);
      expect(await shards.commits('s')).toHaveLength(commits);
    },
  );

  it.each([
    [milliseconds(59_999), 0],
    [milliseconds(60_000), 1],
  ])('of a commit of no record are put by the next run, %i ms after it', async (ms, rows) => {
    const { shards, alerts } = watched(knocksJob());
    await shards.put('s', [signal('a', 'knock', 0), signal('a', 'knock', 1)]);
    shards.clock.advance(minutes(2));
    alerts.areDown = true;
    await expect(shards.cold.fire('schedule')).rejects.toThrow('died');
    alerts.areDown = false;
    shards.clock.advance(ms);
    await shards.cold.fire('schedule');
    expect(shards.rows('alarms')).toHaveLength(rows);
    const before = (await shards.commits('s')).length;
    await shards.cold.fire('schedule');
    expect(await shards.commits('s')).toHaveLength(before);
  });

  it('are put before a head is put anew, if nothing has put them for so long', async () => {
    const { shards, done, alerts } = await died();
    alerts.areDown = false;
    shards.clock.advance(days(8));
    await shards.cold.fire('schedule');
    expect(done).toEqual(['alerts', '#log#signals/s 000000000001']);
  });

  it('are found where they are too large for their commit, with all keys of the batch', async () => {
    const { shards, alerts } = watched(tellingGate());
    alerts.areDown = true;
    const batch = Array.from({ length: 3_000 }, (_, n) => x(noise(`${n}`, 12), 0));
    await expect(shards.put('s', batch)).rejects.toThrow('died');
    expect((await shards.head('s'))?.alerts).toMatchObject({ chunks: 1 });
    alerts.areDown = false;
    shards.coldStart();
    await shards.deliver('s', [x('other', 1)], 3_000);
    expect(shards.rows('blocked')).toHaveLength(3_001);
  });
});

it('alerts are put once by a function that goes on by itself', async () => {
  const { shards, done } = watched(gatedJob());
  for (let n = 0; n < 5; n += 1) await shards.put('s', [x('a', n)]);
  expect(done.filter((each) => each === 'alerts')).toHaveLength(1);
});

it('alerts of a parent whose author died are put before a child ends it', async () => {
  const { shards, done, alerts } = await died();
  alerts.areDown = false;
  shards.parents['child'] = ['s'];
  shards.rest['s'] = 'ended';
  shards.coldStart();
  await shards.put('child', [x('b', 3)]);
  expect(done.slice(0, 2)).toEqual(['alerts', '#log#signals/s 000000000001']);
  expect(await shards.head('s')).toMatchObject({ slot: 1, ended: true });
  expect(shards.rows('blocked')).toEqual(BLOCKED);
});

describe('alerts of a parent whose author died as it ended', () => {
  async function endedAndDied() {
    const { shards, done, alerts } = watched(knocksJob());
    shards.parents['left'] = ['whole'];
    shards.parents['right'] = ['whole'];
    await shards.put('whole', [knock('a', 0), knock('a', 1)]);
    shards.rest['whole'] = 'ended';
    alerts.areDown = true;
    await expect(shards.put('left', [knock('l', 2)])).rejects.toThrow('died');
    expect(await shards.head('whole')).toMatchObject({ ended: true });
    expect(shards.rows('alarms')).toEqual([]);
    done.length = 0;
    return { shards, done, alerts };
  }

  it('are put before a child begins', async () => {
    const { shards, done, alerts } = await endedAndDied();
    shards.coldStart();
    await expect(shards.put('left', [knock('l', 2)])).rejects.toThrow('died');
    expect(await readLane(shards.state, shards.lane('left'))).toBeUndefined();
    alerts.areDown = false;
    shards.coldStart();
    await shards.deliver('left', [knock('l', 2)]);
    expect(done[0]).toBe('alerts');
    expect(done).toContain('#log#signals/left 000000000000');
    expect(shards.rows('alarms')).toEqual([{ key: 'a', id: '0-1' }]);
  });

  it('are put before the parent is retired, by fireTimers alone', async () => {
    const { shards, alerts } = await endedAndDied();
    const listed = async () => [...(await readLanes(shards.state, shards.job.id)).keys()].sort();
    const day = async () => {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule').catch(() => undefined);
      forgetExpired(shards);
    };
    for (let n = 0; n < 3; n += 1) await day();
    expect(await listed()).toEqual(['signals/whole']);
    expect(shards.rows('alarms')).toEqual([]);
    alerts.areDown = false;
    for (let n = 0; n < 3; n += 1) await day();
    expect(await listed()).toEqual(['signals/left', 'signals/right']);
    expect(shards.rows('alarms')).toEqual([{ key: 'a', id: '0-1' }]);
  });
});
