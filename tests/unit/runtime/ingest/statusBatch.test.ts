/** A batch of a status job on one stream: chunks, then the commit, then the rows, whatever goes wrong in between. */
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { days, minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import type { StatusJob } from '../../../../shared/job/statusJob.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Call, Interception } from '../../../support/interceptedTable.ts';
import { at, done, open, tasksJob } from '../../../support/signals.ts';
import { keysOf } from '../../../support/splitShards.ts';
import { noise } from '../../../support/tellingGate.ts';
import { faultAt, stateWrite } from '../../../support/writeFaults.ts';

const ALL = tasksJob();
const PROBLEMS = tasksJob({
  rows: { of: 'problems', lateness: seconds(60), remember: seconds(120) },
});

/** The watermark reaches the timer of `a`; the line that is no event does not fit its commit. */
const CONTENTS = [
  open('a', 0),
  open('b', 1),
  done('b', 2),
  open('c', 130),
  noise('garbage', 40_000),
];

const rowWrite = ({ operation, items: [row] }: Call): string | undefined =>
  operation === 'put' ? `row ${row?.['task']}` : undefined;

const JOBS: readonly (readonly [rows: string, job: StatusJob, writes: readonly string[]])[] = [
  ['all', ALL, ['lane', '#chunk#', '#log#', 'row a', 'row b', 'row c']],
  ['problems', PROBLEMS, ['lane', '#chunk#', '#log#', 'row a']],
];
const CUTS = JOBS.flatMap(([rows, job, writes]) =>
  writes.flatMap((what, n) =>
    (['before', 'after', 'lost'] as const).map((how) => [rows, how, what, job, n + 1] as const),
  ),
);

describe('the order of effects', () => {
  it.each(JOBS)('is chunks, then the commit, then rows: of %s', async (_, job, writes) => {
    const order: string[] = [];
    const note = (write: string | undefined) => void (write && order.push(write));
    const shards = new TestEngine(job, {
      onState: { after: (call) => note(stateWrite(call)) },
      onResults: { after: (call) => note(rowWrite(call)) },
    });
    await shards.put('s', CONTENTS);
    expect(order).toEqual(writes);
  });

  it.each(CUTS)(
    'of rows of %s can be cut (%s %s): the retry brings the same',
    async (_, how, _what, job, write) => {
      const plain = new TestEngine(job);
      await plain.put('s', CONTENTS);
      const fault = faultAt(write, how);
      const shards = new TestEngine(job, {
        onState: {
          before: (call) => fault.meet('before', stateWrite(call)),
          after: (call) => fault.meet('after', stateWrite(call)),
        },
        onResults: {
          before: (call) => fault.meet('before', rowWrite(call)),
          after: (call) => fault.meet('after', rowWrite(call)),
        },
      });
      await shards.put('s', CONTENTS).catch(() => {});
      expect(fault.isMet()).toBe(true);
      shards.coldStart();
      // Other boundaries on the retry.
      await shards.deliver('s', CONTENTS.slice(0, 2));
      await shards.deliver('s', CONTENTS);
      expect((await shards.head('s'))?.totals).toEqual((await plain.head('s'))?.totals);
      expect(shards.rows('tasks')).toEqual(plain.rows('tasks'));
      await plain.cold.fire('endOfInput');
      await shards.cold.fire('endOfInput');
      expect(shards.rows('tasks')).toEqual(plain.rows('tasks'));
      expect(shards.rows('tasks').map(({ status }) => status)).toContain('overdue');
    },
  );

  it('takes about 16 MiB of states into a commit', async () => {
    const text = 'x'.repeat(200_000);
    const shards = new TestEngine(
      tasksJob({ merge: (_, { time }) => ({ open: time, text }) as object }),
    );
    const many = Array.from({ length: 100 }, (_, n) => open(`k${n}`, n / 1_000));
    expect(await shards.put('s', many)).toMatchObject({ commits: 2, counts: { accepted: 100 } });
  });

  it('leaves the rows of a commit that stands to the same function, too', async () => {
    let isDown = true;
    const onResults: Interception = {
      before({ operation }) {
        if (isDown && operation === 'put') throw new RetryableError('died');
      },
    };
    const shards = new TestEngine(ALL, { onResults });
    await expect(shards.put('s', [open('a', 0)])).rejects.toThrow('died');
    expect(await shards.commits('s')).toHaveLength(1);
    await expect(shards.deliver('s', [open('b', 1)], 1)).rejects.toThrow('died');
    expect(await shards.commits('s')).toHaveLength(1);
    isDown = false;
    await shards.deliver('s', [open('b', 1)], 1);
    expect(shards.rows('tasks').map(({ task }) => task)).toEqual(['a', 'b']);
  });
});

interface Read {
  readonly keys: readonly string[];
  readonly consistency: string | undefined;
}

/** What is read of the job's rows from now on. */
function readsOf({ results }: TestEngine<StatusJob>): Read[] {
  const reads: Read[] = [];
  const { get, batchGet, query } = results;
  Object.assign(results, {
    get(...[key, consistency]: Parameters<typeof get>) {
      reads.push({ keys: [key.pk], consistency });
      return get.call(results, key, consistency);
    },
    batchGet(...[keys, consistency]: Parameters<typeof batchGet>) {
      reads.push({ keys: keys.map(({ pk }) => pk), consistency });
      return batchGet.call(results, keys, consistency);
    },
    query(...[request]: Parameters<typeof query>) {
      reads.push({ keys: [request.pk], consistency: undefined });
      return query.call(results, request);
    },
  });
  return reads;
}

/** A cold function on a lane whose snapshot was put anew once `a` had waited for nothing for more than a minute. */
async function settled(job: StatusJob) {
  const shards = new TestEngine(job);
  await shards.put('s', [open('a', 10), done('a', 20)]);
  shards.clock.advance(minutes(5));
  await shards.put('s', [done('b', 300)]);
  shards.clock.advance(days(8));
  await shards.put('s', [done('c', 400)]);
  shards.coldStart();
  expect(await keysOf(shards as unknown as TestEngine<Job>, 's')).not.toContain('a');
  return shards;
}

describe('a row of a job in which all keys have one', () => {
  it('is read for each key that begins: all of a batch at once, strongly', async () => {
    const shards = new TestEngine(ALL);
    const reads = readsOf(shards);
    await shards.put('s', [open('a', 0), open('b', 1), done('a', 2)]);
    expect(reads).toEqual([{ keys: ['a', 'b'], consistency: 'strong' }]);
  });

  it('is not read by a function that knows the key', async () => {
    const shards = new TestEngine(ALL);
    await shards.put('s', [open('a', 0), open('b', 1)]);
    const reads = readsOf(shards);
    await shards.put('s', [done('a', 5), open('b', 0)]);
    expect(reads).toEqual([]);
    shards.coldStart();
    await shards.put('s', [open('a', 7)]);
    expect(reads).toEqual([]);
  });

  it('is read once of a key that waits for nothing and is no longer in the store, and merged into', async () => {
    const shards = await settled(ALL);
    const reads = readsOf(shards);
    await shards.put('s', [open('a', 5), done('a', 300)]);
    await shards.put('s', [open('a', 3)]);
    expect(reads).toEqual([{ keys: ['a'], consistency: 'strong' }]);
    const [row] = [...shards.results.items()];
    expect(row).toMatchObject({ task: 'a', status: 'done' });
    expect(row).toHaveProperty('engine.state', { open: at(3), done: at(20) });
  });

  it('is put once for all events of its key in a batch, and not when nothing changes', async () => {
    const puts: unknown[] = [];
    const onResults: Interception = {
      after: ({ operation, items }) => void (operation === 'put' && puts.push(items[0])),
    };
    const shards = new TestEngine(ALL, { onResults });
    await shards.put('s', [open('a', 5), open('a', 3), open('a', 9)]);
    expect(puts).toMatchObject([{ task: 'a', engine: { state: { open: at(3) } } }]);
    await shards.put('s', [open('a', 3), open('a', 4)]);
    expect(puts).toHaveLength(1);
    expect((await shards.head('s'))?.totals.accepted).toBe(5);
  });
});

it('reads no row at all where only problems have one', async () => {
  const shards = await settled(PROBLEMS);
  const reads = readsOf(shards);
  await shards.put('s', [open('a', 399), open('d', 401), open('e', 500)]);
  shards.coldStart();
  await shards.put('s', [done('a', 501), done('f', 600)]);
  await shards.cold.fire('endOfInput');
  expect(shards.rows('tasks')).toMatchObject([
    { task: 'a', status: 'done' },
    { task: 'd', status: 'overdue' },
    { task: 'e', status: 'overdue' },
  ]);
  expect(reads).toEqual([]);
});
