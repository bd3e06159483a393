/** Behaviour events of a shop, as on the stream `user-behavior`. */
import type { UserBehavior } from '../../functions/hotItems/events.ts';

/** 2017-11-26T01:00:00Z, 09:00 in China: where the reference file begins. */
const DAY = '2017-11-26';

/** `behaved('01:02:03', 'user', 'pv', 'item', 'category')` */
export function behaved(
  clock: string,
  userId: string,
  behavior: UserBehavior['behavior'],
  itemId: string,
  categoryId = 'c1',
): UserBehavior {
  return { userId, itemId, categoryId, behavior, timestamp: Date.parse(`${DAY}T${clock}Z`) };
}
