import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../cli/failure.ts';
import { runJob } from '../../../cli/runJob.ts';
import { funnel } from '../../../functions/funnel/job.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { orderReconcile } from '../../../functions/orderReconcile/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import { laneBatches } from '../../../inputs/laneBatches.ts';
import type { InputEvent } from '../../../inputs/readInput.ts';
import { unitMeter } from '../../../shared/adapters/meteredTable.ts';
import type { Job } from '../../../shared/job/job.ts';
import { compareSequences } from '../../../shared/model/position.ts';
import { equalRanges, shardOf } from '../../../shared/model/shardRanges.ts';
import { arrivalTime } from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';
import { decodeRecord } from '../../../shared/records/decode.ts';
import type { BatchRecord } from '../../../shared/records/entry.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-03-02T10:00:00Z');

function view(minute: number, itemId: string, userId = 'u1'): InputEvent {
  const timestamp = START_MS + minute * MINUTE_MS;
  const event = { userId, itemId, categoryId: 'c1', behavior: 'pv', timestamp };
  return { line: JSON.stringify(event), partitionKey: itemId };
}

/** Of what must not depend on lanes and batches. */
function digestOf(rows: readonly Item[]): string {
  const lines = rows.map(({ revision: _r, final: _f, fence: _n, ...row }) => JSON.stringify(row));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

const ONE_LANE = { lanes: 1, batch: 10, atEnd: 'flush' } as const;

describe('a job in process', () => {
  it('gives no row that a correction has taken away', async () => {
    const job = funnel.build({ top: '1', lateness: '1h' });
    const viewed = (minute: number, categoryId: string, userId: string) => {
      const timestamp = START_MS + minute * MINUTE_MS;
      const event = { userId, itemId: 'i', categoryId, behavior: 'pv', timestamp };
      return { line: JSON.stringify(event), partitionKey: 'i' };
    };
    // The first hour closes with `a` before all others; what comes then puts `b` there.
    const events = [viewed(5, 'a', 'u1'), viewed(61, 'c', 'u1')];
    const late = [viewed(6, 'b', 'u1'), viewed(7, 'b', 'u2'), viewed(200, 'c', 'u1')];
    const { rows, tables } = await runJob(job, [...events, ...late], { ...ONE_LANE, batch: 1 });
    const first = rows.filter(({ windowEnd }) => windowEnd === '2026-03-02T11:00:00.000Z');
    expect(first.map(({ categoryId }) => categoryId).sort()).toEqual(['all', 'b']);
    expect(first.find(({ categoryId }) => categoryId === 'all')?.['revision']).toBeGreaterThan(0);
    expect([...tables.values()].flat()).toEqual(rows);
  });

  it('whose result throws fails with the line that did', async () => {
    const broken = {
      ...pvuv.build(),
      result: () => {
        throw new TypeError('no such count');
      },
    } as unknown as Job;
    const { line } = endingOf(
      await runJob(broken, [view(1, 'a')], ONE_LANE).catch((error) => error),
    );
    expect(line).toMatch(/^no such count \(at tests\/unit\/cli\/runJob\.test\.ts:\d+\)$/);
  });

  it('answers from the rows of its table and accounts for every event', async () => {
    const events = [
      view(1, 'a'),
      view(2, 'b', 'u2'),
      { line: 'no json', partitionKey: 'x' },
      view(61, 'a'),
      view(3, 'late'),
    ];
    const meter = unitMeter();
    const { rows, stats } = await runJob(pvuv.build(), events, { ...ONE_LANE, meter });
    expect(rows.map(({ pv, uv }) => [pv, uv])).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect(stats).toMatchObject({ accepted: 3, filtered: 0, late: 1, dead: 1, expired: 0 });
    expect(stats).toMatchObject({ lanes: 1, commits: 1, slots: 1, windowsClosed: 2 });
    expect(meter.write).toBeGreaterThan(0);
  });

  it('leaves the last windows open without the flush', async () => {
    const events = [view(1, 'a'), view(61, 'a')];
    const { rows } = await runJob(pvuv.build(), events, { ...ONE_LANE, atEnd: 'leaveOpen' });
    expect(rows.map(({ windowEnd }) => windowEnd)).toEqual(['2026-03-02T11:00:00.000Z']);
  });

  it('takes forwarded events as they come, where only problems have rows', async () => {
    const paid = (minute: number, txId: string, type = 'pay') => ({
      stream: 'orders',
      partitionKey: txId,
      line: JSON.stringify({ orderId: txId, type, txId, timestamp: START_MS + minute * MINUTE_MS }),
    });
    const received = (minute: number, txId: string) => ({
      stream: 'receipts',
      partitionKey: txId,
      line: JSON.stringify({ txId, channel: 'wechat', timestamp: START_MS + minute * MINUTE_MS }),
    });
    const events = [paid(0, 't1'), paid(0, 't2'), received(0, 't2'), paid(30, 't3')];
    const { rows } = await runJob(
      orderReconcile.build({ rows: 'problems' }),
      [...events, received(30, 't4'), paid(31, 't5'), received(31, 't5')],
      { ...ONE_LANE, atEnd: 'leaveOpen' },
    );
    const standing = rows.map(({ txId, status }) => `${txId} ${status}`).sort();
    expect(standing).toEqual(['t1 unmatchedPay', 't3 unmatchedPay', 't4 unmatchedReceipt']);
  });

  it('gives the same rows whatever the lanes and batches, over days and with one busy key', async () => {
    const events = Array.from({ length: 3_000 }, (_, n) =>
      view(n * 3, n % 3 === 0 ? `item${n}` : 'busy', `u${n % 50}`),
    );
    const setups = [1, 2, 5, 16].flatMap((lanes) => [7, 1_000, 10_000].map((n) => [lanes, n]));
    const digests = new Set<string>();
    for (const [lanes = 1, batch = 1] of setups) {
      const { rows, stats } = await runJob(hotItems.build(), events, {
        lanes,
        batch,
        atEnd: 'flush',
      });
      expect(stats).toMatchObject({ accepted: 3_000, late: 0, dead: 0, expired: 0 });
      expect(stats.windowsClosed).toBe(1_811);
      digests.add(digestOf(rows));
    }
    expect(digests.size).toBe(1);
  });

  it('keeps the generated sample’s accounts: late ones and dead letters show', async () => {
    const events = generateEvents('user-behavior', { seed: 1, events: 40_000 });
    const { stats } = await runJob(pvuv.build(), events, { ...ONE_LANE, batch: 10_000 });
    const { accepted, filtered, late, dead } = stats;
    expect(accepted + filtered + late + dead).toBe(40_000);
    expect(late).toBeGreaterThan(0);
    expect(dead).toBeGreaterThan(5);
  });
});

describe('lane batches', () => {
  const spread = {
    streams: ['user-behavior'],
    lanes: 4,
    batch: 10,
    arrival: arrivalTime(START_MS),
  };

  it('put every event on the shard that Kinesis would, in order, in batches within the limit', async () => {
    const events = Array.from({ length: 500 }, (_, n) => view(n, `item${n % 40}`));
    const seen = new Map<string, BatchRecord[]>();
    for await (const round of laneBatches(events, spread)) {
      for (const { shard, records } of round) {
        expect(records.length).toBeLessThanOrEqual(10);
        seen.set(shard, [...(seen.get(shard) ?? []), ...records]);
      }
    }
    for (const [shard, records] of seen) {
      const expected = events.filter(
        ({ partitionKey }) => shardOf(partitionKey, equalRanges(4)).shard === shard,
      );
      expect(records.flatMap((each) => [...decodeRecord(each)]).map(({ raw }) => raw)).toEqual(
        expected.map(({ line }) => line),
      );
      const sequences = records.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted(compareSequences));
      expect(new Set(sequences).size).toBe(sequences.length);
      expect(sequences.every((sequence) => /^\d{56}$/.test(sequence))).toBe(true);
    }
    expect([...seen.values()].flat().length).toBe(500);
  });
});
