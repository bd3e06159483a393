/**
 * The laws that a status job's declaration has to keep (`StatusTail`, 1 to 3): without them results would depend on the
 * order of arrival, on retries, or on when `fireTimers` ran.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderReconcile } from '../../functions/orderReconcile/job.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import type { StatusJob } from '../../shared/index.ts';
import { NO_WATERMARK, type Watermark, watermarkAt } from '../../shared/model/time.ts';
import type { Value } from '../../shared/ports/table.ts';
import { gridTime, KEYED_START, orderEvent, receipt } from '../support/keyedEvents.ts';

const SPAN_SECONDS = 40;
const time = gridTime(SPAN_SECONDS);
const oneOrder = fc.constant('1');
const twoOrders = fc.constantFrom('1', '1', '1', '2');

/** Jobs whose waits are of the size of the events' times, with events of one key. */
const JOBS: readonly (readonly [StatusJob, fc.Arbitrary<unknown>])[] = [
  [orderTimeout.build({ timeout: '10s' }) as unknown as StatusJob, orderEvent(time, oneOrder)],
  [
    orderReconcile.build() as unknown as StatusJob,
    fc.oneof(
      fc.tuple(twoOrders, time).map(([orderId, timestamp]) => ({
        source: 'pay',
        event: { type: 'pay', orderId, txId: 'tx1', timestamp },
      })),
      receipt(time, oneOrder).map((event) => ({ source: 'receipt', event })),
    ),
  ],
];

const mergeAll = (job: StatusJob, events: readonly unknown[], from: Value = job.initial): Value =>
  events.reduce<Value>((state, event) => job.merge(state, event), from);

/** Whether a timer is missing between two states that have it. */
function comesBack(timer: number, sets: readonly (readonly number[])[]): boolean {
  const has = sets.map((set) => set.includes(timer));
  return has.slice(has.indexOf(true), has.lastIndexOf(true)).includes(false);
}

const watermarks = fc
  .nat({ max: (SPAN_SECONDS + 20) * 1_000 })
  .map((ms) => watermarkAt(KEYED_START + ms));

describe.each(JOBS.map(([job, event]) => [job.name, job, event] as const))(
  '%s',
  (_, job, event) => {
    const some = fc.array(event, { minLength: 1, maxLength: 8 });

    it('merges events of a key in any order and any number of times to the same state', () => {
      const again = some.chain((events) =>
        fc.record({
          events: fc.constant(events),
          shuffled: fc.shuffledSubarray([...events, ...events, ...events], {
            minLength: 2 * events.length,
          }),
        }),
      );
      fc.assert(
        fc.property(again, ({ events, shuffled }) => {
          const all = [...shuffled, ...events];
          expect(mergeAll(job, all)).toEqual(mergeAll(job, events));
          expect(mergeAll(job, all.reverse())).toEqual(mergeAll(job, events));
        }),
        { numRuns: 400 },
      );
    });

    it('gains nothing from events that are in it', () => {
      fc.assert(
        fc.property(some, (events) => {
          const state = mergeAll(job, events);
          for (const each of events) expect(job.merge(state, each)).toEqual(state);
        }),
      );
    });

    it('never sets a timer again that a state has left', () => {
      fc.assert(
        fc.property(some, (events) => {
          const timers = events.map((_, i) => job.timers(mergeAll(job, events.slice(0, i + 1))));
          const returning = timers.flat().filter((timer) => comesBack(timer, timers));
          expect(returning).toEqual([]);
        }),
        { numRuns: 400 },
      );
    });

    it('answers by the watermark only as far as it has reached timers', () => {
      fc.assert(
        fc.property(some, watermarks, (events, watermark) => {
          const state = mergeAll(job, events);
          const timers = job.timers(state);
          const reached = timers.filter((at) => at <= watermark);
          const least: Watermark =
            reached.length === 0 ? NO_WATERMARK : watermarkAt(Math.max(...reached));
          expect(job.view(state, watermark)).toEqual(job.view(state, least));
        }),
        { numRuns: 400 },
      );
    });

    it('has an answer that each of its timers changes', () => {
      fc.assert(
        fc.property(some, (events) => {
          const state = mergeAll(job, events);
          for (const at of job.timers(state)) {
            const [before, reached] = [at - 1, at].map((ms) => job.view(state, watermarkAt(ms)));
            expect(reached).not.toEqual(before);
          }
        }),
      );
    });
  },
);
