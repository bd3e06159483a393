/** Deliveries of a pattern job's records in any pieces, to functions that die, while shards are split and timers run. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RetryableError } from '../../shared/errors.ts';
import { hours, seconds } from '../../shared/index.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { hashKeyOf } from '../../shared/model/hashRange.ts';
import { arrivalTime, milliseconds } from '../../shared/model/time.ts';
import type { StreamRecord } from '../../shared/records/entry.ts';
import { CLOCK_START } from './clock.ts';
import { type EngineOptions, TestEngine } from './engine.ts';
import { bytesOf, sequenceNumber } from './records.ts';
import { knocksJob, signal } from './signals.ts';

const JOB = knocksJob({ maxOutOfOrderness: seconds(3) });
/** Named like the keys that they take. */
const CHILDREN = ['a', 'b'];

interface Arriving {
  readonly key: string;
  readonly kind: string;
  readonly second: number;
  /** Seconds since the record before. */
  readonly gap: number;
}

/** How the records are delivered, one step a batch. */
interface Step {
  readonly size: number;
  /** Which of two functions gets the batch; each keeps what it knows. */
  readonly by: 0 | 1;
  /** The write of state at which the function dies first, if it comes to that many. */
  readonly diesAt: number;
  readonly dies: 'before' | 'after';
  readonly isFired: boolean;
  /** How many records before it come again with the batch. */
  readonly again: number;
}

const arriving: fc.Arbitrary<Arriving> = fc.record({
  key: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom('knock', 'knock', 'other', 'broken'),
  second: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(10, 20)),
  gap: fc.constantFrom(0, 1, 59, 60, 61, 70),
});

const step: fc.Arbitrary<Step> = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  by: fc.constantFrom(0 as const, 1 as const),
  diesAt: fc.integer({ min: 1, max: 8 }),
  dies: fc.constantFrom('before' as const, 'after' as const),
  isFired: fc.boolean(),
  again: fc.integer({ min: 0, max: 2 }),
});

interface Placed {
  readonly shard: string;
  readonly record: StreamRecord;
}

/** The first records are on one shard, the others on the two that it was split into. */
function recordsOf(events: readonly Arriving[], splitAt: number): Placed[] {
  let arrival = CLOCK_START as number;
  return events.map(({ key, kind, second, gap }, n) => {
    arrival += gap * 1_000;
    const data = bytesOf(kind === 'broken' ? 'broken' : signal(key, kind, second));
    const at = { sequence: sequenceNumber(n), arrival: arrivalTime(arrival) };
    return { shard: n < splitAt ? 's' : key, record: { ...at, partitionKey: key, data } };
  });
}

function splitShards(options: EngineOptions = {}): TestEngine {
  const shards = new TestEngine(JOB, options);
  for (const child of CHILDREN) {
    shards.parents[child] = ['s'];
    shards.ranges[child] = { start: hashKeyOf(child), end: hashKeyOf(child) };
  }
  return shards;
}

/** To each shard everything at once, by one function. */
async function plain(records: readonly Placed[]) {
  const shards = splitShards();
  const ingest = shards.cold.ingest;
  for (const shard of ['s', ...CHILDREN]) {
    const own = records.filter((each) => each.shard === shard).map(({ record }) => record);
    if (own.length === 0) continue;
    if (shard !== 's') shards.rest['s'] = 'ended';
    await ingest({ stream: 'signals', shard, records: own });
  }
  return outcomeOf(shards);
}

async function disturbed(records: readonly Placed[], steps: readonly Step[]) {
  let writes = 0;
  let fault: Pick<Step, 'diesAt' | 'dies'> | undefined;
  const die = (moment: 'before' | 'after', operation: string): void => {
    if (!['put', 'batchPut', 'update'].includes(operation)) return;
    if (moment === 'before') writes += 1;
    if (fault?.dies !== moment || writes !== fault.diesAt) return;
    fault = undefined;
    throw new RetryableError('the function died');
  };
  const interception = {
    before: ({ operation }: { operation: string }) => die('before', operation),
    after: ({ operation }: { operation: string }) => die('after', operation),
  };
  const shards = splitShards({ onState: interception, onResults: interception });
  const functions = [shards.cold.ingest, shards.cold.ingest];
  let done = 0;
  for (let n = 0; done < records.length; n += 1) {
    const { size, by, isFired, again, ...faulty } = steps[n % steps.length] as Step;
    const { shard, record: next } = records[done] as Placed;
    const own = records.filter((each) => each.shard === shard).map(({ record }) => record);
    const first = own.indexOf(next);
    shards.clock.advance(milliseconds(Math.max(0, next.arrival - 1 - shards.clock.now())));
    if (shard !== 's') shards.rest['s'] = 'ended';
    const withFault = async (work: (tries: number) => Promise<unknown>): Promise<void> => {
      writes = 0;
      fault = faulty;
      await untilItWorks(work);
      fault = undefined;
    };
    if (isFired) await withFault(() => shards.cold.fire('schedule', () => false));
    shards.clock.advance(milliseconds(Math.max(0, next.arrival - shards.clock.now())));
    const following = records.slice(done, done + size).findIndex((each) => each.shard !== shard);
    const taken = following < 0 ? Math.min(size, records.length - done) : following;
    const batch = own.slice(Math.max(0, first - again), first + taken);
    await withFault((tries) => {
      const ingest = functions[(by + tries) % 2] as (typeof functions)[0];
      return ingest({ stream: 'signals', shard, records: batch });
    });
    done += taken;
  }
  await shards.cold.fire('schedule');
  return outcomeOf(shards);
}

async function untilItWorks(work: (tries: number) => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await work(tries);
      return;
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
    }
  }
}

/** What must not depend on the way; a long silence, then the input's end let everything go. */
async function outcomeOf(shards: TestEngine) {
  const lanes = [];
  shards.clock.advance(hours(2));
  while ((await shards.cold.fire('schedule')).lanesAdvanced > 0);
  for (const shard of ['s', ...CHILDREN]) {
    const head = await shards.head(shard);
    const late = (await shards.side(shard)).map(({ kind, position }) => `${kind} ${position}`);
    lanes.push({ totals: head?.totals, watermark: head?.watermark, late: late.sort() });
  }
  await shards.cold.fire('endOfInput');
  return { lanes, alarms: shards.rows('alarms'), givenUp: shards.rows('given-up') };
}

/** Throws where a way is found on which something else comes out. */
export async function checkPatternDeliveries(numRuns: number): Promise<void> {
  const events = fc.array(arriving, { minLength: 1, maxLength: 25 });
  const steps = fc.array(step, { minLength: 1, maxLength: 8 });
  const splitAt = fc.constantFrom(0, 3, 10, 25);
  await fc.assert(
    fc.asyncProperty(events, splitAt, steps, async (seen, split, how) => {
      const records = recordsOf(seen, split);
      const expected = await plain(records);
      assert.deepEqual(await disturbed(records, how), expected);
      const counted = expected.lanes.map(({ totals }) => (totals ? totalOf(totals) : 0));
      assert.equal(
        counted.reduce((sum, each) => sum + each),
        seen.length,
      );
    }),
    { numRuns },
  );
}
