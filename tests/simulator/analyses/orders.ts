/** Orders that are not paid in time, and payments without receipts or receipts without payments. */
import type { OrderEvent, Receipt, StreamEvent } from '../truth.ts';
import { isoTime, type RowContent, type StatusAnalysis } from './analysis.ts';
import { compareIds } from './compareIds.ts';

interface Claim {
  readonly kind: string;
  readonly id: string;
  readonly at: string;
}

const CLAIMS_MAX = 50;

interface Timing {
  readonly outOfOrderness: number;
  readonly maxFutureSkew: number;
}

export function unpaidOrders(
  timing: Timing & { timeout: number; rows?: StatusAnalysis['rows'] },
): StatusAnalysis<OrderEvent> {
  const { timeout, outOfOrderness, maxFutureSkew, rows = 'all' } = timing;
  return {
    kind: 'status',
    isKeyed: true,
    rows,
    problems: ['timedOut', 'paidLate', 'paidWithoutCreate', 'conflict'],
    outOfOrderness,
    maxFutureSkew,
    reach: 2 * timeout,
    horizon: timeout,
    moments: (at) => [at, at + timeout, at - timeout],
    accepts: () => true,
    keyOf: (event) => event.orderId,
    row(events, watermark) {
      const create = earliest(
        events.filter(({ type }) => type === 'create'),
        () => '',
      );
      const pays = events.filter(({ type }) => type === 'pay');
      const pay = earliest(pays, transactionOf);
      const deadline = create && create.timestamp + timeout;
      const claims = claimsOf('pay', pays, transactionOf);
      const hasConflict = new Set(pays.map(({ txId }) => txId)).size > 1;
      const status = hasConflict ? 'conflict' : orderStatus(deadline, pay?.timestamp, watermark);
      const isTimedOut = status === 'timedOut' || status === 'paidLate';
      return present({
        status,
        createdAt: isoOf(create?.timestamp),
        paidAt: isoOf(pay?.timestamp),
        deadline: isoOf(deadline),
        txId: pay?.txId,
        timedOutAt: isTimedOut ? isoOf(deadline) : undefined,
        claims: hasConflict ? claims : undefined,
      });
    },
    dueAt(row) {
      if (row['status'] === 'timedOut') return Date.parse(String(row['timedOutAt']));
      const isWithoutCreate = row['status'] === 'paidWithoutCreate';
      return isWithoutCreate ? Date.parse(String(row['paidAt'])) : undefined;
    },
  };
}

const transactionOf = ({ txId }: OrderEvent): string => txId ?? '';

/** Of nothing there is no time. */
const isoOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : isoTime(at);

function orderStatus(
  deadline: number | undefined,
  paidAt: number | undefined,
  watermark: number,
): string {
  if (deadline === undefined) {
    return watermark < (paidAt ?? Number.NaN) ? 'awaitingCreate' : 'paidWithoutCreate';
  }
  if (paidAt !== undefined) return paidAt < deadline ? 'paid' : 'paidLate';
  return watermark < deadline ? 'awaitingPay' : 'timedOut';
}

const isPay = (event: OrderEvent | Receipt): event is OrderEvent => 'orderId' in event;

export function unmatchedMoney(
  timing: Timing & { payWait: number; receiptWait: number; rows?: StatusAnalysis['rows'] },
): StatusAnalysis<OrderEvent | Receipt> {
  const { payWait, receiptWait, outOfOrderness, maxFutureSkew } = timing;
  const longest = Math.max(payWait, receiptWait);
  return {
    kind: 'status',
    isKeyed: false,
    rows: timing.rows ?? 'all',
    problems: ['unmatchedPay', 'unmatchedReceipt', 'conflict'],
    outOfOrderness,
    maxFutureSkew,
    reach: 3 * longest,
    horizon: longest,
    moments: (at) => [at, at + payWait, at - payWait, at + receiptWait, at - receiptWait],
    accepts: (event) => !isPay(event) || event.type === 'pay',
    keyOf: (event) => event.txId ?? '',
    row(events, watermark) {
      const pays = events.filter(isPay);
      const receipts = events.filter((event): event is Receipt => !isPay(event));
      const pay = earliest(pays, ({ orderId }) => orderId);
      const receipt = earliest(receipts, ({ channel }) => channel);
      const ids = [pays.map(({ orderId }) => orderId), receipts.map(({ channel }) => channel)];
      const hasConflict = ids.some((each) => new Set(each).size > 1);
      const delta = pay && receipt && receipt.timestamp - pay.timestamp;
      const status = moneyStatus(pay?.timestamp, receipt?.timestamp, watermark, timing);
      const isOnTime = delta !== undefined && delta >= -receiptWait && delta <= payWait;
      const claims = [
        ...claimsOf('pay', pays, ({ orderId }) => orderId),
        ...claimsOf('receipt', receipts, ({ channel }) => channel),
      ];
      return present({
        status: hasConflict ? 'conflict' : status,
        onTime: status === 'matched' && !hasConflict ? isOnTime : undefined,
        payAt: isoOf(pay?.timestamp),
        receiptAt: isoOf(receipt?.timestamp),
        deltaMs: delta,
        orderId: pay?.orderId,
        payChannel: receipt?.channel,
        claims: hasConflict ? firstOf(claims) : undefined,
      });
    },
    dueAt(row) {
      if (row['status'] === 'unmatchedPay') return Date.parse(String(row['payAt'])) + payWait;
      const isWithoutPay = row['status'] === 'unmatchedReceipt';
      return isWithoutPay ? Date.parse(String(row['receiptAt'])) + receiptWait : undefined;
    },
  };
}

function moneyStatus(
  payAt: number | undefined,
  receiptAt: number | undefined,
  watermark: number,
  { payWait, receiptWait }: { payWait: number; receiptWait: number },
): string {
  if (payAt !== undefined && receiptAt !== undefined) return 'matched';
  if (payAt !== undefined) {
    return watermark < payAt + payWait ? 'awaitingReceipt' : 'unmatchedPay';
  }
  const due = (receiptAt ?? Number.NaN) + receiptWait;
  return watermark < due ? 'awaitingPay' : 'unmatchedReceipt';
}

/** The first by time, of those the one with the smaller id. */
function earliest<Event extends StreamEvent>(
  events: readonly Event[],
  idOf: (event: Event) => string,
): Event | undefined {
  const [first] = [...events].sort(
    (a, b) => a.timestamp - b.timestamp || compareIds(idOf(a), idOf(b)),
  );
  return first;
}

/** Who claims the key, each from the first time on. */
function claimsOf<Event extends StreamEvent>(
  kind: string,
  events: readonly Event[],
  idOf: (event: Event) => string,
): Claim[] {
  return firstOf(
    [...Map.groupBy(events, idOf)].map(([id, some]) => ({
      kind,
      id,
      at: isoTime(Math.min(...some.map(({ timestamp }) => timestamp))),
    })),
  );
}

const firstOf = (claims: readonly Claim[]): Claim[] =>
  [...claims]
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || compareIds(a.id, b.id))
    .slice(0, CLAIMS_MAX);

/** Without what is undefined: absent attributes are omitted. */
function present(attributes: { readonly [name: string]: unknown }): RowContent {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as RowContent;
}
