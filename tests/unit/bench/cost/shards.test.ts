import { describe, expect, it } from 'vitest';
import { sampleForwarded, sampleStream, shardsFor } from '../../../../bench/cost/shards.ts';
import { bytesInTheLongRun, storedIn } from '../../../../bench/cost/storage.ts';
import {
  byVisitor,
  inOrderOfArrival,
  START_MS,
  trafficOf,
} from '../../../../bench/cost/traffic.ts';
import { orderReconcile } from '../../../../functions/orderReconcile/job.ts';
import type { StatusJob } from '../../../../shared/job/statusJob.ts';

const manyKeys = Array.from({ length: 5_000 }, (_, i) => `key-${i}`);
const sample = (bytesEach: number, partitionKeys = manyKeys) => ({
  name: 'orders',
  share: 1,
  bytesEach,
  partitionKeys,
});

describe('the shards of a stream', () => {
  it('are those of the deployment while they suffice', () => {
    expect(shardsFor(sample(100), 1_000, [], 2)).toBe(2);
  });

  it('follow from the bytes of the busiest one', () => {
    const shards = shardsFor(sample(100), 60_000, [], 2);
    // 6 MB/s at 0.6 MB/s each, and keys are never spread quite evenly.
    expect(shards).toBeGreaterThan(10);
    expect(shards).toBeLessThan(15);
    const uneven = [...manyKeys.slice(0, 2_500), ...Array<string>(2_500).fill('hot')];
    expect(shardsFor(sample(100, uneven), 10_000, [], 2)).toBeGreaterThan(
      shardsFor(sample(100), 10_000, [], 2),
    );
  });

  it('follow from the time of the slowest function that reads it', () => {
    const shards = shardsFor(sample(1), 10_000, [0.01, 2], 2);
    expect(shards).toBeGreaterThan(33);
    expect(shards).toBeLessThan(48);
  });

  it('cannot carry a key that is too much for one', () => {
    expect(() => shardsFor(sample(100, ['one']), 10_000, [], 2)).toThrow('cannot be spread');
  });
});

describe('the stream of a job itself', () => {
  const job = orderReconcile.build() as unknown as StatusJob;
  const own = sampleForwarded(job, 'own');

  it('carries what the job takes of its sources: payments, and a receipt for each', () => {
    expect(own.share).toBeGreaterThan(0.8);
    expect(own.share).toBeLessThan(1);
  });

  it('has the keys of the job, and lines that say where they came from', () => {
    expect(new Set(own.partitionKeys).size).toBeLessThan(0.7 * own.partitionKeys.length);
    expect(own.bytesEach).toBeGreaterThan(sampleStream('receipts').bytesEach + 20);
    expect(own.bytesEach).toBeLessThan(200);
  });
});

describe('storage in the long run', () => {
  const LIFE = 1_000;
  /** What stands in a table to which an item is written every second since `since`. */
  const tableAt = (now: number, since: number) => {
    const items = [];
    for (let at = since; at <= now; at += 1) {
      if (at + LIFE > now)
        items.push({ pk: 'a', sk: String(at).padStart(8, '0'), expiresAt: at + LIFE });
    }
    return storedIn(items, now * 1_000);
  };
  const longRun = (from: number, to: number, since: number) =>
    bytesInTheLongRun(tableAt(from, since), tableAt(to, since), to - from, 'stays');

  it('is seen from a young table as from an old one', () => {
    const settled = tableAt(5_000, 0).bytes;
    expect(longRun(5_000, 5_100, 0) / settled).toBeCloseTo(1, 1);
    expect(longRun(5_000, 5_100, 4_900) / settled).toBeCloseTo(1, 1);
  });

  it('takes rows that never expire for a year', () => {
    const before = storedIn([], 0);
    const after = storedIn([{ pk: 'a', sk: 'b' }], 0);
    const year = (after.lastingBytes * 365 * 86_400) / 60;
    expect(bytesInTheLongRun(before, after, 60, 'grows')).toBeCloseTo(year);
    expect(bytesInTheLongRun(before, after, 60, 'stays')).toBe(after.lastingBytes);
  });
});

