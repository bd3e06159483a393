/** What named producers put more than once counts once, in every kind of job, and moves nothing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { minutes } from '../../../../shared/index.ts';
import type { Job } from '../../../../shared/job/job.ts';
import { NO_COUNTS, totalOf } from '../../../../shared/model/counts.ts';
import { formatPosition } from '../../../../shared/model/position.ts';
import { encodeRedriven } from '../../../../shared/records/envelopes.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/runtime/settings.ts';
import { recommittedHead } from '../../../../shared/state/lane/laneLog.ts';
import { nameLifeOf } from '../../../../shared/state/retention.ts';
import { TestEngine } from '../../../support/engine.ts';
import { LEFT, type Line, named, RIGHT } from '../../../support/namedRecords.ts';
import { at, sharedTasksJob, signal } from '../../../support/signals.ts';
import { end } from '../../../support/splitShards.ts';
import { aggregate } from '../../records/aggregate.ts';
import { KINDS, L } from '../eachKind.ts';

/** One knock of each second, at the offset of the same number. */
const lines = (...seconds: readonly number[]): Line[] =>
  seconds.map((second) => [second, signal(L, 'knock', second)]);

describe.each(KINDS)('a %s job', (_, jobOf) => {
  let shards: TestEngine;

  beforeEach(() => {
    shards = new TestEngine(jobOf());
  });

  const totals = async (shard = 's') => (await shards.head(shard))?.totals;

  it('drops copies event by event, and counts them apart', async () => {
    const first = await shards.put('s', [named(lines(1, 2, 3))]);
    expect(first.counts).toEqual({ accepted: 3, filtered: 0, late: 0, dead: 0 });
    const again = await shards.put('s', [named(lines(1, 2, 3)), named(lines(2, 3, 4, 5))]);
    expect(again.counts).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 0, repeated: 5 });
    expect(await totals()).toEqual({ accepted: 5, filtered: 0, late: 0, dead: 0, repeated: 5 });
  });

  it('moves no clock for a copy', async () => {
    await shards.put('s', [named(lines(1, 2, 3))]);
    const before = await shards.head('s');
    shards.clock.advance(minutes(3));
    await shards.put('s', [named(lines(1, 2, 3))]);
    const { greatest, watermark, lastValidAt, lastArrival } = (await shards.head('s')) ?? {};
    expect({ greatest, watermark, lastValidAt, lastArrival }).toEqual({
      greatest: at(3),
      watermark: before?.watermark,
      lastValidAt: before?.lastValidAt,
      lastArrival: before?.lastArrival,
    });
  });

  it.each(['warm', 'cold'])(
    'remembers wherever a commit ends, also within a record: %s',
    async (how) => {
      const record = named(lines(1, 2, 3, 4));
      const all = await shards.put('s', [record, record]);
      const cut = new TestEngine(jobOf());
      // The first half of the record is all that another engine is given.
      const half = new TestEngine(jobOf(), { state: cut.state, results: cut.results });
      await half.put('s', [named(lines(1, 2))]);
      if (how === 'cold') cut.coldStart();
      const head = await half.head('s');
      expect(head?.to?.index).toBe(1);
      const rest = await cut.deliver('s', [record, record], 0);
      expect(rest.counts).toEqual({ ...all.counts, accepted: 2, repeated: 4 });
    },
  );

  it('stores nothing of producers where no record has a name, and goes on with what it has where one had', async () => {
    const plain = (second: number) => signal(L, 'knock', second);
    await shards.put('s', [plain(1), plain(2)]);
    expect(await shards.head('s')).not.toHaveProperty('producers');
    await shards.put('s', [named(lines(3))]);
    const before = (await shards.head('s'))?.producers;
    expect(before).toBeDefined();
    await shards.put('s', [plain(4)]);
    expect((await shards.head('s'))?.producers).toEqual(before);
  });

  it('takes plain records, aggregates and other producers beside named ones', async () => {
    const event = (second: number) => Buffer.from(JSON.stringify(signal(L, 'knock', second)));
    const plain = () => event(1);
    const packed = () => aggregate([{ partitionKey: L, data: event(2) }]);
    const other = () => named(lines(3), { producer: 'other' });
    const batch = () => [plain(), named(lines(3)), packed(), other()];
    await shards.put('s', batch());
    expect((await shards.put('s', batch())).counts).toMatchObject({ repeated: 2 });
    // What is plain is there twice; in a pattern job it is late then.
    const after = (await totals()) ?? NO_COUNTS;
    expect([totalOf(after), after.repeated, after.dead]).toEqual([6, 2, 0]);
  });

  it('keeps one dead letter of what it cannot take, however often that is put', async () => {
    const some: Line[] = [...lines(1), [2, '{"key":'], [3, '"no signal"'], ...lines(4)];
    await shards.put('s', [named(some)]);
    await shards.put('s', [named(some), named(some.slice(1))]);
    expect(await totals()).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 2, repeated: 7 });
    expect((await shards.side('s')).map(({ kind }) => kind)).toEqual(['dead', 'dead']);
  });

  it('counts a dead letter that came back once, and copies of what it was are copies still', async () => {
    const letter = '{"key":"k"}';
    await shards.put('s', [named([...lines(1), [2, letter]])]);
    const commit = await shards.head('s');
    const origin = {
      job: shards.job.id,
      lane: 'signals/s',
      position: formatPosition({ ...(commit?.to ?? { sequence: '0' }), index: 1 }),
      slot: 0,
    };
    const back = encodeRedriven(origin, Buffer.from(letter));
    const counts = async (content: Uint8Array) => (await shards.put('s', [content])).counts;
    expect(await counts(back)).toMatchObject({ accepted: 0, filtered: 0, dead: 1 });
    expect(await counts(back)).toMatchObject({ filtered: 1, dead: 0 });
    expect(await counts(named([[2, letter]]))).toMatchObject({ filtered: 0, dead: 0, repeated: 1 });
  });

  it('counts a redriven letter once that a named producer put back, twice', async () => {
    await shards.put('s', [named([[1, '{"key":"k"}']])]);
    const to = (await shards.head('s'))?.to ?? { sequence: '0', index: 0 };
    const origin = { job: shards.job.id, lane: 'signals/s', position: formatPosition(to), slot: 0 };
    const back = Buffer.from(encodeRedriven(origin, Buffer.from('{"key":"k"}')));
    const record = named([[5, back]], { producer: 'redrive' });
    await shards.put('s', [record, record]);
    expect(await totals()).toEqual({ accepted: 0, filtered: 0, late: 0, dead: 2, repeated: 1 });
  });

  it('drops a record that was planned for more than the shard takes', async () => {
    shards.ranges['s'] = LEFT;
    const { counts } = await shards.put('s', [
      named(lines(1, 2)),
      named(lines(1), { planned: RIGHT }),
    ]);
    expect(counts).toEqual({ accepted: 0, filtered: 3, misplaced: 3, late: 0, dead: 0 });
    const again = await shards.put('s', [named(lines(1, 2), { planned: LEFT })]);
    expect(again.counts).toEqual({ accepted: 2, filtered: 0, late: 0, dead: 0 });
  });

  it('counts anew what comes once its name is forgotten', async () => {
    await shards.put('s', [named(lines(1))]);
    shards.clock.advance(nameLifeOf(DEFAULT_SETTINGS.streamRetention));
    expect((await shards.put('s', [named(lines(1))])).counts).toMatchObject({ repeated: 1 });
    shards.clock.advance(nameLifeOf(DEFAULT_SETTINGS.streamRetention));
    shards.clock.advance(minutes(1));
    shards.coldStart();
    const { counts } = await shards.put('s', [named(lines(1))]);
    expect(counts).not.toHaveProperty('repeated');
  });

  it('remembers through commits without named records, quiet ones and its end', async () => {
    await shards.put('s', [named(lines(1))]);
    const before = (await shards.head('s'))?.producers;
    await shards.put('s', [signal(L, 'knock', 2)]);
    const head = await shards.head('s');
    expect(head?.producers).toEqual(before);
    expect(head && recommittedHead(head, head.expiresAt).producers).toEqual(before);
    shards.coldStart();
    shards.parents['t'] = ['s'];
    end(shards, 's');
    await shards.put('t', [named(lines(1, 5))]);
    expect((await shards.head('t'))?.totals).toMatchObject({ accepted: 1, repeated: 1 });
  });
});

it('takes one producer on several streams for one on each', async () => {
  const shards = new TestEngine(sharedTasksJob() as unknown as Job);
  for (const stream of ['signals', 'echoes']) {
    const { counts } = await shards.deliverOn(stream, [named(lines(1, 2)), named(lines(2, 3))]);
    expect(counts).toMatchObject({ accepted: 3, repeated: 1 });
  }
});
