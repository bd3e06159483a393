/** What users do with items. */
import type { Behavior } from '../truth.ts';
import { anId, type StreamModel } from './model.ts';

/** One user does much, so that all kinds of visitors are there. */
const OFTEN = 2;
const userOf = (prefix: string, n: number): string => (n < 9 ? `${prefix}${n}` : 'u0');

export const userBehavior: StreamModel = {
  name: 'user-behavior',
  partitionKey: (random, variety) => anId('item', random.below(variety)),
  event: (itemId, timestamp, random): Behavior => ({
    userId: userOf(random.pick(['', 'u']), random.below(9 + OFTEN)),
    itemId,
    // Some are numbers, and one has the name of a row that is of all.
    categoryId: random.pick(['c0', 'c1', '9', '10', 'all']),
    behavior: random.pick(['pv', 'pv', 'pv', 'pv', 'cart', 'fav', 'buy']),
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
