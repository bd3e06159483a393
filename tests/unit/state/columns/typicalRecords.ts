/** Lists as the engine stores them, from a seed: states of orders, counts by composite keys, and events. */
import type { Value } from '../../../../shared/ports/table.ts';

const ORDERS_FROM = 1_511_658_000_000;

/** Numbers from 0 up to a limit, the same ones for the same seed. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

type Next = ReturnType<typeof numbersFrom>;

const hexOf = (next: Next, length: number): string =>
  Array.from({ length }, () => next(16).toString(16)).join('');

const uuidOf = (next: Next): string =>
  `${hexOf(next, 8)}-${hexOf(next, 4)}-4${hexOf(next, 3)}-8${hexOf(next, 3)}-${hexOf(next, 12)}`;

function orders(next: Next, keys: readonly string[], transaction: () => string): Value[] {
  return keys.map((k) => {
    const created = ORDERS_FROM + next(3_600) * 1_000;
    const isPaid = next(2) === 1;
    const pays = isPaid ? [[transaction(), created + next(900) * 1_000]] : [];
    return { k, a: 25_194_460 + next(3_600), s: { created, pays } };
  });
}

export function numberedOrders(length: number): Value[] {
  const next = numbersFrom(1);
  let last = 34_728;
  const keys = Array.from({ length }, () => {
    last += 1 + next(5);
    return String(last);
  });
  return orders(next, keys, () => `tx${10_000_000 + next(90_000_000)}`);
}

export function uuidOrders(length: number): Value[] {
  const next = numbersFrom(2);
  const keys = Array.from({ length }, () => uuidOf(next)).sort();
  return orders(next, keys, () => uuidOf(next));
}

export function compositeCounts(length: number): Value[] {
  const next = numbersFrom(3);
  const ads = Array.from({ length: 10 }, () => 1_000 + next(9_000));
  const users = Array.from({ length }, () => next(1_000_000)).sort((a, b) => a - b);
  return users.map((user) => ({
    k: JSON.stringify([String(user), String(ads[next(10)]), `2017-11-${26 + next(3)}`]),
    p: 0,
    a: 25_194_460 + next(3_600),
    s: 1 + next(2) * next(3),
  }));
}

export function logins(length: number): Value[] {
  const next = numbersFrom(4);
  const users = Array.from({ length: 5_000 }, () => ({
    userId: String(1 + next(99_999)),
    ip: Array.from({ length: 4 }, () => next(256)).join('.'),
  }));
  let q = 49590338271490256608559692538361571095921575989136588898n;
  let t = 1_558_430_842_000;
  return Array.from({ length }, () => {
    q += (BigInt(next(2 ** 30)) << 60n) + (BigInt(next(2 ** 30)) << 36n);
    t += next(3) * 1_000;
    const outcome = next(10) < 3 ? 'fail' : 'success';
    const user = users[next(users.length)];
    return {
      t,
      q: q.toString(),
      i: 0,
      a: t + next(1_000),
      v: { ...user, outcome, timestamp: t },
    };
  });
}
