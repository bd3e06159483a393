/** What follows from a key that is not what streams are partitioned by. */
import { describe, expect, it } from 'vitest';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import type { Job } from '../../../shared/job/job.ts';
import {
  type Forwarded,
  isForwarding,
  keyedPartOf,
  laneSourceOf,
  laneStreamsOf,
  needsRepartition,
  repartitionStreamOf,
} from '../../../shared/job/repartition.ts';
import { isKeyed } from '../../../shared/job/traits.ts';
import { untyped, visitsJob } from '../../support/jobs.ts';
import { gatedJob, knocksJob, sharedTasksJob, tasksJob } from '../../support/signals.ts';

const job = orderReconcile.build() as unknown as ReturnType<typeof tasksJob>;
const PAY = { orderId: 'o', type: 'pay', txId: 't', timestamp: 1_767_603_600_000 };

describe('a repartition stream', () => {
  it('is named by the job and its version', () => {
    expect(repartitionStreamOf(job as Job)).toBe('order-reconcile-2-repartition');
    const next = { ...job, version: 3 };
    expect(repartitionStreamOf(next as Job)).toBe('order-reconcile-3-repartition');
    expect(laneStreamsOf(job as Job)).toEqual([
      'orders',
      'receipts',
      'order-reconcile-2-repartition',
    ]);
  });

  it('belongs to status jobs on several streams, and to those that say so', () => {
    const jobs = [tasksJob(), knocksJob(), gatedJob(), untyped(visitsJob())] as unknown as Job[];
    expect(jobs.map(needsRepartition)).toEqual([false, false, false, false]);
    expect(needsRepartition(sharedTasksJob() as unknown as Job)).toBe(true);
    const byKind = tasksJob({ repartitioned: true }) as unknown as Job;
    expect(repartitionStreamOf(byKind)).toBe('tasks-1-repartition');
    expect([isForwarding(byKind, 'signals'), isForwarding(byKind, 'tasks-1-repartition')]).toEqual([
      true,
      false,
    ]);
    expect(isKeyed(byKind)).toBe(true);
  });

  it('is read as the events of the streams that they came from', () => {
    const [source] = keyedPartOf(job).sources;
    const arrival = 1_767_603_601_000;
    const parsed = source?.parse({ s: 'orders', a: arrival, e: PAY });
    expect(parsed).toEqual({
      event: { event: { source: 'pay', event: PAY }, arrival, isLate: false, at: PAY.timestamp },
    });
    const { event } = parsed as { event: Forwarded };
    expect(source?.partitionKey(event)).toBe('t');
    expect(source?.partitionKeyIn({ s: 'orders', a: arrival, e: PAY })).toBe('t');
    expect(source?.eventTimeIn({ s: 'orders', a: arrival, e: PAY })).toBe(PAY.timestamp);
    expect(laneSourceOf(job as Job, 'orders')?.stream).toBe('orders');
    expect(laneSourceOf(job as Job, source?.stream ?? '')?.partitionKeyIn({})).toBeUndefined();
  });

  it.each([
    ['nothing of the kind', PAY, 'is no event that was forwarded'],
    ['progress', { s: 'orders', w: null }, 'is no event that was forwarded'],
    [
      'of another stream',
      { s: 'logins', a: 1, e: {} },
      'is from the stream logins, which order-reconcile@2 does not read',
    ],
    ['no event of its stream', { s: 'orders', a: 1, e: { type: 'pay' } }, 'orderId'],
  ])('makes a dead letter of what is %s', (_, value, problem) => {
    expect(keyedPartOf(job).sources[0]?.parse(value)).toMatchObject({
      problem: expect.stringContaining(problem),
    });
  });
});
