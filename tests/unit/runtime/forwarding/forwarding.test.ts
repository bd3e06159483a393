/** What goes from a job's forwarding lanes to its keyed ones: each event once, whoever dies on the way. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../../../shared/errors.ts';
import { days } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { readStamp } from '../../../../shared/records/stamp.ts';
import { readLanes } from '../../../../shared/state/lane/laneItem.ts';
import { SHARD, TestEngine } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import { done, open, sharedTasksJob, signal, tasksJob } from '../../../support/signals.ts';
import { ByHand, OWN, statuses } from './byHand.ts';

describe('a forwarding lane', () => {
  let own: ByHand;
  beforeEach(() => {
    own = new ByHand(sharedTasksJob() as unknown as Job);
  });

  it('puts each event that the job takes, as it came, and its progress behind them', async () => {
    const raw = ' {"key":"a",  "kind":"open","time":1511658000000}';
    await own.engine.put('s', [raw, 'garbage', signal('b', 'open', 5)]);
    const arrival = own.engine.clock.now();
    const [first, second, progress, ...rest] = own.lines.map((line) => line.replace(/^\d+ /, ''));
    expect(first).toBe(`{"s":"signals","a":${arrival},"e":${raw}}`);
    expect(second).toMatch(/^\{"s":"signals",.*"key":"b"/);
    expect(JSON.parse(progress ?? '')).toEqual({ s: 'signals', w: 1_511_658_005_000, v: arrival });
    expect(rest).toEqual([]);
    expect((await own.engine.head('s'))?.totals).toMatchObject({ accepted: 2, dead: 1 });
  });

  it('commits nothing while what it forwards is not stored', async () => {
    own.fault = 'refused';
    await expect(own.engine.put('s', [open('a', 0)])).rejects.toThrow(RetryableError);
    expect(await own.engine.head('s')).toBeUndefined();
    own.fault = undefined;
    await own.engine.put('s', [open('a', 0)]);
    await own.read();
    expect(statuses(own.engine)).toEqual({ a: 'open' });
  });

  it('puts the same again under the same offsets, in whatever batches', async () => {
    const events = [open('a', 0), open('b', 1), done('a', 2)];
    for (const count of [3, 1, 2, 3]) {
      // Its commit never stands.
      const dying = own.engine.coldWith({ state: await unwritable(own.engine) });
      await expect(
        dying.ingest({
          stream: 'signals',
          shard: 's',
          records: streamRecords(events.slice(0, count)),
        }),
      ).rejects.toThrow('died');
    }
    await own.engine.deliver('s', events);
    const offsets = new Map(own.lines.map((line) => line.split(' ', 2) as [string, string]));
    const putEvents = own.lines.filter((line) => line.includes('"e":'));
    expect(putEvents).toHaveLength(3 + 1 + 2 + 3 + 3);
    expect(new Set(putEvents).size).toBe(3);
    expect(offsets.size).toBeGreaterThan(3);
    await own.read();
    const head = (await own.engine.commits(SHARD, OWN)).at(-1);
    expect(head?.totals).toMatchObject({ accepted: 0, repeated: 9 });
    expect(statuses(own.engine)).toEqual({ a: 'done', b: 'open' });
  });

  it('says up to where all is stored, also by a function that begins cold', async () => {
    await own.engine.put('s', [open('a', 0)]);
    own.engine.coldStart();
    await own.engine.put('s', [open('b', 1)]);
    const stamps = own.put.map(({ data }) => readStamp(Buffer.from(data))?.stamp);
    expect(stamps).toHaveLength(2);
    expect(stamps[1]?.after).toBe(BigInt(own.lines[1]?.split(' ')[0] ?? 0));
  });

  it('reads its head for each batch: a warm one may be behind', async () => {
    const warm = own.engine.cold;
    const first = { stream: 'signals', shard: 's', records: streamRecords([open('a', 0)]) };
    await warm.ingest(first);
    await own.engine.deliver('s', [open('b', 1)], 1);
    await warm.ingest({ ...first, records: streamRecords([open('c', 2)], { first: 2 }) });
    const stamps = own.put.map(({ data }) => readStamp(Buffer.from(data))?.stamp);
    expect(stamps.map((stamp) => stamp?.after !== undefined)).toEqual([false, true, true]);
    expect(stamps[2]?.after).toBe(BigInt(own.lines[3]?.split(' ')[0] ?? 0));
  });

  it('makes a dead letter of what is too large for its own stream', async () => {
    const { counts } = await own.engine.put('s', [
      signal('a', 'open', 0, 'x'.repeat(1_047_600)),
      open('b', 0),
    ]);
    expect(counts).toMatchObject({ accepted: 1, dead: 1 });
    expect((await own.engine.side('s'))[0]).toMatchObject({
      reason: expect.stringContaining('at most 1047552 can be put there'),
    });
  });

  it('commits a megabyte of what it forwards at a time', async () => {
    const large = (n: number) => signal(`k${n}`, 'open', n, 'x'.repeat(300_000));
    const report = await own.engine.put(
      's',
      Array.from({ length: 10 }, (_, n) => large(n)),
    );
    expect(report).toMatchObject({ commits: 3, counts: { accepted: 10 } });
  });

  it('takes keys of any shard, also where aggregates mix them', () => {
    const job = sharedTasksJob() as unknown as Job;
    const mixed = job.sources.map((source) => ({ ...source, aggregates: 'mixed' as const }));
    expect(() => new TestEngine({ ...job, sources: mixed } as Job)).not.toThrow();
  });
});

/** A table on which no commit is ever put. */
async function unwritable(engine: TestEngine<Job>) {
  const { state } = engine;
  return {
    ...state,
    description: state.description,
    get: state.get.bind(state),
    query: state.query.bind(state),
    batchGet: state.batchGet.bind(state),
    batchPut: state.batchPut.bind(state),
    batchRemove: state.batchRemove.bind(state),
    update: state.update.bind(state),
    put: async (...args: Parameters<typeof state.put>) => {
      if (String(args[0]['pk']).includes('#log#')) throw new RetryableError('died');
      return state.put(...args);
    },
  };
}

