/** What users do with items. */
import type { Behavior } from '../truth.ts';
import { anId, type StreamModel } from './model.ts';

export const userBehavior: StreamModel = {
  name: 'user-behavior',
  partitionKey: (random, variety) => anId('item', random.below(variety)),
  event: (itemId, timestamp, random): Behavior => ({
    userId: `${random.pick(['', 'u'])}${random.below(9)}`,
    itemId,
    categoryId: `c${random.below(3)}`,
    behavior: random.pick(['pv', 'pv', 'pv', 'cart', 'buy']),
    timestamp,
  }),
  garbage: [
    '{"userId":"1","itemId":',
    '{"userId":1,"itemId":"2","categoryId":"3","behavior":"pv","timestamp":1}',
    '{"userId":"","itemId":"2","categoryId":"3","behavior":"pv","timestamp":1511658000000}',
    '{"userId":"1","itemId":"2","categoryId":"3","behavior":"pv","timestamp":1511658000000.5}',
    '{"userId":"1","itemId":"2","categoryId":"3","behavior":"wish","timestamp":1511658000000}',
  ],
};
