/** Did the money arrive: payments and receipts of one transaction, joined. */
import {
  allClaims,
  compareIds,
  days,
  duration,
  type EventTime,
  earlier,
  earliestClaims,
  eventTime,
  hasReached,
  isAfter,
  isBefore,
  isoTime,
  job,
  later,
  mergeClaim,
  milliseconds,
  minutes,
  oneOf,
  parameterized,
  type StatusView,
  type StoredClaims,
  type Watermark,
} from '../../shared/index.ts';
import { type OrderEvent, orders, type Receipt, receipts } from './events.ts';

/** How a transaction may stand. */
const STATUSES = {
  awaitingReceipt: 'fine',
  awaitingPay: 'fine',
  matched: 'fine',
  unmatchedPay: 'problem',
  unmatchedReceipt: 'problem',
  conflict: 'problem',
} as const;
type View = StatusView<typeof STATUSES>;

/** What is known of a transaction: the orders that it paid, and the channels that reported it. */
type TransactionState = {
  readonly pays: StoredClaims;
  readonly receipts: StoredClaims;
};

type Transaction =
  | { readonly source: 'pay'; readonly event: OrderEvent }
  | { readonly source: 'receipt'; readonly event: Receipt };

export const orderReconcile = parameterized(
  {
    payWait: duration('5s', 'how long after its payment a receipt is on time'),
    receiptWait: duration('3s', 'how long before its payment a receipt is on time'),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
    rows: oneOf(['all', 'problems'], 'which transactions have a row'),
    lateness: duration(
      '30min',
      'with rows of problems: how far behind the watermark an event is late',
    ),
    remember: duration('1h', 'with rows of problems: how long a transaction that is well is known'),
  },
  ({ payWait, receiptWait, outOfOrderness, rows, lateness, remember }) => {
    const isOnTime = (paid: EventTime, received: EventTime): boolean =>
      !isBefore(received, earlier(paid, receiptWait)) && !isAfter(received, later(paid, payWait));
    return job({
      name: 'order-reconcile',
      version: 2,
      sources: { pay: orders, receipt: receipts },
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
      filter: (each) => each.source === 'receipt' || each.event.type === 'pay',
    }).status({
      key: keyOf,
      initial: { pays: [], receipts: [] } as TransactionState,
      merge,
      statuses: STATUSES,
      waits: [payWait, receiptWait],
      ...(rows === 'all'
        ? { stateRetention: days(90) }
        : {
            rows: { of: rows, lateness, remember },
            stateRetention: milliseconds(Math.max(days(1), 2 * payWait, 2 * receiptWait, remember)),
          }),
      table: { name: 'reconciliation', partitionKey: 'txId' },
      timers(state) {
        const { pay, receipt, isConflict } = partsOf(state);
        if (isConflict || (pay && receipt)) return [];
        if (pay) return [later(pay.at, payWait)];
        return receipt ? [later(receipt.at, receiptWait)] : [];
      },
      view(state, watermark) {
        const { pay, receipt, isConflict } = partsOf(state);
        if (isConflict) return conflict(state);
        if (pay && receipt) {
          const onTime = isOnTime(pay.at, receipt.at);
          return { status: 'matched', row: { ...knownOf(state), onTime } };
        }
        if (pay) return waiting(state, watermark, later(pay.at, payWait), FOR_RECEIPT);
        const until = later(receipt?.at ?? eventTime(0), receiptWait);
        return waiting(state, watermark, until, FOR_PAY);
      },
    });
  },
);

function keyOf(each: Transaction): string {
  if (each.source === 'receipt') return each.event.txId;
  // Creates are filtered before anybody asks.
  return each.event.type === 'pay' ? each.event.txId : '';
}

function merge(state: TransactionState, each: Transaction): TransactionState {
  const at = eventTime(each.event.timestamp);
  return each.source === 'pay'
    ? { ...state, pays: mergeClaim(state.pays, each.event.orderId, at) }
    : { ...state, receipts: mergeClaim(state.receipts, each.event.channel, at) };
}

function partsOf(state: TransactionState) {
  const pays = earliestClaims(state.pays);
  const received = earliestClaims(state.receipts);
  return {
    pay: pays.first,
    receipt: received.first,
    isConflict: pays.second !== undefined || received.second !== undefined,
  };
}

function knownOf(state: TransactionState) {
  const { pay, receipt } = partsOf(state);
  return {
    ...(pay ? { orderId: pay.id, payAt: isoTime(pay.at) } : {}),
    ...(receipt ? { payChannel: receipt.id, receiptAt: isoTime(receipt.at) } : {}),
    ...(pay && receipt ? { deltaMs: receipt.at - pay.at } : {}),
  };
}

const FOR_RECEIPT = { awaiting: 'awaitingReceipt', missing: 'unmatchedPay' } as const;
const FOR_PAY = { awaiting: 'awaitingPay', missing: 'unmatchedReceipt' } as const;

function waiting(
  state: TransactionState,
  watermark: Watermark,
  until: EventTime,
  { awaiting, missing }: typeof FOR_RECEIPT | typeof FOR_PAY,
): View {
  if (!hasReached(watermark, until)) return { status: awaiting, row: knownOf(state) };
  return { status: missing, at: until, row: knownOf(state) };
}

/** Another order paid with the transaction, or another channel reported it: for good, whatever else comes. */
function conflict(state: TransactionState): View {
  const pays = earliestClaims(state.pays);
  const received = earliestClaims(state.receipts);
  const claims = [
    ...allClaims(state.pays).map((claim) => ({ kind: 'pay', ...claim })),
    ...allClaims(state.receipts).map((claim) => ({ kind: 'receipt', ...claim })),
  ].sort((a, b) => a.at - b.at || compareIds(a.id, b.id));
  const seconds = [pays.second, received.second].filter((claim) => claim !== undefined);
  const at = eventTime(Math.min(...seconds.map((claim) => claim.at)));
  const shown = claims.map((claim) => ({ ...claim, at: isoTime(claim.at) }));
  return { status: 'conflict', at, row: { ...knownOf(state), claims: shown } };
}
