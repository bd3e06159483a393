/** Orders that are not paid in time: one row per order that says how it stands. */
import {
  allClaims,
  days,
  duration,
  type EventTime,
  earliest,
  earliestClaims,
  eventTime,
  hasReached,
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
import { type OrderEvent, orders } from './events.ts';

/** How an order may stand. */
const STATUSES = {
  awaitingPay: 'fine',
  awaitingCreate: 'fine',
  paid: 'fine',
  timedOut: 'problem',
  paidLate: 'problem',
  paidWithoutCreate: 'problem',
  conflict: 'problem',
} as const;
type View = StatusView<typeof STATUSES>;

/** What is known of an order: the earliest create, and every transaction that paid it. */
type OrderState = {
  readonly created: EventTime | null;
  readonly pays: StoredClaims;
};

export const orderTimeout = parameterized(
  {
    timeout: duration('15min', 'how long an order may stay unpaid', { min: '1ms' }),
    outOfOrderness: duration('0s', 'how far the watermark trails the greatest event time'),
    rows: oneOf(['all', 'problems'], 'which orders have a row'),
    lateness: duration(
      '30min',
      'with rows of problems: how far behind the watermark an event is late',
    ),
    remember: duration('1h', 'with rows of problems: how long an order that is well is known'),
  },
  ({ timeout, outOfOrderness, rows, lateness, remember }) => {
    const deadlineOf = (created: EventTime) => later(created, timeout);
    return job({
      name: 'order-timeout',
      version: 2,
      source: orders,
      maxOutOfOrderness: outOfOrderness,
      maxFutureSkew: minutes(10),
    }).status({
      key: (event) => event.orderId,
      initial: { created: null, pays: [] } as OrderState,
      merge,
      statuses: STATUSES,
      waits: [timeout],
      ...(rows === 'all'
        ? { stateRetention: days(90) }
        : {
            rows: { of: rows, lateness, remember },
            stateRetention: milliseconds(Math.max(days(1), 2 * timeout, remember)),
          }),
      table: { name: 'order-status', partitionKey: 'orderId' },
      timers({ created, pays }) {
        const { first, second } = earliestClaims(pays);
        if (second || (created !== null && first)) return [];
        if (created !== null) return [deadlineOf(created)];
        return first ? [first.at] : [];
      },
      view: (state, watermark) => viewOf(state, watermark, deadlineOf),
    });
  },
);

function merge({ created, pays }: OrderState, event: OrderEvent): OrderState {
  const at = eventTime(event.timestamp);
  return event.type === 'create'
    ? { created: created === null ? at : earliest(created, at), pays }
    : { created, pays: mergeClaim(pays, event.txId, at) };
}

function viewOf(
  { created, pays }: OrderState,
  watermark: Watermark,
  deadlineOf: (created: EventTime) => EventTime,
): View {
  const { first: pay, second } = earliestClaims(pays);
  const deadline = created === null ? undefined : deadlineOf(created);
  const createdKnown =
    created === null ? {} : { createdAt: isoTime(created), deadline: isoTime(deadlineOf(created)) };
  const known = { ...createdKnown, ...(pay ? { paidAt: isoTime(pay.at), txId: pay.id } : {}) };
  if (second) {
    const claims = allClaims(pays).map(({ id, at }) => ({ kind: 'pay', id, at: isoTime(at) }));
    return { status: 'conflict', at: second.at, row: { ...known, claims } };
  }
  if (deadline === undefined) return withoutCreate(known, pay?.at, watermark);
  const isInTime = pay ? isBefore(pay.at, deadline) : !hasReached(watermark, deadline);
  if (isInTime) return { status: pay ? 'paid' : 'awaitingPay', row: known };
  const status = pay ? 'paidLate' : 'timedOut';
  return { status, at: deadline, row: { ...known, timedOutAt: isoTime(deadline) } };
}

function withoutCreate(
  known: View['row'],
  paidAt: EventTime | undefined,
  watermark: Watermark,
): View {
  if (paidAt === undefined || !hasReached(watermark, paidAt))
    return { status: 'awaitingCreate', row: known };
  return { status: 'paidWithoutCreate', at: paidAt, row: known };
}
