/**
 * Receipts of the payment channels for the payments of `orders`; see shopOrders.ts for what happens to them. 3 % come up
 * to 4 s out of order; 0.1 % come up to 20 min after they happened. 0.05 % are malformed.
 */
import { type Receipt, receipts } from '../../functions/orderReconcile/events.ts';
import type { InputEvent } from '../readInput.ts';
import { type Arrival, first, inArrivalOrder, type Story, storiesOf } from './arrivals.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom } from './random.ts';
import type { GeneratorOptions } from './sample.ts';
import { type ShopOrder, shopOrders } from './shopOrders.ts';

const RECEIPTS_PER_ORDER = 1;
const WAY_SEED = 2_000_003;
const COPY_AFTER_MS = 2_000;

const DELAYS = {
  outOfOrder: { share: 0.03, longestMs: 4_000 },
  offline: { share: 0.001, longestMs: 20 * 60_000 },
};

const FORMAT: Format<Receipt> = { source: receipts, missing: 'channel', empty: 'txId' };

export function generateReceipts({
  seed,
  events,
  course,
}: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(seed + WAY_SEED);
  const stories = storiesFrom(shopOrders(seed, events / RECEIPTS_PER_ORDER, course), random);
  return first(events, inArrivalOrder(storiesOf(stories, events)));
}

function* storiesFrom(orders: Iterable<ShopOrder>, random: Random): Generator<Story> {
  for (const { from, receipts } of orders) {
    const arrivals: Arrival[] = receipts.flatMap(({ txId, channel, at, copies }) =>
      Array.from({ length: copies }, (_, copy) =>
        arrival({ txId, channel, timestamp: at }, copy * COPY_AFTER_MS, random),
      ),
    );
    yield { from, arrivals };
  }
}

function arrival(event: Receipt, sentAfterMs: number, random: Random): Arrival {
  const at = event.timestamp + sentAfterMs + delayOf(DELAYS, random);
  return { at, event: inputEvent(event, FORMAT, random) };
}
