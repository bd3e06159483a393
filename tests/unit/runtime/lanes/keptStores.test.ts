/** How long the keyed store of a lane is kept: as long as a record may find it, however silent the lane is, and no longer. */
import { describe, expect, it } from 'vitest';
import { days, milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import type { PatternJob } from '../../../../shared/job/patternJob.ts';
import { type ArrivalTime, arrivalTime, later } from '../../../../shared/model/time.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { TestEngine } from '../../../support/engine.ts';
import { streamRecords } from '../../../support/records.ts';
import { knocksJob, signal } from '../../../support/signals.ts';
import { forgetExpired, noise, removeUnneeded, tellingGate } from '../../../support/tellingGate.ts';

const x = (key: string, second: number) => signal(key, 'x', second);
const knock = (key: string, second: number) => signal(key, 'knock', second);

/** The same pattern, in a job that tells of no time-outs. */
function untimed(job: PatternJob): PatternJob {
  const { timedOut: _timedOut, ...others } = job;
  return others as PatternJob;
}

describe('a silent lane', () => {
  const KEYS = Array.from({ length: 60 }, (_, n) => `k${n}`);

  it.each([
    [milliseconds(days(7) - 1_000), 1],
    [days(7), 2],
  ])(
    'has its head put anew at half of the retention of its log: not after %i ms, %i commits',
    async (ms, commits) => {
      const shards = new TestEngine(tellingGate());
      await shards.put('s', [x('a', 0), x('b', 0)]);
      shards.clock.advance(ms);
      await shards.cold.fire('schedule');
      expect(await shards.commits('s')).toHaveLength(commits);
      await shards.cold.fire('schedule');
      expect(await shards.commits('s')).toHaveLength(commits);
    },
  );

  it('keeps all its keys for 5 retentions of its log, in parts that are put anew in time', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000 }));
    for (let n = 0; n < 15; n += 1) {
      await shards.put(
        's',
        KEYS.slice((n * 20) % 60, ((n * 20) % 60) + 20).map((key) => x(key, n)),
      );
    }
    const before = await shards.head('s');
    for (let day = 0; day < 70; day += 1) {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule');
      forgetExpired(shards);
      const head = await shards.head('s');
      expect(head?.keptExpires).toBeGreaterThan(later(shards.clock.now(), days(6)));
    }
    expect((await shards.head('s'))?.keptFrom).toBeGreaterThan(before?.slot ?? 0);
    expect((await shards.commits('s')).length).toBeLessThan(20);
    shards.coldStart();
    await shards.put(
      's',
      KEYS.map((key) => x(key, 1_000)),
    );
    const told = shards.rows('blocked').filter(({ id }) => String(id).startsWith('1000:'));
    expect(told.map(({ id }) => id)).toEqual(KEYS.map(() => '1000: 5'));
  });

  it('of a pattern keeps partial matches that may still come true', async () => {
    const job = untimed(knocksJob({ within: days(1), stateRetention: days(365) }));
    const shards = new TestEngine<Job>(job);
    await shards.put(
      's',
      KEYS.map((key) => knock(key, 0)),
    );
    await shards.put('s', [signal('a', 'other', 1)]);
    for (let day = 0; day < 70; day += 1) {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule');
      forgetExpired(shards);
    }
    shards.coldStart();
    await shards.put('s', [...KEYS.map((key) => knock(key, 5)), signal('a', 'other', 6)]);
    expect(shards.rows('alarms')).toHaveLength(KEYS.length);
  });

  it('lets go what no record can find any more, and decides as if it had been kept', async () => {
    const shards = new TestEngine(tellingGate({ stateBytes: 16_000, stateRetention: days(30) }));
    await shards.put(
      's',
      KEYS.map((key) => x(key, 0)),
    );
    for (let day = 0; day < 70; day += 1) {
      shards.clock.advance(days(1));
      await shards.cold.fire('schedule');
      forgetExpired(shards);
      // A record that is read now may have arrived a week ago.
      if (day === 30) expect(shards.items('#part#').length).toBeGreaterThan(0);
    }
    expect(shards.items('#part#')).toEqual([]);
    await shards.put('s', [x('k0', 10)]);
    expect(shards.rows('blocked')).toContainEqual({ key: 'k0', id: '10: 0' });
  });
});

