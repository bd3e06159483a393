/** Which timers of a store are due. */
import { expect, it } from 'vitest';
import { arrivalTime, eventTime, watermarkAt } from '../../../../shared/model/time.ts';
import { type Entry, KeyedStore, NO_WAITS } from '../../../../shared/operators/keyed/keyedStore.ts';

it.each([
  ['12 bytes', { bytesMax: 12 }, ['k1', 'k2'], 3],
  ['13 bytes, of which the last key brings more', { bytesMax: 13 }, ['k1', 'k2', 'k3'], undefined],
  ['one key', { keysMax: 1 }, ['k1'], 2],
])('what is due is taken in order, up to %s', (_, bounds, keys, next) => {
  const store = new KeyedStore({
    ...NO_WAITS,
    timersOf: ({ state }) => [eventTime(Number(state))],
  });
  const kept = { arrival: arrivalTime(0), partitionKey: 'p' };
  store.load([3, 1, 2].map((state): Entry => [`k${state}`, { ...kept, state }]));
  const all = { keysMax: 10, bytesMax: 100, bytesOf: () => 6, except: new Set<string>() };
  const due = store.due({ ...all, ...bounds, upTo: watermarkAt(5) });
  expect([...due.entries.keys()]).toEqual(keys);
  expect(due.next).toBe(next);
});
