/** More than one timer of a key. */
import { describe, expect, it } from 'vitest';
import { eventTime, later, seconds } from '../../../../shared/index.ts';
import { TestEngine } from '../../../support/engine.ts';
import { at, open, T0, type TaskTail, tasksJob } from '../../../support/signals.ts';

/** Overdue after a minute, and done after another. The last timer comes first. */
const twice: Partial<TaskTail> = {
  timers: ({ open: opened }) =>
    opened === undefined
      ? []
      : [120, 60].map((second) => later(eventTime(opened), seconds(second))),
  view({ open: opened = T0 }, watermark) {
    const overdue = later(eventTime(opened), seconds(60));
    if (watermark < overdue) return { status: 'open', row: {} };
    return watermark < later(overdue, seconds(60))
      ? { status: 'overdue', at: overdue, row: {} }
      : { status: 'done', row: {} };
  },
  waits: [seconds(120)],
};
const statusOf = (shards: TestEngine) =>
  shards.rows('tasks').find(({ task }) => task === 'a')?.['status'];

describe('timers of one key', () => {
  it('fire one after the other, by functions that restore the lane, too', async () => {
    const shards = new TestEngine(tasksJob(twice));
    await shards.put('s', [open('a', 0)]);
    const found: unknown[] = [];
    for (const second of [60, 119, 120]) {
      await shards.put('s', [open('z', second)]);
      shards.coldStart();
      found.push([statusOf(shards), (await shards.head('s'))?.nextTimer]);
    }
    expect(found).toEqual([
      ['overdue', at(120)],
      ['overdue', at(120)],
      ['done', at(180)],
    ]);
  });

  it('fire all at once, whatever their order', async () => {
    const shards = new TestEngine(tasksJob(twice));
    await shards.put('s', [open('a', 0)]);
    await shards.put('s', [open('z', 500)]);
    expect(statusOf(shards)).toBe('done');
  });
});
