import { describe, expect, it } from 'vitest';
import { momentsOfOrder, momentsOfTransaction } from '../../../web/panels/moments.ts';

const at = (minute: number): string => new Date(minute * 60_000).toISOString();
const kinds = (moments: readonly { readonly kind: string }[]) => moments.map(({ kind }) => kind);

describe('the time line of an order', () => {
  it('is in the order of time, with a deadline that was not kept before the payment', () => {
    const late = {
      ...({ orderId: '1', status: 'paidLate', problemAt: at(18) } as const),
      ...{ createdAt: at(0), deadline: at(15), paidAt: at(18), txId: 't' },
    };
    expect(kinds(momentsOfOrder(late, undefined))).toEqual(['created', 'deadline', 'paid']);
  });

  it('says when it was given up, once', () => {
    const unpaid = {
      ...({ orderId: '1', status: 'timedOut', problemAt: at(15) } as const),
      ...{ createdAt: at(0), deadline: at(15), timedOutAt: at(15) },
    };
    expect(kinds(momentsOfOrder(unpaid, undefined))).toEqual(['created', 'deadline', 'timedOut']);
  });

  it('says when it became a problem where nothing else does', () => {
    const odd = { orderId: '1', status: 'conflict', problemAt: at(4), createdAt: at(0) } as const;
    expect(kinds(momentsOfOrder(odd, undefined))).toEqual(['created', 'problemAt']);
  });

  it('goes on with the receipt of its payment', () => {
    const order = { orderId: '1', status: 'paid', createdAt: at(0), paidAt: at(3) } as const;
    const payment = { txId: 't', status: 'matched', receiptAt: at(4) } as const;
    expect(kinds(momentsOfOrder(order, payment))).toEqual(['created', 'paid', 'receipt']);
  });
});

it('the time line of a payment begins with its order, where that is known', () => {
  const payment = { txId: 't', status: 'unmatchedPay', payAt: at(3), problemAt: at(8) } as const;
  const order = { orderId: '1', status: 'paid', createdAt: at(0) } as const;
  expect(kinds(momentsOfTransaction(payment, order))).toEqual(['created', 'paid', 'problemAt']);
  expect(kinds(momentsOfTransaction(payment, undefined))).toEqual(['paid', 'problemAt']);
});
