/** Behaviour events: what a user did with an item. Stream `user-behavior`, partitioned by item. */
import * as z from 'zod';
import { epochMilliseconds, id, source } from '../../shared/index.ts';

const BEHAVIORS = ['pv', 'cart', 'fav', 'buy'] as const;

const userBehaviorSchema = z.object({
  userId: id(),
  itemId: id(),
  categoryId: id(),
  behavior: z.enum(BEHAVIORS),
  timestamp: epochMilliseconds(),
});

export type UserBehavior = z.output<typeof userBehaviorSchema>;

export const userBehavior = source({
  stream: 'user-behavior',
  schema: userBehaviorSchema,
  eventTime: 'timestamp',
  partitionKey: 'itemId',
  csv: ['userId', 'itemId', 'categoryId', 'behavior', 'timestamp'],
});
