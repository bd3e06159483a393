/**
 * Orders and the receipts of their payments. Creates and pays of an order come in any order and more than
 * once; now and then an order is paid twice under different numbers, or two orders under one.
 */
import type { Random } from '../random.ts';
import type { OrderEvent, Receipt } from '../truth.ts';
import { anId, type StreamModel } from './model.ts';

const ODD = 0.06;
/** As many transactions as a run may have orders. */
const TRANSACTIONS = 30;

export const orders: StreamModel = {
  name: 'orders',
  partitionKey: (random, variety) => anId('o', random.below(variety)),
  event: (orderId, timestamp, random): OrderEvent =>
    random.chance(0.45)
      ? { orderId, type: 'create', timestamp }
      : { orderId, type: 'pay', txId: transactionOf(orderId, random), timestamp },
  garbage: [
    '{"orderId":"1","type":"pay","timestamp":1511658000000}',
    '{"orderId":"1","type":"pay","txId":"","timestamp":1511658000000}',
    '{"orderId":"1","type":"refund","txId":"t","timestamp":1511658000000}',
    '{"type":"create","timestamp":1511658000000}',
  ],
};

export const receipts: StreamModel = {
  name: 'receipts',
  partitionKey: (random, variety) => `t-${anId('o', random.below(variety))}`,
  event: (txId, timestamp, random): Receipt => ({
    txId,
    channel: channelOf(txId, random),
    timestamp,
  }),
  garbage: [
    '{"txId":"","channel":"wechat","timestamp":1511658000000}',
    '{"txId":"t-1","timestamp":1511658000000}',
    '{"txId":"t-1","channel":"wechat","timestamp":null}',
  ],
};

/** An order's own, but now and then another one's. */
function transactionOf(orderId: string, random: Random): string {
  return random.chance(ODD) ? `t-${anId('o', random.below(TRANSACTIONS))}` : `t-${orderId}`;
}

function channelOf(txId: string, random: Random): string {
  if (random.chance(ODD)) return 'cash';
  return txId.length % 2 === 0 ? 'wechat' : 'alipay';
}
