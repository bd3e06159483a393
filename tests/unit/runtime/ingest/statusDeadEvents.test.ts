/** Events of a status job on one stream that are no use are dead letters, and the others go on, wherever batches end. */
import { describe, expect, it } from 'vitest';
import { days, minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import type { StatusRows } from '../../../../shared/job/statusJob.ts';
import { TestEngine } from '../../../support/engine.ts';
import { open, type Signal, signal, T0, tasksJob } from '../../../support/signals.ts';
import { keysOf } from '../../../support/splitShards.ts';
import { threw } from '../../../support/threw.ts';

const ROWS: readonly (readonly [of: StatusRows['of'], rows: StatusRows])[] = [
  ['all', { of: 'all' }],
  ['problems', { of: 'problems', lateness: seconds(600), remember: seconds(1_200) }],
];
const SIZES = [1, 2, 100];

async function deliver(shards: TestEngine, contents: readonly Signal[], size: number) {
  for (let from = 0; from < contents.length; from += size) {
    await shards.deliver('s', contents.slice(from, from + size), from);
  }
}

describe.each(ROWS)('of a job with rows of %s, an event', (_, rows) => {
  it.each(SIZES)(
    'that cannot be merged, or whose row is too large, is left out: batches of %i',
    async (size) => {
      const job = tasksJob({
        rows,
        merge(state, { kind, time }) {
          if (kind === 'bad') throw new Error('cannot be');
          return { open: Math.min(state.open ?? time, time) };
        },
        // As many characters as milliseconds.
        view: ({ open: opened = T0 }) => ({
          status: 'overdue',
          at: opened as never,
          row: { text: 'x'.repeat(opened - T0) },
        }),
      });
      const shards = new TestEngine<Job>(job as unknown as Job);
      const contents = [
        open('a', 9),
        signal('a', 'bad', 5),
        open('large', 300),
        open('a', 3),
        open('large', 2),
        open('b', 1),
      ];
      await deliver(shards as unknown as TestEngine, contents, size);
      const totals = { accepted: 4, filtered: 0, late: 0, dead: 2 };
      expect((await shards.head('s'))?.totals).toEqual(totals);
      expect(await shards.side('s')).toMatchObject([
        { kind: 'dead', reason: threw('cannot be') },
        { kind: 'dead', reason: expect.stringMatching(/^the row takes 300\d+ bytes; at most 26/) },
      ]);
      const lengths = shards.rows('tasks').map(({ task, text }) => [task, String(text).length]);
      expect(lengths).toEqual([
        ['a', 3_000],
        ['b', 1_000],
        ['large', 2_000],
      ]);
    },
  );

  it('of a key that was forgotten may come with another partition key', async () => {
    const stateRetention = minutes(50);
    const shards = new TestEngine(
      tasksJob({ rows, stateRetention, key: ({ value }) => String(value) }),
    );
    await shards.put('s', [signal('p', 'done', 0, 'k')]);
    shards.clock.advance(minutes(51));
    await shards.put('s', [signal('q', 'done', 1, 'k')]);
    expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 2, dead: 0 });
  });

  it.each(SIZES)(
    'of a key that came with another partition key says so: batches of %i',
    async (size) => {
      const shards = new TestEngine(tasksJob({ rows, key: ({ value }) => String(value) }));
      const contents = [
        signal('p', 'open', 0, 'k'),
        signal('q', 'done', 1, 'k'),
        signal('p', 'open', 3, 'k'),
        signal('q', 'open', 90, 'l'),
      ];
      await deliver(shards as unknown as TestEngine, contents, size);
      expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 3, dead: 1 });
      const reason =
        'its key came with the partition key p before, and comes with q: all events of a key need the same one';
      expect(await shards.side('s')).toMatchObject([{ kind: 'dead', reason }]);
      expect(shards.rows('tasks')[0]).toMatchObject({ task: 'k', status: 'overdue' });
    },
  );
});

it('goes by the partition key in the row of a key that is no longer in the store', async () => {
  const shards = new TestEngine<Job>(
    tasksJob({ key: ({ value }) => String(value) }) as unknown as Job,
  );
  await shards.put('s', [signal('p', 'done', 0, 'k')]);
  shards.clock.advance(minutes(5));
  await shards.put('s', [signal('p', 'done', 1, 'l')]);
  shards.clock.advance(days(8));
  await shards.put('s', [signal('p', 'done', 2, 'm')]);
  shards.coldStart();
  expect(await keysOf(shards, 's')).not.toContain('k');
  await shards.put('s', [signal('q', 'open', 3, 'k'), signal('p', 'open', 4, 'k')]);
  expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 4, dead: 1 });
  expect(await shards.side('s')).toMatchObject([
    { reason: expect.stringContaining('the partition key p before, and comes with q') },
  ]);
});
