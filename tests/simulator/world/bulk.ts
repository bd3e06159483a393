/** Events of one record whose effect does not fit one commit: as much as a record of 1 MB holds. */
import type { Random } from '../random.ts';
import type { StreamEvent } from '../truth.ts';

const BULKY_EVENTS = 1_100;
/** Too many for the commit, so that they become items of their own. */
const BULKY_DEAD_LETTERS = 60;
const BULKY_ID_LENGTH = 250;
/** Chinese, Japanese and Korean signs: much content for few characters, hardly compressible. */
const BULKY_SIGNS: readonly [number, number] = [0x4e00, 0x9fff];

/** All of one partition key, which is their own id where they have a long one. */
export function bulkyEvents(stream: string, timestamp: number, random: Random): StreamEvent[] {
  const isDead = random.chance(0.5);
  const fields = isDead ? { timestamp, flaw: 'unreadable' as const } : { timestamp };
  return Array.from({ length: isDead ? BULKY_DEAD_LETTERS : BULKY_EVENTS }, (_, i) => {
    const signs = Array.from({ length: BULKY_ID_LENGTH }, () => random.between(...BULKY_SIGNS));
    return { ...shapeOf(stream, `u${i}`, String.fromCharCode(...signs)), ...fields };
  });
}

/** An event with one short and one long id; the short one is of the kind that is no key. */
function shapeOf(stream: string, short: string, long: string): Record<string, string> {
  switch (stream) {
    case 'page-views':
      return { ip: short, method: 'GET', url: `/${long}` };
    case 'app-marketing':
      return { userId: long, channel: 'bulky', behavior: 'CLICK' };
    case 'ad-clicks':
      return { userId: 'bulky', adId: long, province: short, city: long };
    case 'logins':
      return { userId: 'bulky', ip: long, outcome: 'fail' };
    case 'orders':
      return { orderId: 'bulky', type: 'pay', txId: long };
    case 'receipts':
      return { txId: 'bulky', channel: long };
    default:
      return { userId: short, itemId: long, categoryId: 'c0', behavior: 'pv' };
  }
}
