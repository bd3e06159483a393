/** What happened to an order or a payment, in the order of time. */
import type { OrderAnswer, TransactionAnswer } from '../../functions/api/contract/answers.ts';

type Order = OrderAnswer['order'];
type Transaction = TransactionAnswer['transaction'];

export interface Moment {
  readonly kind: 'created' | 'paid' | 'deadline' | 'timedOut' | 'receipt' | 'problemAt';
  readonly at: number;
}

/** What happens at the same time is listed as it follows from one another. */
const KINDS: readonly Moment['kind'][] = [
  'created',
  'paid',
  'receipt',
  'deadline',
  'timedOut',
  'problemAt',
];

export const momentsOfOrder = (order: Order, transaction: Transaction | undefined): Moment[] =>
  sorted({
    created: order.createdAt,
    paid: order.paidAt,
    receipt: transaction?.receiptAt,
    deadline: order.deadline,
    timedOut: order.timedOutAt,
    problemAt: order.problemAt,
  });

export const momentsOfTransaction = (transaction: Transaction, order: Order | undefined) =>
  sorted({
    created: order?.createdAt,
    paid: transaction.payAt,
    receipt: transaction.receiptAt,
    deadline: order?.deadline,
    problemAt: transaction.problemAt,
  });

/** That it became a problem is worth a line where nothing else says when: of a contradiction, of a receipt that is missing. */
function sorted(times: Partial<Record<Moment['kind'], string | undefined>>): Moment[] {
  return KINDS.flatMap((kind): Moment[] => {
    const time = times[kind];
    return time === undefined ? [] : [{ kind, at: Date.parse(time) }];
  })
    .filter(
      ({ kind, at }, _, all) =>
        kind !== 'problemAt' || all.every((o) => o.kind === kind || o.at !== at),
    )
    .sort((a, b) => a.at - b.at);
}
