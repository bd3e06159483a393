/**
 * Orders that are created and paid; see shopOrders.ts for what happens to them. 3 % of the events come up to 4 s out
 * of order; 0.1 % come up to 20 min after they happened, when some of their orders have timed out. 0.05 % are malformed.
 */
import { type OrderEvent, orders } from '../../functions/orderTimeout/events.ts';
import type { InputEvent } from '../readInput.ts';
import { type Arrival, first, inArrivalOrder, type Story, storiesOf } from './arrivals.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom } from './random.ts';
import type { GeneratorOptions } from './sample.ts';
import { type ShopOrder, shopOrders } from './shopOrders.ts';

const EVENTS_PER_ORDER = 2;
/** The way to the stream has its own chances: receipts, which have others, tell of the same orders. */
const WAY_SEED = 1_000_003;
const COPY_AFTER_MS = 2_000;

const DELAYS = {
  outOfOrder: { share: 0.03, longestMs: 4_000 },
  offline: { share: 0.001, longestMs: 20 * 60_000 },
};

const FORMAT: Format<OrderEvent> = {
  source: orders,
  missing: 'type',
  empty: 'orderId',
  unknown: { type: 'refund' },
};

export function generateOrders({ seed, events, course }: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(seed + WAY_SEED);
  const stories = storiesFrom(shopOrders(seed, events / EVENTS_PER_ORDER, course), random);
  return first(events, inArrivalOrder(storiesOf(stories, events)));
}

function* storiesFrom(orders: Iterable<ShopOrder>, random: Random): Generator<Story> {
  for (const order of orders) {
    yield { from: order.from, arrivals: [...creation(order, random), ...payments(order, random)] };
  }
}

function creation({ orderId, createdAt }: ShopOrder, random: Random): Arrival[] {
  if (createdAt === undefined) return [];
  return [arrival({ orderId, type: 'create', timestamp: createdAt }, 0, random)];
}

const payments = ({ orderId, payments }: ShopOrder, random: Random): Arrival[] =>
  payments.flatMap(({ txId, at, copies }) =>
    Array.from({ length: copies }, (_, copy) =>
      arrival({ orderId, type: 'pay', txId, timestamp: at }, copy * COPY_AFTER_MS, random),
    ),
  );

function arrival(event: OrderEvent, sentAfterMs: number, random: Random): Arrival {
  const at = event.timestamp + sentAfterMs + delayOf(DELAYS, random);
  return { at, event: inputEvent(event, FORMAT, random) };
}