describe('when shards are split', () => {
  it('a forwarding child waits for its parent, which is retired once it has begun', async () => {
    const shards = new TestEngine<Job>(sharedTasksJob() as unknown as Job);
    Object.assign(shards.parents, { left: ['whole'], right: ['whole'] });
    await shards.put('whole', [open('a', 0)]);
    await expect(shards.put('left', [open('b', 1)])).rejects.toThrow('waits: its parent whole');
    shards.rest['whole'] = 'ended';
    await shards.put('left', [open('b', 1)]);
    for (let run = 0; run < 3; run += 1) await shards.cold.fire('schedule');
    const lanes = [...(await readLanes(shards.state, shards.job.id)).keys()];
    expect(lanes).toEqual(['signals/left', 'signals/right', `${OWN}/${SHARD}`].sort());
    expect(statuses(shards)).toEqual({ a: 'open', b: 'open' });
  });
});

describe('a job on one stream whose key is another than its partition key', () => {
  it('is repartitioned where it says so', async () => {
    const shards = new TestEngine<Job>(
      tasksJob({ repartitioned: true, key: ({ kind }) => kind }) as unknown as Job,
    );
    await shards.put('left', [signal('a', 'open', 0)]);
    await shards.put('right', [signal('b', 'open', 1)]);
    expect(Object.keys(statuses(shards))).toEqual(['open']);
    expect((await shards.commits(SHARD, OWN)).at(-1)?.sources?.size).toBe(2);
  });
});

it('is refused where states are kept for less than events may wait', () => {
  const job = sharedTasksJob({ stateRetention: days(14) }) as unknown as Job;
  expect(() => new TestEngine<Job>(job)).toThrow(/stateRetention .* give more than 1209600000 ms/);
});
