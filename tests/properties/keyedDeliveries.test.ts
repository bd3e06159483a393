/**
 * Invariant I1 for jobs that keep state per key: however what the shards hold is cut into batches, delivered again and
 * interleaved, whenever functions start cold and scheduled functions run, the answers are the same.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { loginFail } from '../../functions/loginFail/job.ts';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import type { OrderEvent } from '../../functions/orderTimeout/events.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { RetryableError } from '../../shared/errors.ts';
import { type Job, sequence } from '../../shared/index.ts';
import { addCounts, type Counts, NO_COUNTS, totalOf } from '../../shared/model/counts.ts';
import { comparePositions } from '../../shared/model/position.ts';
import { arrivalTime, milliseconds, seconds } from '../../shared/model/time.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { CLOCK_START, testClock } from '../support/clock.ts';
import { TestEngine } from '../support/engine.ts';
import { adClick, gridTime, login, orderEvent, receipt } from '../support/keyedEvents.ts';
import { orderTimeoutPattern } from '../support/orderTimeoutPattern.ts';
import { streamRecords } from '../support/records.ts';

/** What a shard holds: records with the seconds that passed before each arrived. */
interface Shard {
  readonly stream: string;
  readonly shard: string;
  readonly records: readonly StreamRecord[];
}

interface Case {
  readonly job: Job;
  readonly shards: fc.Arbitrary<readonly Shard[]>;
}

/** Of which a job of `idleAfter` 60 s takes some for silence. */
const gap = fc.constantFrom(0, 0, 0, 1, 59, 60, 70, 200);

function shardOf(
  stream: string,
  number: number,
  event: fc.Arbitrary<unknown>,
): fc.Arbitrary<Shard> {
  const content = fc.oneof(
    { weight: 8, arbitrary: event.map((each) => [each]) },
    { weight: 2, arbitrary: fc.array(event, { minLength: 2, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant(['broken']) },
  );
  return fc.array(fc.tuple(gap, content), { maxLength: 10 }).map((all) => ({
    stream,
    shard: `shardId-00000000000${number}`,
    records: recordsOf(all),
  }));
}

function recordsOf(
  all: readonly (readonly [gap: number, events: readonly unknown[]])[],
): StreamRecord[] {
  let now = CLOCK_START as number;
  return all.flatMap(([gapSeconds, events], first) => {
    now += gapSeconds * 1_000;
    return streamRecords([events as object[]], { first, arrival: arrivalTime(now) });
  });
}

const time = gridTime(15);
/** A key's events come over one shard. */
const keyOn = (shard: number) => fc.constantFrom(`${shard}a`, `${shard}b`);
const two = (stream: string, event: (shard: number) => fc.Arbitrary<unknown>) =>
  fc.tuple(shardOf(stream, 0, event(0)), shardOf(stream, 1, event(1)));

/** The documented example in the time that these events take. */
const QUICKLY = sequence<OrderEvent>('create', ({ type }) => type === 'create')
  .followedBy('pay', ({ type }) => type === 'pay')
  .within(seconds(5));

const CASES: readonly Case[] = [
  {
    job: adBlacklist.build({
      limit: '2',
      size: '10s',
      slide: '5s',
      lateness: '2s',
    }) as unknown as Job,
    shards: two('ad-clicks', (shard) => adClick(time, keyOn(shard))),
  },
  {
    job: loginFail.build({ within: '6s', outOfOrderness: '10s' }) as unknown as Job,
    shards: two('logins', (shard) => login(time, keyOn(shard))),
  },
  {
    job: { ...orderTimeoutPattern, match: QUICKLY } as unknown as Job,
    shards: two('orders', (shard) => orderEvent(time, keyOn(shard))),
  },
  {
    job: orderTimeout.build({ timeout: '5s' }) as unknown as Job,
    shards: two('orders', (shard) => orderEvent(time, keyOn(shard))),
  },
  {
    job: orderReconcile.build() as unknown as Job,
    shards: fc.tuple(
      shardOf('orders', 0, orderEvent(time, keyOn(0))),
      shardOf('orders', 1, orderEvent(time, keyOn(1))),
      shardOf('receipts', 0, receipt(time, fc.constantFrom('0a', '0b', '1a'))),
      shardOf('receipts', 1, receipt(time, fc.constantFrom('1b'))),
    ),
  },
];

/** What happens next: on which shard, how many records, how far back it starts, and what comes in between. */
const plans = fc.array(
  fc.record({
    shard: fc.nat({ max: 3 }),
    size: fc.integer({ min: 1, max: 5 }),
    back: fc.nat({ max: 4 }),
    next: fc.constantFrom(
      'nothing',
      'coldStart',
      'fire',
      'close',
      'again',
      'silence',
      'swap',
      'zombie',
      'fireMeanwhile',
    ),
  }),
  { maxLength: 20 },
);
type Step = typeof plans extends fc.Arbitrary<(infer One)[]> ? One : never;

/** An engine whose reader sees what has arrived by the clock. */
function engineOver(job: Job, shards: readonly Shard[]): TestEngine<Job> {
  const clock = testClock();
  return new TestEngine(job, {
    clock,
    look: async (stream, shard, after) => {
      const held = shards.find((each) => each.stream === stream && each.shard === shard);
      const rest = (held?.records ?? []).filter(
        ({ sequence, arrival }) =>
          arrival <= clock.now() &&
          (!after || comparePositions({ sequence, index: 1_000 }, after) > 0) &&
          sequence !== after?.sequence,
      );
      return rest.length > 0 ? 'hasMore' : 'drained';
    },
  });
}

/** Records are delivered when they have arrived. */
async function deliver(engine: TestEngine<Job>, { stream, shard, records }: Shard): Promise<void> {
  const late = (records.at(-1)?.arrival ?? 0) - engine.clock.now();
  if (late > 0) engine.clock.advance(milliseconds(late));
  if (records.length > 0) await engine.ingest(records, { stream, shard });
}

async function interrupt(engine: TestEngine<Job>, by: Step['next']): Promise<void> {
  if (by === 'coldStart') engine.coldStart();
  if (by === 'swap') engine.swapFunctions();
  if (by === 'silence') engine.clock.advance(seconds(70));
  if (by === 'fire' || by === 'silence') await engine.fire('schedule');
  if (by === 'close' && engine.job.kind === 'window') await engine.close('schedule');
}

/** Two functions at work; either may have to give up, and what it should have done is done later. */
async function atOnce(...work: (() => Promise<unknown>)[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work.map((each) => each()))) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RetryableError);
  }
}