describe('traffic', () => {
  const first = (count: number, stream: string, shops: number) =>
    [...take(count, trafficOf(stream, { first: shops }))].map((event) => ({
      ...event,
      userId: /"userId":"([^"]+)"/.exec(event.line)?.[1] ?? '',
      timestamp: Number(/"timestamp":(\d+)/.exec(event.line)?.[1]),
    }));

  it('comes at 100 events/s and shop, in order of arrival', () => {
    for (const shops of [1, 3]) {
      const events = first(6_000 * shops, 'ad-clicks', shops);
      const arrivals = events.map(({ arrivalMs }) => arrivalMs);
      expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
      const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1_000;
      expect(seconds).toBeGreaterThan(55);
      expect(seconds).toBeLessThan(65);
    }
  });

  it('gives each shop users of its own, who are their events’ partition keys', () => {
    const events = first(3_000, 'ad-clicks', 3);
    for (const { userId, partitionKey } of events) expect(partitionKey).toBe(userId);
    const users = new Set(events.map(({ userId }) => userId));
    const alone = new Set(first(1_000, 'ad-clicks', 1).map(({ userId }) => userId));
    expect(users.size).toBeGreaterThan(2.7 * alone.size);
  });

  it('is different in each shop, in more than its ids', () => {
    const lines = first(2_000, 'app-marketing', 2).map(({ line }) =>
      line.replaceAll(/"(userId|timestamp)":[^,}]+/g, ''),
    );
    const again = lines.filter((line, i) => line === lines[i + 1]);
    expect(again.length).toBeLessThan(lines.length / 2);
  });

  it('has more shops from a time on, which begin then', () => {
    const fromMs = START_MS + 20_000;
    const events = take(10_000, trafficOf('logins', { first: 1, later: { fromMs, shops: 3 } }));
    const arrivals = [...events].map(({ arrivalMs }) => arrivalMs);
    const before = arrivals.filter((at) => at < fromMs).length;
    const after = arrivals.filter((at) => at >= fromMs && at < fromMs + 20_000).length;
    expect(after).toBeGreaterThan(2.5 * before);
  });

  it('of visitors has other users in each visit, and the same within one', () => {
    const minute = (n: number) =>
      [...take(6_000, trafficOf('user-behavior', { first: 2 }))].map(
        (event) => byVisitor({ ...event, arrivalMs: START_MS + n * 60_000 }, 60_000).line,
      );
    const usersIn = (lines: readonly string[]) =>
      new Set(lines.flatMap((line) => /"userId":"(\d+)"/.exec(line)?.[1] ?? []));
    const [first, second] = [usersIn(minute(0)), usersIn(minute(1))];
    expect(usersIn(minute(0.9))).toEqual(first);
    expect(second.size).toBe(first.size);
    expect([...second].filter((user) => first.has(user))).toEqual([]);
  });

  it('goes on after its sample, later by its span', () => {
    const events = first(120_100, 'app-marketing', 1);
    const [start, again] = [events[0], events[120_000]];
    expect((again?.timestamp ?? 0) - (start?.timestamp ?? 0)).toBe(20 * 60_000);
  });

  it('of payments and receipts belongs together', () => {
    const traffics = [trafficOf('orders', { first: 2 }), trafficOf('receipts', { first: 2 })];
    const paid = new Set<string>();
    let receipts = 0;
    let matched = 0;
    for (const { stream, line } of take(60_000, inOrderOfArrival(traffics))) {
      const txId = /"txId":"([^"]+)"/.exec(line)?.[1];
      if (txId === undefined) continue;
      if (stream === 'orders') paid.add(txId);
      else receipts += 1;
      if (stream === 'receipts' && paid.has(txId)) matched += 1;
    }
    expect(receipts).toBeGreaterThan(5_000);
    // Some come before their payment, as channels' clocks differ.
    expect(matched / receipts).toBeGreaterThan(0.6);
  });
});

function* take<T>(count: number, from: Iterable<T>): Generator<T> {
  let taken = 0;
  for (const each of from) {
    if (taken === count) return;
    taken += 1;
    yield each;
  }
}
