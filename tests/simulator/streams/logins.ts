/** Logins of few users, most of which fail. */
import type { Login } from '../truth.ts';
import { anId, type StreamModel } from './model.ts';

export const logins: StreamModel = {
  name: 'logins',
  partitionKey: (random, variety) => anId('u', random.below(variety)),
  event: (userId, timestamp, random): Login => ({
    userId,
    ip: `10.0.0.${random.below(3)}`,
    outcome: random.chance(0.75) ? 'fail' : 'success',
    timestamp,
  }),
  garbage: [
    '{"userId":"1","ip":"10.0.0.1","outcome":"perhaps","timestamp":1511658000000}',
    '{"userId":"","ip":"10.0.0.1","outcome":"fail","timestamp":1511658000000}',
    '{"userId":"1","ip":"10.0.0.1","outcome":"fail","timestamp":"soon"}',
  ],
};
