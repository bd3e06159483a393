/** Which keys of a job on two streams are problems depends on what those hold alone, however far apart they are forwarded. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { minutes, seconds } from '../../shared/index.ts';
import type { StatusJob } from '../../shared/job/statusJob.ts';
import { WHOLE_RANGE } from '../../shared/model/hashRange.ts';
import { arrivalTime, milliseconds } from '../../shared/model/time.ts';
import type { BatchRecord } from '../../shared/records/entry.ts';
import { anySignal } from '../support/anySignal.ts';
import { CLOCK_START } from '../support/clock.ts';
import { SHARD, TestEngine } from '../support/engine.ts';
import { streamRecords } from '../support/records.ts';
import { type Signal, sharedMarksJob, sharedTasksJob } from '../support/signals.ts';

/** Some of the events below find their key, and some do not; but all find one that is a problem. */
const TASKS = sharedTasksJob({
  rows: { of: 'problems', lateness: seconds(20), remember: seconds(40) },
  stateRetention: minutes(200),
});
const MARKS = sharedMarksJob();

const STREAMS = ['signals', 'echoes'] as const;
type Stream = (typeof STREAMS)[number];
type Records = Readonly<Record<Stream, readonly BatchRecord[]>>;

interface Arriving {
  readonly event: Signal;
  readonly stream: Stream;
  /** Since the one before (s). */
  readonly gap: number;
}

const arriving: fc.Arbitrary<Arriving> = fc.record({
  event: anySignal,
  stream: fc.constantFrom(...STREAMS),
  gap: fc.constantFrom(0, 1, 20, 39, 40, 41, 60, 290, 340),
});

/** What is forwarded next, once it has arrived. */
const step = fc.record({
  stream: fc.constantFrom(...STREAMS),
  size: fc.integer({ min: 1, max: 4 }),
  isAgain: fc.boolean(),
  isFired: fc.boolean(),
  isCold: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function recordsOf(all: readonly Arriving[]): Records {
  let now = CLOCK_START as number;
  const records: Record<Stream, BatchRecord[]> = { signals: [], echoes: [] };
  for (const { event, stream, gap } of all) {
    now += gap * 1_000;
    const first = records[stream].length;
    const made = streamRecords([event], { first, arrival: arrivalTime(now) });
    records[stream].push(...made.map((record) => ({ ...record, partitionKey: event.key })));
  }
  return records;
}

async function problemsOf(job: StatusJob, records: Records, plan: readonly Step[]) {
  const at: Record<Stream, number> = { signals: 0, echoes: 0 };
  const hasMore = (stream: Stream) => {
    const next = records[stream][at[stream]];
    return next !== undefined && next.arrival <= shards.clock.now();
  };
  const shards: TestEngine = new TestEngine(job, {
    look: async (stream) => (stream in at && hasMore(stream as Stream) ? 'hasMore' : 'drained'),
  });
  shards.ranges[SHARD] = WHOLE_RANGE;
  // Else what was forwarded before would not be looked at.
  const steps = [...plan, ...STREAMS.map((stream) => ({ ...LAST, stream }))];
  const forward = async (stream: Stream, upTo: number, from = at[stream]) => {
    at[stream] = Math.max(at[stream], upTo);
    await shards.ingest(records[stream].slice(from, upTo), { stream });
  };
  for (const { stream, size, isAgain, isFired, isCold } of steps) {
    const upTo = Math.min(at[stream] + size, records[stream].length);
    const arrived = Number(records[stream][upTo - 1]?.arrival ?? 0);
    for (const late of STREAMS) {
      await forward(late, records[late].filter((each) => each.arrival < arrived - LAG_MAX).length);
    }
    shards.clock.advance(milliseconds(Math.max(0, arrived - shards.clock.now())));
    if (isFired) await shards.fire('schedule');
    await forward(stream, upTo, isAgain ? 0 : at[stream]);
    if (isFired) await shards.fire('schedule');
    if (isCold) shards.coldStart();
  }
  await shards.cold.fire('schedule');
  await shards.finish();
  const problems = [...shards.results.items()].flatMap(({ task, problem, problemAt, of }) =>
    problem === undefined ? [] : [[task, problemAt, of]],
  );
  const totals = await Promise.all(
    STREAMS.map(async (stream) => (await shards.commits(SHARD, stream)).at(-1)?.totals),
  );
  return { problems: problems.sort(), totals };
}

/** A stream that is further behind than the state of a key is kept is not waited for. */
const LAG_MAX = minutes(4);

const LAST = { size: 1_000, isAgain: false, isFired: true, isCold: false };

/** As they arrived, one by one. */
const inOrder = (history: readonly Arriving[]): Step[] =>
  history.map(({ stream }) => ({ ...LAST, stream, size: 1 }));

it.each([
  ['a task', TASKS],
  ['a mark', MARKS],
])(
  'are the same in whatever order the streams are forwarded: of %s',
  async (_, job) => {
    const histories = fc.array(arriving, { minLength: 1, maxLength: 12 });
    const plans = fc.array(step, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(histories, plans, async (history, plan) => {
        const records = recordsOf(history);
        const plain = await problemsOf(job, records, inOrder(history));
        expect(await problemsOf(job, records, plan)).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  },
  120_000,
);
