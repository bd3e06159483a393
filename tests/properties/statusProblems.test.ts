/** Which keys of a status job are problems depends on what its shard holds alone, where only problems have rows. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { minutes, seconds } from '../../shared/index.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { arrivalTime, milliseconds } from '../../shared/model/time.ts';
import type { BatchRecord } from '../../shared/records/entry.ts';
import { anySignal } from '../support/anySignal.ts';
import { CLOCK_START } from '../support/clock.ts';
import { SHARD, TestEngine } from '../support/engine.ts';
import { streamRecords } from '../support/records.ts';
import { type Signal, tasksJob } from '../support/signals.ts';

/** Some of the events below find their key, and some do not; but all find one that is a problem. */
const JOB = tasksJob({
  rows: { of: 'problems', lateness: seconds(20), remember: seconds(40) },
  stateRetention: minutes(55),
});

interface Arriving {
  readonly event: Signal;
  /** Since the one before (s). */
  readonly gap: number;
}

const arriving: fc.Arbitrary<Arriving> = fc.record({
  event: anySignal,
  gap: fc.constantFrom(0, 0, 0, 30, 70, 200),
});

const step = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  isAgain: fc.boolean(),
  isFired: fc.boolean(),
  isCold: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function recordsOf(all: readonly Arriving[]): BatchRecord[] {
  let now = CLOCK_START as number;
  return all.flatMap(({ event, gap }, first) => {
    now += gap * 1_000;
    const records = streamRecords([event], { first, arrival: arrivalTime(now) });
    return records.map((record) => ({ ...record, partitionKey: event.key }));
  });
}

async function problemsOf(records: readonly BatchRecord[], steps: readonly Step[]) {
  const shards = new TestEngine(JOB, { settings: { flushAfter: minutes(2) } });
  const waitFor = (record: BatchRecord | undefined, before = 0) => {
    const wait = Number(record?.arrival) - before - shards.clock.now();
    shards.clock.advance(milliseconds(Math.max(0, wait)));
  };
  for (let at = 0, n = 0; at < records.length; n += 1) {
    const { size, isAgain, isFired, isCold } = steps[n % steps.length] as Step;
    // The shard is read to its end until the next record arrives.
    waitFor(records[at], 1);
    if (isFired) await shards.fire('schedule');
    waitFor(records[Math.min(at + size, records.length) - 1]);
    await shards.ingest(records.slice(isAgain ? 0 : at, at + size));
    if (isCold) shards.coldStart();
    at += size;
  }
  await shards.cold.fire('endOfInput');
  const problems = [...shards.results.items()].flatMap(({ task, problem, problemAt }) =>
    problem === undefined ? [] : [[task, problemAt]],
  );
  const totals = (await shards.head(SHARD))?.totals;
  expect(totals && totalOf(totals)).toBe(records.length);
  const side = (await shards.side(SHARD)).map(({ kind, position }) => [kind, position]);
  return { problems: problems.sort(), totals, side };
}

it('are the same however what a shard holds is delivered', async () => {
  const plain = [{ size: 1_000, isAgain: false, isFired: false, isCold: false }];
  const histories = fc.array(arriving, { minLength: 1, maxLength: 15 });
  const plans = fc.array(step, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(histories, plans, async (history, plan) => {
      const records = recordsOf(history);
      expect(await problemsOf(records, plan)).toEqual(await problemsOf(records, plain));
    }),
    { numRuns: 500 },
  );
}, 60_000);
