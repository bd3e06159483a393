/** What a job's keyed lanes make of what was forwarded: rows, counts, and time. */
import { beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../../cli/collect.ts';
import { candidatesOf, envelopeOf } from '../../../../cli/letters/candidates.ts';
import { minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { readLanes } from '../../../../shared/state/lane/laneItem.ts';
import { SHARD, TestEngine } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import { done, open, sharedTasksJob } from '../../../support/signals.ts';
import { ByHand, OWN, statuses } from './byHand.ts';

describe('the keyed lanes of a job', () => {
  it('are those of its keys, on as many shards as its own stream has', async () => {
    const own = new ByHand(sharedTasksJob() as unknown as Job, 3);
    const keys = Array.from({ length: 30 }, (_, n) => `k${n}`);
    await own.engine.put(
      's',
      keys.map((key) => open(key, 0)),
    );
    await own.engine.deliverOn(
      'echoes',
      keys.map((key) => done(key, 1)),
    );
    await own.read();
    expect(new Set(Object.values(statuses(own.engine)))).toEqual(new Set(['done']));
    const lanes = [...(await readLanes(own.engine.state, own.engine.job.id)).keys()];
    expect(lanes.filter((name) => name.startsWith(OWN))).toHaveLength(3);
  });

  it('give the same rows in whatever order the sources are forwarded', async () => {
    const rowsOf = async (order: readonly ('signals' | 'echoes')[]) => {
      const own = new ByHand(sharedTasksJob() as unknown as Job);
      for (const stream of order) {
        const events = stream === 'signals' ? [open('a', 0), open('b', 30)] : [done('a', 200)];
        await own.engine.deliverOn(stream, events);
        await own.read();
      }
      await own.engine.finish();
      return own.engine.rows('tasks');
    };
    expect(await rowsOf(['signals', 'echoes'])).toEqual(await rowsOf(['echoes', 'signals']));
  });

  it('count what their job refuses there as dead, once, and redriven, as in any job', async () => {
    const job = sharedTasksJob({
      merge: (state, event) => {
        if (event.key === 'a') throw new Error('cannot merge');
        return { ...state, open: event.time };
      },
    }) as unknown as Job;
    const shards = new TestEngine<Job>(job);
    await shards.put('s', [open('a', 0), open('b', 0)]);
    const own = async () => (await shards.commits(SHARD, OWN)).at(-1)?.totals;
    expect((await shards.head('s'))?.totals).toMatchObject({ accepted: 2, dead: 0 });
    expect(await own()).toMatchObject({ accepted: -1, dead: 1 });
    const [letter] = await shards.side(SHARD, OWN);
    expect(letter).toMatchObject({ kind: 'dead', reason: expect.stringContaining('cannot merge') });
    expect(statuses(shards)).toEqual({ b: 'open' });
    const redrive = async (first: number) => {
      const candidates = await collect(candidatesOf(shards.job, shards.state, { filter: {} }));
      expect(candidates.map(({ stream }) => stream)).toEqual([OWN]);
      const envelopes = candidates.map((each) => envelopeOf(shards.job, each));
      expect(envelopes.map(({ partitionKey }) => partitionKey)).toEqual(['a']);
      const records = streamRecords(
        envelopes.map(({ line }) => line),
        { first },
      );
      return (await shards.ingest(records, { stream: OWN })).counts;
    };
    expect(await redrive(100)).toMatchObject({ accepted: 0, dead: 1 });
    expect(await own()).toMatchObject({ accepted: -1, dead: 2 });
  });

  it('merge what comes back of a dead letter, and count it as accepted', async () => {
    let isBroken = true;
    const job = sharedTasksJob({
      merge: (state, event) => {
        if (isBroken) throw new Error('cannot merge');
        return { ...state, open: event.time };
      },
    }) as unknown as Job;
    const shards = new TestEngine<Job>(job);
    await shards.put('s', [open('a', 0)]);
    isBroken = false;
    const [letter] = await collect(candidatesOf(job, shards.state, { filter: {} }));
    if (!letter) throw new Error('there is no dead letter');
    const records = streamRecords([envelopeOf(job, letter).line], { first: 100 });
    const { counts } = await shards.ingest(records, { stream: OWN });
    expect(counts).toMatchObject({ accepted: 1, dead: 0 });
    expect(statuses(shards)).toEqual({ a: 'open' });
  });
});

describe('time on a keyed lane', () => {
  const timeOf = async (shards: TestEngine<Job>) =>
    ((await shards.commits(SHARD, OWN)).at(-1)?.watermark ?? 0) / 1_000 - 1_511_658_000;

  let shards: TestEngine<Job>;
  beforeEach(() => {
    shards = new TestEngine<Job>(sharedTasksJob() as unknown as Job);
  });

  it('is that of the slowest source that is not idle', async () => {
    await shards.deliverOn('signals', [open('a', 100)]);
    expect(await timeOf(shards)).toBe(Number.NEGATIVE_INFINITY);
    await shards.deliverOn('echoes', [open('b', 40)]);
    expect(await timeOf(shards)).toBe(40);
    shards.clock.advance(seconds(60));
    await shards.ingest(
      streamRecords([open('a', 160)], { first: 1, arrival: shards.clock.now() as never }),
      {
        stream: 'signals',
      },
    );
    expect(await timeOf(shards)).toBe(40);
    shards.clock.advance(seconds(1));
    await shards.ingest(
      streamRecords([open('a', 161)], { first: 2, arrival: shards.clock.now() as never }),
      {
        stream: 'signals',
      },
    );
    expect(await timeOf(shards)).toBe(161);
  });

  it('does not stand for a source of which nothing but garbage comes', async () => {
    await shards.deliverOn('echoes', [open('b', 40)]);
    for (let n = 1; n < 5; n += 1) {
      shards.clock.advance(seconds(30));
      const arrival = shards.clock.now() as never;
      await shards.ingest(streamRecords(['garbage'], { first: n, arrival }), { stream: 'echoes' });
      await shards.ingest(streamRecords([open('a', 100 + n)], { first: n, arrival }), {
        stream: 'signals',
      });
    }
    expect(await timeOf(shards)).toBe(104);
  });

  it('goes on by the clock only once every source is silent, and read to its end', async () => {
    shards = new TestEngine<Job>(sharedTasksJob() as unknown as Job, {
      settings: { flushAfter: minutes(5) },
    });
    const now = (shards.clock.now() - 1_511_658_000_000) / 1_000;
    await shards.put('s', [open('a', now)]);
    shards.clock.advance(minutes(20));
    shards.rest['s'] = 'hasMore';
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'open' });
    shards.rest['s'] = 'drained';
    await shards.cold.fire('schedule');
    expect(statuses(shards)).toEqual({ a: 'overdue' });
  });
});
