/** What `status` reads of state that the real engine has stored. */
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../shared/health/facts.ts';
import { assess } from '../../../shared/health/findings.ts';
import { days, hours, minutes, seconds, tumbling } from '../../../shared/index.ts';
import type { Job } from '../../../shared/job/job.ts';
import { type Duration, NO_WATERMARK } from '../../../shared/model/time.ts';
import type { Table } from '../../../shared/ports/table.ts';
import { CLOCK_START } from '../../support/clock.ts';
import { TestEngine } from '../../support/engine.ts';
import { interceptedTable } from '../../support/interceptedTable.ts';
import { untyped, visit, visitsJob } from '../../support/jobs.ts';
import { signal, tasksJob } from '../../support/signals.ts';

const BATCH_WINDOW = seconds(10);

const factsOf = ({ job, clock, settings }: TestEngine<Job>, state: Table) =>
  readFacts({ name: job.name, job, state, settings, batchWindow: BATCH_WINDOW, now: clock.now() });

const look = (engine: TestEngine<Job>) => factsOf(engine, engine.state);

const kindsOf = async (engine: TestEngine<Job>) =>
  assess(await look(engine), { now: engine.clock.now(), stage: 'prod' }).map(({ kind }) => kind);

/** A visit at the engine's present. */
const visitNow = ({ clock }: TestEngine<Job>, page = '/') => ({ page, time: Number(clock.now()) });
const present = (Number(CLOCK_START) - 1_511_658_000_000) / 1_000;

const visits = () => new TestEngine(untyped(visitsJob()));

describe('the rate', () => {
  it('is that of the last minute, on all lanes, and of nothing before', async () => {
    const engine = visits();
    await engine.put(
      'a',
      Array.from({ length: 500 }, () => visitNow(engine)),
    );
    engine.clock.advance(minutes(2));
    for (const shard of ['a', 'b']) {
      await engine.put(
        shard,
        Array.from({ length: 60 }, () => visitNow(engine)),
      );
      await engine.put(shard, ['no event', ...Array.from({ length: 59 }, () => visitNow(engine))]);
    }
    const { lanes } = await look(engine);
    expect(lanes.eventsPerSecond).toBe(4);
    expect(lanes.counts).toMatchObject({ accepted: 500 + 238, dead: 2 });
    engine.clock.advance(seconds(59));
    expect((await look(engine)).lanes).toMatchObject({ eventsPerSecond: 4 });
    engine.clock.advance(seconds(2));
    expect((await look(engine)).lanes).toMatchObject({ eventsPerSecond: 0, counts: { dead: 2 } });
    engine.clock.advance(minutes(5));
    expect((await look(engine)).lanes.counts).toMatchObject({ accepted: 0, dead: 0 });
  });

  it('is found by a bounded number of reads, and nothing of a result table', async () => {
    const engine = visits();
    for (let i = 0; i < 300; i += 1) {
      await engine.put('a', [visitNow(engine)]);
      engine.clock.advance(seconds(1));
    }
    let reads = 0;
    const counted = interceptedTable(engine.state, {
      before() {
        reads += 1;
      },
    });
    const facts = await factsOf(engine, counted);
    expect(facts.lanes.eventsPerSecond).toBeCloseTo(1, 1);
    expect(reads).toBeLessThan(30);
  });
});

