/** A gated window job's batches, also by those who come too late. */
import { describe, expect, it } from 'vitest';
import { adBlacklist } from '../../../../functions/adBlacklist/job.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { TestEngine } from '../../../support/engine.ts';
import type { Call } from '../../../support/interceptedTable.ts';
import { gatedJob, signal } from '../../../support/signals.ts';

const click = (key: string, second: number) => signal(key, 'x', second);
const JOB = gatedJob();

/** What a write is for. */
function writeOf({ operation, partitions: [partition = ''] }: Call) {
  if (operation === 'batchPut') return partition === 'a' ? 'alert' : undefined;
  return operation === 'put' && partition.includes('#log#') ? 'commit' : undefined;
}

describe('a batch', () => {
  it('puts the commit first, then alerts, and no item for a key', async () => {
    const order: string[] = [];
    const note = (call: Call) => {
      const write = writeOf(call);
      if (write) order.push(write);
    };
    const shards = new TestEngine(JOB, { onState: { after: note }, onResults: { after: note } });
    await shards.put('s', [click('a', 0), click('a', 1), click('a', 2), click('b', 2)]);
    expect(order).toEqual(['commit', 'alert']);
    expect(shards.items('').map(({ pk }) => pk)).toEqual([JOB.id, `${JOB.id}#log#signals/s`]);
  });

  it.each(['commit', 'alert'])(
    'comes to the same when the function dies before or after its %s',
    async (write) => {
      for (const moment of ['before', 'after'] as const) {
        let isDead = false;
        const die = (call: Call) => {
          if (isDead || writeOf(call) !== write) return;
          isDead = true;
          throw new RetryableError('died');
        };
        const shards = new TestEngine(JOB, {
          onState: { [moment]: die },
          onResults: { [moment]: die },
        });
        const contents = [0, 1, 2, 3].map((second) => click('a', second));
        await expect(shards.put('s', contents)).rejects.toThrow('died');
        shards.coldStart();
        await shards.deliver('s', [...contents, click('a', 4), click('b', 5)]);
        expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 3, filtered: 3 });
        expect(shards.rows('blocked')).toEqual([{ key: 'a', id: 'blocked' }]);
      }
    },
  );

  it('takes as many entries as there are, since a key costs no write', async () => {
    const shards = new TestEngine(JOB);
    const contents = Array.from({ length: 2_001 }, (_, n) => click(`k${n % 50}`, n % 60));
    expect(await shards.put('s', contents)).toMatchObject({ commits: 1 });
    expect((await shards.head('s'))?.totals).toEqual({
      accepted: 100,
      filtered: 1_901,
      late: 0,
      dead: 0,
    });
    expect(shards.rows('blocked')).toHaveLength(50);
  });
});

describe('a zombie', () => {
  it('that builds on an old head loses its slot, and decides anew', async () => {
    const shards = new TestEngine(JOB);
    const zombie = shards.cold.ingest;
    const contents = [0, 1, 2, 3, 4].map((second) => click('a', second));
    await shards.deliver('s', contents.slice(0, 1), 0, zombie);
    shards.coldStart();
    await shards.deliver('s', contents.slice(0, 3));
    await shards.deliver('s', contents, 0, zombie);
    expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 2, filtered: 3 });
  });
});

describe('closing the windows of a gated job', () => {
  it('counts what passed', async () => {
    const shards = new TestEngine(JOB);
    await shards.put('s', [click('a', 0), click('a', 1), click('a', 2), click('b', 70)]);
    await shards.cold.close('schedule');
    expect(shards.rows('counted')).toMatchObject([{ counts: { a: 2 } }]);
  });
});

it('is not decided by states that another limit made', () => {
  const family = (limit: string) => adBlacklist.build({ limit }).shape;
  expect(family('5')).toBe(family('5'));
  expect(family('5')).not.toBe(family('2'));
});
