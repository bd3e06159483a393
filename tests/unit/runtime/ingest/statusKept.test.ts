/** How long what a lane keeps of a status job's key is known, and its row is shown. */
import { describe, expect, it } from 'vitest';
import {
  days,
  eventTime,
  hours,
  later,
  milliseconds,
  minutes,
  seconds,
} from '../../../../shared/index.ts';
import { arrivalTime, type Duration } from '../../../../shared/model/time.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { TestEngine } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import {
  at,
  done,
  open,
  problemsJob,
  type Signal,
  type TaskTail,
  tasksJob,
} from '../../../support/signals.ts';

describe('a key is known', () => {
  it('from the watermark at an event that says nothing new', async () => {
    const shards = new TestEngine(problemsJob());
    const contents = [done('a', 0), done('b', 20), done('a', 15), done('b', 45), open('a', 45)];
    await shards.put('s', contents);
    await shards.put('s', [done('b', 1_000)]);
    expect(shards.rows('tasks')).toEqual([]);
  });

  it('from the arrival of an event that says nothing new', async () => {
    const shards = new TestEngine(tasksJob({ stateRetention: hours(1) }));
    for (const event of [open('a', 0), open('a', 0), done('a', 30)]) {
      await shards.put('s', [event]);
      shards.clock.advance(minutes(40));
    }
    const state = { open: at(0), done: at(30) };
    expect([...shards.results.items()]).toMatchObject([{ engine: { state } }]);
  });

  it('while it waits for something, also where no problem will come of it', async () => {
    const timers: TaskTail['timers'] = ({ open: opened }) =>
      opened === undefined ? [] : [later(eventTime(opened), seconds(60))];
    const view: TaskTail['view'] = ({ open: opened }) =>
      opened === undefined
        ? { status: 'overdue', at: at(0), row: {} }
        : { status: 'open', row: {} };
    const shards = new TestEngine(problemsJob({ timers, view }));
    await shards.put('s', [open('a', 0), open('b', 40), done('a', 41)]);
    expect(shards.rows('tasks')).toEqual([]);
  });

  it('where a release throws on its state', async () => {
    const before = new TestEngine(problemsJob());
    await before.put('s', [done('a', 0)]);
    const { state, results, clock } = before;
    const { view } = tasksJob() as unknown as TaskTail;
    const mended = problemsJob({
      view(task, watermark) {
        if (task.open === undefined) throw new Error('old');
        return view(task, watermark);
      },
    });
    const shards = new TestEngine(mended, { state, results, clock });
    await shards.deliver('s', [open('b', 40), open('a', 41), open('c', 200)], 1);
    expect(shards.rows('tasks').map(({ task }) => task)).toEqual(['b']);
  });

  it('to records that are read days late', async () => {
    const shards = new TestEngine(problemsJob());
    let first = 0;
    const read = (contents: readonly (Signal | string)[], after: Duration) => {
      const arrival = arrivalTime(CLOCK_START + after);
      const records = streamRecords(contents, { first, arrival }).map((record, n) => ({
        ...record,
        partitionKey: (contents[n] as Signal).key ?? 'none',
      }));
      first += records.length;
      return shards.ingest(records, { shard: 's' });
    };
    await read([open('a', 0), open('b', 90)], milliseconds(0));
    shards.clock.advance(days(3));
    // As many commits as look at all keys.
    for (let n = 0; n < 300; n += 1) await read(['garbage'], minutes(1));
    await read([done('a', 90)], minutes(50));
    expect(shards.rows('tasks')).toMatchObject([{ task: 'a', status: 'done' }]);
  });
});

it.each([
  [minutes(50), days(90)],
  [days(120), days(120)],
])('a row of a key that is kept for %i ms is shown for %i ms', async (stateRetention, shown) => {
  const shards = new TestEngine(problemsJob({ stateRetention }));
  await shards.put('s', [open('a', 0), open('b', 60)]);
  const arrival = Math.floor(CLOCK_START / 60_000) * 60_000;
  const expiresAt = (arrival + shown + shards.settings.streamRetention + days(2)) / 1_000;
  expect([...shards.results.items()][0]).toMatchObject({ expiresAt });
});
