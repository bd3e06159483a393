/** The funnel reads the same stream as hot items. */
export { type UserBehavior, userBehavior } from '../hotItems/events.ts';