describe('a job that falls silent', () => {
  /** Minutes in which the schedule runs, or does not. */
  async function pass(engine: TestEngine<Job>, count: number, run?: () => Promise<unknown>) {
    for (let i = 0; i < count; i += 1) {
      engine.clock.advance(minutes(1));
      await run?.();
    }
  }

  it('with windows follows the clock, however long, though nothing more is stored', async () => {
    const engine = visits();
    // Old samples: hours behind the clock.
    await engine.put('a', [visit('/', 0), visit('/', 30)]);
    await engine.close('schedule');
    expect(await kindsOf(engine)).toEqual(['behind']);
    await pass(engine, 6, () => engine.close('schedule'));
    expect(await kindsOf(engine)).toEqual([]);
    const { stored } = (await look(engine)).progress;
    await pass(engine, 60, () => engine.close('schedule'));
    const { progress } = await look(engine);
    expect(progress.stored).toBe(stored);
    expect(progress.watermarkBy).toBe('clock');
    expect(progress.watermark).toBe(Number(engine.clock.now()) - minutes(5));
    expect(await kindsOf(engine)).toEqual([]);
  });

  it('with windows stands still where nobody closes them', async () => {
    const engine = visits();
    await engine.put('a', [visitNow(engine)]);
    // Its window ends by the clock in 6 minutes; from then on closing has 6 more.
    await pass(engine, 10);
    expect(await kindsOf(engine)).toEqual([]);
    await pass(engine, 5);
    expect(await kindsOf(engine)).toEqual(['standing']);
    await engine.close('schedule');
    expect(await kindsOf(engine)).toEqual([]);
  });

  it('with windows that are long is fine while they are open', async () => {
    const engine = new TestEngine(untyped(visitsJob({ assign: tumbling({ size: hours(1) }) })));
    await engine.put('a', [visitNow(engine)]);
    await pass(engine, 50, () => engine.close('schedule'));
    expect(await kindsOf(engine)).toEqual([]);
  });

  it('with states follows the clock, or stands still where nobody fires', async () => {
    const engine = new TestEngine(tasksJob());
    await engine.put('a', [signal('k', 'open', present)]);
    await pass(engine, 30, () => engine.fire('schedule'));
    expect(await kindsOf(engine)).toEqual([]);
    await pass(engine, 5);
    expect(await kindsOf(engine)).toEqual([]);
    await pass(engine, 2);
    expect(await kindsOf(engine)).toEqual(['standing']);
    await engine.fire('schedule');
    expect(await kindsOf(engine)).toEqual([]);
  });
});

describe('a job under load', () => {
  const sparse = { assign: tumbling({ size: hours(1) }) };

  it.each([
    ['windows that are due', {}, 45],
    ['too many commits, of windows that are long', sparse, 200],
  ])('that leaves %s stands still', async (_, options, batches) => {
    const engine = new TestEngine(untyped(visitsJob(options)));
    const load = async (count: number, run?: () => Promise<unknown>) => {
      for (let i = 0; i < count; i += 1) {
        await engine.put('a', [visitNow(engine)]);
        engine.clock.advance(seconds(10));
        await run?.();
      }
    };
    await load(60, () => engine.close('schedule'));
    expect(await kindsOf(engine)).toEqual([]);
    // 60 are left from before; of these 200, closing has had 5 minutes for all but 30.
    await load(Math.max(0, batches - 45));
    expect(await kindsOf(engine)).toEqual([]);
    await load(45);
    expect(await kindsOf(engine)).toEqual(['standing']);
  });

  it('is not blamed for a lane that has just begun, far behind', async () => {
    const engine = new TestEngine(tasksJob());
    await engine.put('a', [signal('k', 'open', present)]);
    engine.clock.advance(minutes(4));
    await engine.put('b', [signal('k', 'open', present - 3_600)]);
    await engine.fire('schedule');
    engine.clock.advance(minutes(4));
    expect((await look(engine)).lanes.reachedBefore).toBe(NO_WATERMARK);
  });
});

it('a job without state is waiting for its first event', async () => {
  const { progress, lanes } = await look(visits());
  expect(progress).toMatchObject({ lanes: [], watermark: NO_WATERMARK });
  expect(lanes).toMatchObject({ eventsPerSecond: 0, reachedBefore: NO_WATERMARK });
  expect(await kindsOf(visits())).toEqual([]);
});

it('retired lanes count, and have no rate', async () => {
  const forgotten: Duration = days(8);
  const engine = new TestEngine(untyped(visitsJob()), { parents: { left: ['old'] } });
  await engine.put('old', [visitNow(engine)]);
  await engine.put('left', [visitNow(engine)]);
  await engine.close('schedule');
  engine.clock.advance(forgotten);
  await engine.put('left', [visitNow(engine)]);
  for (let i = 0; i < 3; i += 1) {
    await engine.close('schedule');
    engine.clock.advance(hours(1));
  }
  const { progress, lastCommits } = await look(engine);
  expect(progress.lanes.map(({ standing }) => standing).sort()).toEqual(['listed', 'retired']);
  expect(progress.counts.accepted).toBe(3);
  // An error of a lane that has ended is over.
  expect(lastCommits.get('page-views/old')).toBeGreaterThan(Number(CLOCK_START));
});