it('a lane that gets a record a day keeps the keys of all others, by parts that come in time', async () => {
  const shards = new TestEngine(tellingGate());
  await shards.put('s', [x('a', 0), x('b', 0)]);
  for (let day = 1; day <= 70; day += 1) {
    shards.clock.advance(days(1));
    shards.coldStart();
    await shards.put('s', [x('a', day)]);
    forgetExpired(shards);
  }
  await shards.put('s', [x('b', 100)]);
  expect(shards.rows('blocked')).toContainEqual({ key: 'a', id: '70: 70' });
  expect(shards.rows('blocked')).toContainEqual({ key: 'b', id: '100: 1' });
  const parts = (await shards.commits('s')).filter(({ part }) => part);
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.length).toBeLessThan(4);
});

describe('forgetting', () => {
  /** Keys that come after pauses of their own, in batches seven minutes apart. */
  const BATCHES = Array.from({ length: 60 }, (_, n) =>
    Array.from({ length: 25 }, (_key, key) => key).filter((key) => n % (key + 1) === 0),
  );
  const PAUSE = minutes(7);
  const RETENTION = minutes(70);

  it.each([
    ['a warm function', () => undefined],
    [
      'cold ones that find what restoring needs',
      async (shards: TestEngine<Job>) => {
        shards.coldStart();
        await removeUnneeded(shards, 's');
      },
    ],
  ])('goes by arrivals alone, whatever a part has left out: %s', async (_, between) => {
    const shards = new TestEngine<Job>(
      tellingGate({ stateBytes: 9_000, stateRetention: RETENTION }),
    );
    const known = new Map<number, { seen: number; batch: number }>();
    const expected: { key: string; id: string }[] = [];
    for (const [batch, keys] of BATCHES.entries()) {
      for (const key of keys) {
        const before = known.get(key);
        const isKept = before && (batch - before.batch) * PAUSE <= RETENTION;
        const seen = isKept ? before.seen : 0;
        known.set(key, { seen: seen + 1, batch });
        expected.push({ key: `k${key}`, id: `${batch}: ${seen}` });
      }
      await shards.put(
        's',
        keys.map((key) => x(`k${key}`, batch)),
      );
      await between(shards);
      shards.clock.advance(PAUSE);
    }
    const place = ({ key, id }: Record<string, unknown>) => `${key} ${id}`;
    expect(shards.rows('blocked').map(place).sort()).toEqual(expected.map(place).sort());
    expect((await shards.head('s'))?.keptFrom).toBeGreaterThan(0);
  });

  it('goes by when records arrived, however late they are read', async () => {
    const shards = new TestEngine<Job>(
      tellingGate({ stateBytes: 9_000, stateRetention: RETENTION }),
    );
    let first = 0;
    const read = (keys: readonly string[], second: number, arrival: ArrivalTime) => {
      const contents = keys.map((key) => x(key, second));
      const records = streamRecords(contents, { first, arrival });
      first += records.length;
      return shards.ingest(records, { shard: 's' });
    };
    const [begin, last] = [arrivalTime(CLOCK_START), arrivalTime(CLOCK_START + RETENTION)];
    await read(['a'], 0, begin);
    shards.clock.advance(days(3));
    // Parts are put while nothing but the clock says that the key is forgotten.
    const others = Array.from({ length: 20 }, (_, n) => `k${n}`);
    for (let n = 1; n <= 10; n += 1) await read(others, n, last);
    expect((await shards.commits('s')).some(({ part }) => part)).toBe(true);
    shards.coldStart();
    await read(['a'], 11, last);
    expect(shards.rows('blocked')).toContainEqual({ key: 'a', id: '11: 1' });
  });

  it('of partial matches changes no match', async () => {
    const batches = Array.from({ length: 40 }, (_, batch) =>
      Array.from({ length: 12 }, (_event, n) => {
        // Up to 30 s out of order.
        const second = batch * 4 + ((n * 17 + batch * 5) % 30);
        return signal(`k${(n * 5 + batch) % 31}`, 'knock', second, noise(`${batch} ${n}`, 4_000));
      }),
    );
    const alarmsOf = async (job: PatternJob, between: (shards: TestEngine<Job>) => void) => {
      const shards = new TestEngine<Job>(job);
      for (const batch of batches) {
        await shards.put('s', batch);
        between(shards);
      }
      await shards.put('s', [signal('end', 'other', 1_000)]);
      return { alarms: shards.rows('alarms'), commits: await shards.commits('s') };
    };
    const job = knocksJob({ within: seconds(8), maxOutOfOrderness: seconds(30) });
    const { alarms } = await alarmsOf(job, () => undefined);
    expect(alarms.length).toBeGreaterThan(50);
    for (const between of [() => undefined, (shards: TestEngine<Job>) => shards.coldStart()]) {
      const found = await alarmsOf(untimed(job), between);
      expect(found.alarms).toEqual(alarms);
      expect(found.commits.some(({ part }) => part)).toBe(true);
    }
  });
});
