/** A pattern job's rows depend on what its shard holds, whoever reads it, in which pieces, and however often. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RetryableError } from '../../../shared/errors.ts';
import { seconds } from '../../../shared/index.ts';
import { totalOf } from '../../../shared/model/counts.ts';
import { arrivalTime, milliseconds } from '../../../shared/model/time.ts';
import type { StreamRecord } from '../../../shared/records/entry.ts';
import { CLOCK_START } from '../../support/clock.ts';
import { bytesOf, sequenceNumber } from '../../support/records.ts';
import { Shards } from '../../support/shards.ts';
import { knocksJob, signal } from '../../support/signals.ts';

const JOB = knocksJob({ maxOutOfOrderness: seconds(3) });

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
  second: fc.integer({ min: 0, max: 60 }),
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

function recordsOf(events: readonly Arriving[]): StreamRecord[] {
  let arrival = CLOCK_START as number;
  return events.map(({ key, kind, second, gap }, n) => {
    arrival += gap * 1_000;
    const content = kind === 'broken' ? 'broken' : signal(key, kind, second + n);
    const data = bytesOf(content);
    return { sequence: sequenceNumber(n), arrival: arrivalTime(arrival), partitionKey: key, data };
  });
}

/** Everything at once, to one function. */
async function plain(records: readonly StreamRecord[]) {
  const shards = new Shards(JOB);
  await shards.newIngest().ingest({ stream: 'signals', shard: 's', records });
  return outcomeOf(shards);
}

async function disturbed(records: readonly StreamRecord[], steps: readonly Step[]) {
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
  const shards = new Shards(JOB, { onState: interception, onResults: interception });
  const functions = [shards.newIngest(), shards.newIngest()];
  let done = 0;
  for (let n = 0; done < records.length; n += 1) {
    const { size, by, isFired, again, ...faulty } = steps[n % steps.length] as Step;
    const next = records[done] as StreamRecord;
    shards.clock.advance(milliseconds(Math.max(0, next.arrival - 1 - shards.clock.now())));
    if (isFired) await shards.firer.run('schedule');
    shards.clock.advance(milliseconds(Math.max(0, next.arrival - shards.clock.now())));
    const batch = records.slice(Math.max(0, done - again), done + size);
    writes = 0;
    fault = faulty;
    await untilItWorks((tries) => {
      const ingest = functions[(by + tries) % 2] as (typeof functions)[0];
      return ingest.ingest({ stream: 'signals', shard: 's', records: batch });
    });
    fault = undefined;
    done += size;
  }
  await shards.firer.run('schedule');
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

/** What must not depend on the way; the input's end lets everything go. */
async function outcomeOf(shards: Shards) {
  const head = await shards.head('s');
  const late = (await shards.side('s')).map(({ kind, position }) => `${kind} ${position}`).sort();
  const before = { totals: head?.totals, watermark: head?.watermark, late };
  await shards.firer.run('endOfInput');
  return { ...before, alarms: shards.rows('alarms'), givenUp: shards.rows('given-up') };
}

it('finds the same however it is delivered', async () => {
  const events = fc.array(arriving, { minLength: 1, maxLength: 25 });
  const steps = fc.array(step, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(events, steps, async (seen, how) => {
      const records = recordsOf(seen);
      const expected = await plain(records);
      expect(await disturbed(records, how)).toEqual(expected);
      expect(expected.totals && totalOf(expected.totals)).toBe(seen.length);
    }),
    { numRuns: 300 },
  );
}, 60_000);
