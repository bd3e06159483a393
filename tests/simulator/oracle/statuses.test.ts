/** The oracle of status jobs answers small inputs as one would by hand: every status, and which deadline decides it. */
import { describe, expect, it } from 'vitest';
import type { StatusAnalysis } from '../analyses/analysis.ts';
import { unmatchedMoney, unpaidOrders } from '../analyses/orders.ts';
import type { OrderEvent, Receipt } from '../truth.ts';
import { expectedStatuses } from './statuses.ts';

const START = Date.UTC(2020, 0, 1);
const TIMING = { outOfOrderness: 0, maxFutureSkew: 600_000 };
const ORDERS = unpaidOrders({ ...TIMING, timeout: 900_000 });
const MONEY = unmatchedMoney({ ...TIMING, payWait: 5_000, receiptWait: 3_000 });

const create = (at: number): OrderEvent => ({
  orderId: 'o',
  type: 'create',
  timestamp: START + at * 1_000,
});
const pay = (at: number, txId = 't', orderId = 'o'): OrderEvent => ({
  orderId,
  type: 'pay',
  txId,
  timestamp: START + at * 1_000,
});
const receipt = (at: number, channel = 'wechat'): Receipt => ({
  txId: 't',
  channel,
  timestamp: START + at * 1_000,
});

const rowAt = (
  watermark: number,
  analysis: { kind: 'status' },
  ...events: (OrderEvent | Receipt)[]
) =>
  [
    ...expectedStatuses(
      analysis as StatusAnalysis,
      { watermark: START + watermark * 1_000, stateRetention: 3_600_000 },
      {
        job: 'job@1',
        lanes: [
          {
            lane: 's/0',
            parents: [],
            takes: () => true,
            records: events.map((event, i) => ({
              sequence: `${i}`,
              arrival: START + 3_600_000,
              facts: [{ kind: 'event' as const, index: 0, raw: Buffer.from(''), event }],
            })),
          },
        ],
        isAdmitted: () => true,
      },
    ).rows.values(),
  ].map(({ content }) => content)[0];

describe('the oracle of unpaid orders', () => {
  it.each([
    ['paid', 0, [create(0), pay(899.999)]],
    ['paidLate', 0, [create(0), pay(900)]],
    ['awaitingPay', 899.999, [create(0)]],
    ['timedOut', 900, [create(0)]],
    ['awaitingCreate', 9.999, [pay(10)]],
    ['paidWithoutCreate', 10, [pay(10)]],
    ['conflict', 9, [pay(10), create(0), pay(3, 'other')]],
  ] as const)('says %s with W at %d s', (status, watermark, events) => {
    expect(rowAt(watermark, ORDERS, ...events)?.['status']).toBe(status);
  });

  it('takes the earliest create and pay, in whatever order they come', () => {
    const row = rowAt(0, ORDERS, pay(20), create(9), pay(12), create(3));
    expect(row).toEqual({
      status: 'paid',
      createdAt: '2020-01-01T00:00:03.000Z',
      paidAt: '2020-01-01T00:00:12.000Z',
      deadline: '2020-01-01T00:15:03.000Z',
      txId: 't',
    });
  });

  it('lists who claims an order, by time and then id', () => {
    expect(rowAt(0, ORDERS, pay(5, 'b'), pay(5, 'a'), pay(4, 'b'))?.['claims']).toEqual([
      { kind: 'pay', id: 'b', at: '2020-01-01T00:00:04.000Z' },
      { kind: 'pay', id: 'a', at: '2020-01-01T00:00:05.000Z' },
    ]);
  });
});

describe('the oracle of unmatched money', () => {
  it.each([
    ['matched', 0, [pay(10), receipt(99)]],
    ['awaitingReceipt', 14.999, [pay(10)]],
    ['unmatchedPay', 15, [pay(10)]],
    ['awaitingPay', 12.999, [receipt(10)]],
    ['unmatchedReceipt', 13, [receipt(10)]],
    ['conflict', 0, [pay(10), pay(11, 't', 'other'), receipt(12)]],
    ['conflict', 0, [pay(10), receipt(12), receipt(13, 'cash')]],
  ] as const)('says %s with W at %d s', (status, watermark, events) => {
    expect(rowAt(watermark, MONEY, ...events)?.['status']).toBe(status);
  });

  it.each([
    [6.999, false],
    [7, true],
    [15, true],
    [15.001, false],
  ])('judges a receipt at %d s for a pay at 10 s by the two times only', (at, onTime) => {
    expect(rowAt(0, MONEY, pay(10), receipt(at))?.['onTime']).toBe(onTime);
  });

  it('has no row for creates', () => {
    expect(rowAt(0, MONEY, create(1))).toBeUndefined();
  });
});
