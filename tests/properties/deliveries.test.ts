/**
 * Invariant I1: results are a function of what each shard holds. However an input is cut into batches, delivered
 * again, interleaved between lanes, and whenever windows are closed, the rows are the same.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { minutes, seconds, sliding, tumbling } from '../../shared/index.ts';
import { addCounts, type Counts, NO_COUNTS, totalOf } from '../../shared/model/counts.ts';
import { TestEngine } from '../support/engine.ts';
import { T0, untyped, visit, visitsJob } from '../support/jobs.ts';
import { type RecordContent, streamRecords } from '../support/records.ts';

const SHARDS = ['shardId-000000000000', 'shardId-000000000001', 'shardId-000000000002'];

const JOBS = [
  visitsJob({ filter: ({ page }) => page !== 'robots.txt' }),
  visitsJob({
    assign: sliding({ size: minutes(3), slide: minutes(1) }),
    allowedLateness: seconds(45),
    maxOutOfOrderness: seconds(10),
  }),
  visitsJob({
    assign: tumbling({ size: seconds(90), offset: seconds(7) }),
    allowedLateness: minutes(2),
  }),
].map(untyped);

const content: fc.Arbitrary<RecordContent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b', '7', '007', 'robots.txt'), fc.nat({ max: 600 }))
      .map(([page, second]) => visit(page, second)),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.nat({ max: 600 }), { minLength: 1, maxLength: 4 })
      .map((all) => all.map((second) => visit('packed', second))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('broken', '{"page":"a"}', `{"page":"a","time":${T0 / 1_000}}`),
  },
);
const shards = fc.array(fc.array(content, { maxLength: 12 }), { minLength: 1, maxLength: 3 });

/** What happens next: on which shard, how many records, how far back it starts, and what goes wrong. */
const steps = fc.array(
  fc.record({
    shard: fc.nat({ max: 2 }),
    size: fc.integer({ min: 1, max: 5 }),
    back: fc.nat({ max: 4 }),
    next: fc.constantFrom('nothing', 'coldStart', 'close', 'closeCold', 'again'),
  }),
  { maxLength: 25 },
);
type Shards = typeof shards extends fc.Arbitrary<infer T> ? T : never;
type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;

async function outcomeOf(engine: TestEngine, held: Shards) {
  await engine.close('endOfInput');
  let counts: Counts = NO_COUNTS;
  const side = [];
  for (const shard of SHARDS.slice(0, held.length)) {
    counts = addCounts(counts, (await engine.commits(shard)).at(-1)?.totals ?? NO_COUNTS);
    side.push(await engine.side(shard));
  }
  return { rows: engine.answers(), counts, side };
}

async function allAtOnce(job: TestEngine['job'], held: Shards) {
  const engine = new TestEngine(job);
  for (const [i, contents] of held.entries()) {
    await engine.ingest(streamRecords(contents), { shard: SHARDS[i] as string });
  }
  return outcomeOf(engine, held);
}

async function interrupt(engine: TestEngine, by: string): Promise<void> {
  if (by === 'coldStart') engine.coldStart();
  if (by === 'close') await engine.close('schedule');
  if (by === 'closeCold') await engine.cold.close('nudge');
}

async function stepByStep(job: TestEngine['job'], held: Shards, plan: Steps) {
  const engine = new TestEngine(job);
  const delivered = held.map(() => 0);
  const deliver = async (lane: number, from: number, to: number) => {
    const records = streamRecords(held[lane] ?? []).slice(Math.max(0, from), to);
    await engine.ingest(records, { shard: SHARDS[lane] as string });
    delivered[lane] = Math.max(delivered[lane] ?? 0, to);
  };
  for (const { shard, size, back, next } of plan) {
    const lane = shard % held.length;
    const at = delivered[lane] ?? 0;
    const to = Math.min(at + size, held[lane]?.length ?? 0);
    await deliver(lane, at - back, to);
    if (next === 'again') await deliver(lane, at - back, to);
    else await interrupt(engine, next);
  }
  for (const lane of held.keys())
    await deliver(lane, delivered[lane] ?? 0, held[lane]?.length ?? 0);
  return outcomeOf(engine, held);
}

it.each(JOBS.map((job) => [`${job.assign.kind} ${job.assign.size} ms`, job] as const))(
  'gives the same rows, counts and side output for any deliveries (%s)',
  async (_, job) => {
    await fc.assert(
      fc.asyncProperty(shards, steps, async (held, plan) => {
        const whole = await allAtOnce(job, held);
        expect(await stepByStep(job, held, plan)).toEqual(whole);
        const events = held
          .flat()
          .reduce<number>((n, each) => n + (Array.isArray(each) ? each.length : 1), 0);
        expect(totalOf(whole.counts)).toBe(events);
      }),
      { numRuns: 120 },
    );
  },
);
