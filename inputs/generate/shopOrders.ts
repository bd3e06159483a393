/**
 * A shop's orders, usually for three hours, from 2026-03-02 18:00 in Shanghai: when each is created, paid, and its money
 * arrives. The streams `orders` and `receipts` are two views of them, so with the same seed, and twice as many events
 * of orders as of receipts, they belong together.
 *
 * Of every 500 orders, drawn by the seed: 5 are never paid; 5 are paid after more than 15 minutes; 2 are paid
 * without having been created; 1 is paid twice, by two transactions; 6 payments are sent twice. Of their money, 3
 * receipts never come, 10 come more than 5 s after the payment, 3 belong to no payment, and 4 are sent twice. So every 500
 * orders make 1,000 events of orders and 500 receipts, and N events take the same time whatever N.
 *
 * On the evening of evening.ts, two hours long, payments fail for ten minutes. Of every six orders that would have been paid
 * then, one is given up; of one the shop never hears, though the channel took the money; one is paid late; of one the receipt is
 * lost; one is paid twice, by two transactions; and of one both payment and receipt are sent twice: again 12 events and 6
 * receipts.
 */
import { EVENING, isWithin, lengthMs, type Span } from './evening.ts';
import { type Random, randomFrom } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const START_MS = Date.parse('2026-03-02T10:00:00Z');
const USUAL: Span = { fromMs: START_MS, toMs: START_MS + 180 * MINUTE_MS };

interface Payment {
  readonly txId: string;
  readonly at: number;
  /** How often the event is sent. */
  readonly copies: number;
}

interface Receipt {
  readonly txId: string;
  readonly channel: string;
  readonly at: number;
  readonly copies: number;
}

export interface ShopOrder {
  readonly orderId: string;
  /** No event of the order, and no receipt, is earlier. */
  readonly from: number;
  /** Absent where the event is lost. */
  readonly createdAt?: number;
  readonly payments: readonly Payment[];
  readonly receipts: readonly Receipt[];
}

type Course =
  | 'usual'
  | 'unpaid'
  | 'paidLate'
  | 'notCreated'
  | 'paidTwice'
  | 'paymentRepeated'
  | 'receiptMissing'
  | 'receiptDelayed'
  | 'receiptAlone'
  | 'receiptRepeated';

const BLOCK = 500;
const COURSES: readonly (readonly [Course, number])[] = [
  ['unpaid', 5],
  ['paidLate', 5],
  ['notCreated', 2],
  ['paidTwice', 1],
  ['paymentRepeated', 6],
  ['receiptMissing', 3],
  ['receiptDelayed', 10],
  ['receiptAlone', 3],
  ['receiptRepeated', 4],
];

/** What becomes of payments in the outage, in turn. */
const OUTAGE = [
  'unpaid',
  'unheard',
  'paidLate',
  'receiptMissing',
  'paidTwice',
  'allRepeated',
] as const;

const FIRST_ORDER_ID = 34_729_000;
const PAY_MS = { min: 8 * SECOND_MS, max: 11 * MINUTE_MS };
const PAY_LATE_MS = { min: 15 * MINUTE_MS, max: 25 * MINUTE_MS };
const SECOND_PAY_MS = { min: 5 * SECOND_MS, max: 90 * SECOND_MS };
/** After the payment; before it where the channel's clock is ahead. */
const RECEIPT_MS = { min: -2_500, max: 4_800 };
const RECEIPT_DELAYED_MS = { min: 6 * SECOND_MS, max: 5 * MINUTE_MS };

/** Orders without end; so many of them take the time. */
export function* shopOrders(
  seed: number,
  ordersInSpan: number,
  course: GeneratorOptions['course'] = 'usual',
): Generator<ShopOrder> {
  const random = randomFrom(seed);
  const span = course === 'evening' ? EVENING.whole : USUAL;
  const pauseMs = lengthMs(span) / ordersInSpan;
  let failed = 0;
  for (let n = 0; ; n += BLOCK) {
    for (const [i, drawn] of shuffledBlock(random).entries()) {
      const from = Math.floor(span.fromMs + (n + i) * pauseMs);
      const place = { from, pauseMs, orderId: String(FIRST_ORDER_ID + n + i) };
      const order = orderOf(drawn, place, random);
      if (course === 'evening' && drawn === 'usual' && paysInOutage(order)) {
        yield failedOrder(order, OUTAGE[failed % OUTAGE.length] ?? 'unpaid', random);
        failed += 1;
      } else yield order;
    }
  }
}

