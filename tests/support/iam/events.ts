/** What the workload puts on streams, and asks of tables. */
import { createHash } from 'node:crypto';
import type { TablesAnswer } from '../../../functions/api/contract/answers.ts';

export const START = Date.UTC(2024, 0, 1, 9);

/** So many keys of such a length, and half of them, make what a commit carries too large to stand inside it. */
const LONG_IDS = 300;
const LONG_ID_BYTES = 150;
/** Text that hardly shrinks, another one for each number, and the same in every run. */
export const noise = (bytes: number, n: number): string =>
  createHash('shake256', { outputLength: bytes }).update(`${n}`).digest('base64');
export const longIds = (): readonly string[] =>
  Array.from({ length: LONG_IDS }, (_, n) => noise(LONG_ID_BYTES, n));

/** An event of each of the project's own streams, for a key. */
export const EVENTS: Readonly<Record<string, (key: string) => object>> = {
  'user-behavior': (itemId) => ({ userId: 'u', itemId, categoryId: 'c', behavior: 'pv' }),
  'page-views': (page) => ({ ip: '192.0.2.1', method: 'GET', url: `/${page}` }),
  'app-marketing': (userId) => ({ userId, channel: 'web', behavior: 'CLICK' }),
  'ad-clicks': (userId) => ({ userId, adId: 'a', province: 'p', city: 'c' }),
  logins: (userId) => ({ userId, ip: '192.0.2.1', outcome: 'fail' }),
  orders: (orderId) => ({ type: 'pay', orderId, txId: orderId }),
  receipts: (txId) => ({ txId, channel: 'bank' }),
};

/** What makes the API read the rows of a table in all its ways. */
export function questionsOf({ rows, headline }: TablesAnswer['tables'][number]): readonly string[] {
  if (rows === 'statuses') return ['limit=2', 'key=k0'];
  if (rows === 'facts') return ['key=u1'];
  // A day is a multiple of how far apart any windows end.
  return headline === undefined ? [] : ['latest=2', 'step=1d&from=2024-01-01T00:00:00Z'];
}

/** Of routes that want to know more. */
const TARGETS: Readonly<Record<string, string>> = {
  '/v1/hot-items/{board}': '/v1/hot-items/items:pv',
  '/v1/audience': '/v1/audience?tag=visitor',
};

/** A question of a route. */
export const askedOf = (path: string): string => TARGETS[path] ?? path;
