/** Answers of keyed jobs do not depend on how many shards a stream has or how large batches are, while nothing is late. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runJob } from '../../cli/runJob.ts';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { loginFail } from '../../functions/loginFail/job.ts';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import type { StreamEvent } from '../../inputs/laneBatches.ts';
import type { Job } from '../../shared/index.ts';
import { testClock } from '../support/clock.ts';
import { adClick, gridTime, login, orderEvent, receipt } from '../support/keyedEvents.ts';
import { comparable } from '../support/referenceRuns.ts';

interface Sent {
  readonly stream: string;
  readonly event: { readonly timestamp: number };
}

const SETUPS = [1, 3, 8].flatMap((lanes) => [1, 7, 1_000].map((batch) => ({ lanes, batch })));

const time = gridTime(20);
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const on =
  (stream: string) =>
  (event: Sent['event']): Sent => ({ stream, event });
const inputOf = (event: fc.Arbitrary<Sent>) => fc.array(event, { minLength: 1, maxLength: 40 });

/** In order of time, each moved by less than the watermark trails: then no event is late, on whatever lane. */
const nearlyInOrder = (input: fc.Arbitrary<Sent[]>, byLessThan: number) =>
  input.chain((events) =>
    fc
      .array(fc.nat({ max: byLessThan }), { minLength: events.length, maxLength: events.length })
      .map((moved) =>
        events
          .map((each, i) => ({ each, at: each.event.timestamp + (moved[i] ?? 0) }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each),
      ),
  );

const CASES: readonly (readonly [string, Job, fc.Arbitrary<Sent[]>])[] = [
  [
    'a gate',
    adBlacklist.build({ limit: '2', size: '10s', slide: '5s' }) as unknown as Job,
    nearlyInOrder(inputOf(adClick(time, ids).map(on('ad-clicks'))), 0),
  ],
  [
    'a gate, out of order',
    adBlacklist.build({
      limit: '2',
      size: '10s',
      slide: '5s',
      outOfOrderness: '3s',
    }) as unknown as Job,
    nearlyInOrder(inputOf(adClick(time, ids).map(on('ad-clicks'))), 3_000),
  ],
  [
    'a pattern',
    loginFail.build() as unknown as Job,
    nearlyInOrder(inputOf(login(time, ids).map(on('logins'))), 3_000),
  ],
  [
    'a status',
    orderTimeout.build({ timeout: '5s' }) as unknown as Job,
    inputOf(orderEvent(time, ids).map(on('orders'))),
  ],
  [
    'a status over two streams',
    orderReconcile.build() as unknown as Job,
    inputOf(
      fc.oneof(orderEvent(time, ids).map(on('orders')), receipt(time, ids).map(on('receipts'))),
    ),
  ],
];

function streamEvents(job: Job, sent: readonly Sent[]): StreamEvent[] {
  return sent.map(({ stream, event }) => {
    const source = job.sources.find((each) => each.stream === stream);
    const parsed = source?.parse(event);
    const partitionKey =
      source && parsed && 'event' in parsed ? source.partitionKey(parsed.event) : '';
    return { stream, line: JSON.stringify(event), partitionKey };
  });
}

it.each(CASES)('the answers of %s are the same on 1, 3 and 8 lanes', async (_, job, input) => {
  const clock = testClock();
  await fc.assert(
    fc.asyncProperty(input, async (sent) => {
      const events = streamEvents(job, sent);
      const results = [];
      for (const setup of SETUPS) {
        results.push(await runJob(job, events, { ...setup, atEnd: 'flush', clock }));
      }
      for (const { stats } of results) expect([stats.late, stats.dead]).toEqual([0, 0]);
      const [first, ...others] = results.map(comparable);
      for (const rows of others) expect(rows).toEqual(first);
    }),
    { numRuns: 40 },
  );
});