const paysInOutage = ({ payments }: ShopOrder): boolean =>
  payments.some(({ at }) => isWithin(EVENING.paymentOutage, at));

/** The order as it goes when its payment falls into the outage. */
function failedOrder(order: ShopOrder, course: (typeof OUTAGE)[number], random: Random): ShopOrder {
  const { payments, receipts, createdAt = order.from } = order;
  switch (course) {
    case 'unpaid':
      return { ...order, payments: [], receipts: [] };
    case 'unheard':
      return { ...order, payments: [] };
    case 'receiptMissing':
      return { ...order, receipts: [] };
    case 'allRepeated':
      return { ...order, payments: payments.map(twice), receipts: receipts.map(twice) };
    default: {
      const paid = paymentsOf(course, createdAt, random);
      return {
        ...order,
        payments: paid,
        receipts: paid.flatMap((payment) => receiptsOf(course, payment, random)),
      };
    }
  }
}

const twice = <Sent extends { readonly copies: number }>(sent: Sent): Sent => ({
  ...sent,
  copies: 2,
});

function shuffledBlock(random: Random): Course[] {
  const courses = COURSES.flatMap(([course, count]) => Array<Course>(count).fill(course));
  const block = [...courses, ...Array<Course>(BLOCK - courses.length).fill('usual')];
  for (let i = block.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random() * (i + 1));
    [block[i], block[other]] = [block[other] as Course, block[i] as Course];
  }
  return block;
}

function orderOf(
  course: Course,
  { from, pauseMs, orderId }: { from: number; pauseMs: number; orderId: string },
  random: Random,
): ShopOrder {
  const createdAt = from + Math.floor(random() * pauseMs);
  const payments = course === 'unpaid' ? [] : paymentsOf(course, createdAt, random);
  const receipts = payments.flatMap((payment) => receiptsOf(course, payment, random));
  const alone = course === 'receiptAlone' ? [receiptOf(txIdFrom(random), createdAt, random)] : [];
  return {
    orderId,
    from,
    ...(course === 'notCreated' ? {} : { createdAt }),
    payments,
    receipts: [...receipts, ...alone],
  };
}

function paymentsOf(course: Course, createdAt: number, random: Random): Payment[] {
  const at = createdAt + (course === 'paidLate' ? between(PAY_LATE_MS, random) : paysAfter(random));
  const payment = { txId: txIdFrom(random), at, copies: course === 'paymentRepeated' ? 2 : 1 };
  if (course !== 'paidTwice') return [payment];
  return [payment, { ...payment, txId: txIdFrom(random), at: at + between(SECOND_PAY_MS, random) }];
}

/** Most people pay within two minutes. */
const paysAfter = (random: Random): number =>
  Math.floor(PAY_MS.min + random() ** 3 * (PAY_MS.max - PAY_MS.min));

function receiptsOf(course: Course, { txId, at }: Payment, random: Random): Receipt[] {
  if (course === 'receiptMissing') return [];
  const waitMs = course === 'receiptDelayed' ? RECEIPT_DELAYED_MS : RECEIPT_MS;
  const receipt = receiptOf(txId, at + between(waitMs, random), random);
  return [{ ...receipt, copies: course === 'receiptRepeated' ? 2 : 1 }];
}

const receiptOf = (txId: string, at: number, random: Random): Receipt => ({
  txId,
  channel: random() < 0.55 ? 'wechat' : 'alipay',
  at,
  copies: 1,
});

const between = ({ min, max }: { min: number; max: number }, random: Random): number =>
  min + Math.floor(random() * (max - min));

const TX_DIGITS = 10;
const BASE = 36;

const txIdFrom = (random: Random): string =>
  Array.from({ length: TX_DIGITS }, () => Math.floor(random() * BASE).toString(BASE)).join('');
