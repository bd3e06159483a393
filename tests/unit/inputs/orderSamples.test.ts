/** What the samples of orders and receipts show, which tell of the same orders. */
import { describe, expect, it } from 'vitest';
import { receipts } from '../../../functions/orderReconcile/events.ts';
import { orders } from '../../../functions/orderTimeout/events.ts';
import { between, disorderOf, HOUR_MS, MINUTE_MS, minuteOf } from './eveningTimes.ts';
import { sampleRead } from './sampleRead.ts';

describe('orders and receipts', () => {
  const orderEvents = sampleRead(orders).events;
  const receiptEvents = sampleRead(receipts).events;
  const creates = new Map(
    orderEvents.flatMap((event) => (event.type === 'create' ? [[event.orderId, event]] : [])),
  );
  const pays = orderEvents.flatMap((event) => (event.type === 'pay' ? [event] : []));
  const payOf = new Map(pays.map((pay) => [pay.txId, pay]));
  const receiptOf = new Map(receiptEvents.map((receipt) => [receipt.txId, receipt]));
  const share = (count: number) => count / creates.size;

  const paid = new Set(pays.map(({ orderId }) => orderId));
  const calm = (event: { readonly timestamp: number }) =>
    minuteOf(event) < 25 || minuteOf(event) >= 50;

  it('take two hours and the time to pay', () => {
    for (const events of [orderEvents, receiptEvents]) {
      expect(disorderOf(events).spanMs).toBeGreaterThan(1.9 * HOUR_MS);
      expect(disorderOf(events).spanMs).toBeLessThan(2.5 * HOUR_MS);
    }
  });

  it('leave one order in 100 unpaid, some paid late, some paid without create', () => {
    const unpaid = [...creates.values()].filter((each) => calm(each) && !paid.has(each.orderId));
    expect(share(unpaid.length)).toBeCloseTo(0.01, 2);
    const late = pays.filter(({ orderId, timestamp }) => {
      const create = creates.get(orderId);
      return create && calm(create) && timestamp - create.timestamp >= 15 * MINUTE_MS;
    });
    expect(share(late.length)).toBeCloseTo(0.01, 2);
    const notCreated = pays.filter(({ orderId }) => !creates.has(orderId));
    expect(notCreated.length).toBeGreaterThan(2);
    expect(notCreated.length).toBeLessThan(20);
  });

  it('hold orders that two transactions pay, and payments that are sent twice', () => {
    const transactions = Map.groupBy([...payOf.values()], ({ orderId }) => orderId);
    const twice = [...transactions.values()].filter((each) => each.length > 1);
    expect(twice.length).toBeGreaterThan(15);
    expect(twice.length).toBeLessThan(50);
    expect(pays.length - payOf.size).toBeGreaterThan(30);
  });

  it('drift apart for the ten minutes in which payments fail', () => {
    const orderedThen = [...creates.values()].filter(
      (each) => minuteOf(each) > 38 && minuteOf(each) < 48,
    );
    const unpaid = orderedThen.filter(({ orderId }) => !paid.has(orderId));
    expect(unpaid.length / orderedThen.length).toBeGreaterThan(0.2);
    const paysThen = between([...payOf.values()], 40, 50);
    const unreceived = paysThen.filter(({ txId }) => !receiptOf.has(txId));
    const receiptsThen = between([...receiptOf.values()], 40, 50);
    const unheard = receiptsThen.filter(({ txId }) => !payOf.has(txId));
    for (const odd of [unreceived, unheard]) expect(odd.length).toBeGreaterThan(15);
  });

  it('agree on the same seed: nearly every payment has its receipt', () => {
    const isCalm = (each: { readonly timestamp: number }) =>
      minuteOf(each) < 39 || minuteOf(each) > 51;
    const missing = [...payOf.values()].filter((each) => isCalm(each) && !receiptOf.has(each.txId));
    const alone = [...receiptOf.values()].filter((each) => isCalm(each) && !payOf.has(each.txId));
    for (const odd of [missing, alone]) {
      expect(odd.length).toBeGreaterThan(3);
      expect(odd.length).toBeLessThan(30);
    }
  });

  it('have their receipts in time but for a few', () => {
    const deltas = [...payOf].flatMap(([txId, pay]) => {
      const receipt = receiptOf.get(txId);
      return receipt ? [receipt.timestamp - pay.timestamp] : [];
    });
    const inTime = deltas.filter((ms) => ms >= -3_000 && ms <= 5_000);
    expect(deltas.length - inTime.length).toBeGreaterThan(20);
    expect(deltas.length - inTime.length).toBeLessThan(60);
  });
});
