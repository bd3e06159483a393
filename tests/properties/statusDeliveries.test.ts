/** A status job's rows depend on its events alone: not on lanes, batches, repeats, or when timers were fired. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StatusJob } from '../../shared/job/statusJob.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { TestEngine } from '../support/engine.ts';
import { type Signal, sharedTasksJob, signal, tasksJob } from '../support/signals.ts';

interface Delivered {
  readonly size: number;
  readonly isAgain: boolean;
  readonly isFired: boolean;
  readonly isCold: boolean;
}

type Placed = Signal & { readonly shard: string };

const event: fc.Arbitrary<Placed> = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('open', 'done'),
    second: fc.integer({ min: 0, max: 200 }),
    shard: fc.constantFrom('s', 't'),
  })
  .map(({ key, kind, second, shard }) => ({ ...signal(key, kind, second), shard }));

const delivered: fc.Arbitrary<Delivered> = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  isAgain: fc.boolean(),
  isFired: fc.boolean(),
  isCold: fc.boolean(),
});

/** All events of a key on one shard. */
const byKey = (placed: Placed): Placed => ({ ...placed, shard: placed.key === 'c' ? 't' : 's' });

async function rowsOf(job: StatusJob, events: readonly Placed[], how: readonly Delivered[]) {
  const shards = new TestEngine(job);
  let step = 0;
  for (const shard of ['s', 't']) {
    const contents = events.filter((each) => each.shard === shard);
    for (let at = 0; at < contents.length; step += 1) {
      const { size, isAgain, isFired, isCold } = how[step % how.length] as Delivered;
      const from = isAgain ? 0 : at;
      await shards.deliver(shard, contents.slice(from, at + size), from);
      if (isFired) await shards.cold.fire('schedule');
      if (isCold) shards.coldStart();
      at += size;
    }
  }
  await shards.cold.fire('endOfInput');
  expect(shards.items('#timers#')).toEqual([]);
  const heads = await Promise.all(['s', 't'].map((shard) => shards.head(shard)));
  const total = heads.reduce((sum, head) => sum + (head ? totalOf(head.totals) : 0), 0);
  expect(total).toBe(events.length);
  return shards.rows('tasks');
}

it.each<[string, StatusJob, (placed: Placed) => Placed]>([
  ['and on whichever shard: of a job on several streams', sharedTasksJob(), (placed) => placed],
  ['on the shard of their key: of a job on one stream', tasksJob(), byKey],
])(
  'are the same however the events are delivered, in whatever order, %s',
  async (_, job, place) => {
    const plain = [{ size: 1_000, isAgain: false, isFired: false, isCold: false }];
    const events = fc.array(event.map(place), { minLength: 1, maxLength: 20 });
    const steps = fc.array(delivered, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(events, steps, async (seen, how) => {
        const expected = await rowsOf(job, seen, plain);
        expect(await rowsOf(job, seen, how)).toEqual(expected);
        expect(await rowsOf(job, seen.toReversed(), how)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  },
  60_000,
);