async function swapped(engine: TestEngine<Job>, work: () => Promise<void>): Promise<void> {
  engine.swapFunctions();
  await work();
}

async function outcomeOf(engine: TestEngine<Job>, shards: readonly Shard[]) {
  await engine.finish();
  let counts: Counts = NO_COUNTS;
  const side = [];
  for (const { shard, stream } of shards) {
    counts = addCounts(counts, (await engine.commits(shard, stream)).at(-1)?.totals ?? NO_COUNTS);
    const stored = await engine.side(shard, stream);
    side.push(stored.map((each) => JSON.stringify(each)).sort());
  }
  const rows = [...engine.tables.keys()].map((table) => [table, engine.answers(table)]);
  const problems = [...engine.results.items()].map(({ problem, problemAt }) => [
    problem,
    problemAt,
  ]);
  return { rows, counts, side, problems: problems.sort() };
}

async function allAtOnce(job: Job, shards: readonly Shard[]) {
  const engine = engineOver(job, shards);
  for (const each of shards) await deliver(engine, each);
  return outcomeOf(engine, shards);
}

async function stepByStep(job: Job, shards: readonly Shard[], plan: readonly Step[]) {
  const engine = engineOver(job, shards);
  const delivered = shards.map(() => 0);
  const send = async (lane: number, from: number, to: number) => {
    const held = shards[lane] as Shard;
    await deliver(engine, { ...held, records: held.records.slice(Math.max(0, from), to) });
    delivered[lane] = Math.max(delivered[lane] ?? 0, to);
  };
  for (const { shard, size, back, next } of plan) {
    const lane = shard % shards.length;
    const at = delivered[lane] ?? 0;
    const to = Math.min(at + size, shards[lane]?.records.length ?? 0);
    const sending = () => send(lane, at - back, to);
    if (next === 'zombie') await atOnce(sending, () => swapped(engine, sending));
    else if (next === 'fireMeanwhile') await atOnce(sending, () => engine.fire('schedule'));
    else await sending();
    if (next === 'again') await sending();
    else await interrupt(engine, next);
  }
  for (const [lane, { records }] of shards.entries()) {
    await send(lane, 0, records.length);
  }
  return outcomeOf(engine, shards);
}

it.each(CASES.map((each) => [each.job.name, each] as const))(
  'gives the same answers, counts and side output of %s for any deliveries',
  { timeout: 60_000 },
  async (_, { job, shards }) => {
    await fc.assert(
      fc.asyncProperty(shards, plans, async (held, plan) => {
        const whole = await allAtOnce(job, held);
        expect(await stepByStep(job, held, plan)).toEqual(whole);
        const lines = held.flatMap(({ records }) =>
          records.flatMap(({ data }) => Buffer.from(data).toString().split('\n')),
        );
        expect(totalOf(whole.counts)).toBe(lines.length);
      }),
      { numRuns: 150 },
    );
  },
);
