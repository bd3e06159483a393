/** What a status job's code answers, and cannot be kept: the event is a dead letter that says what is wrong. */
import { expect, it } from 'vitest';
import { TestEngine } from '../../../support/engine.ts';
import { open, tasksJob } from '../../../support/signals.ts';

it.each<[string, object, RegExp]>([
  [
    'a status that is none of its',
    { status: 'gone', row: {} },
    /^its status is "gone", which is none of the job's statuses: open, done, overdue$/,
  ],
  [
    'a problem without its time',
    { status: 'overdue', row: {} },
    /^its status "overdue" is a problem, and lacks the time `at`/,
  ],
  [
    'a time that is none',
    { status: 'done', at: Number.NaN, row: {} },
    /^the time `at` of its status "done" is none: NaN$/,
  ],
  [
    'a row that no table takes',
    { status: 'open', row: { at: new Date(0) } },
    /^the row: attribute at: an object of a class/,
  ],
])('makes a dead letter of an event for which the job gives %s', async (_, view, reason) => {
  const job = tasksJob({ view: () => view as never });
  const shards = new TestEngine(job);
  await shards.put('s', [open('a', 9)]);
  expect(await shards.side('s')).toMatchObject([{ reason: expect.stringMatching(reason) }]);
});

it('says that the state of a key cannot be stored, and not how it is called in the row', async () => {
  const job = tasksJob({
    merge: () => ({ open: new Map() }) as never,
    timers: () => [],
    view: () => ({ status: 'done', row: {} }),
  });
  const shards = new TestEngine(job);
  await shards.put('s', [open('a', 9)]);
  const [{ reason } = { reason: '' }] = await shards.side('s');
  expect(reason).toMatch(/^the state of the key: attribute state.*an object of a class cannot/);
});
