/** How lanes end: when they may, what is kept of them, and what closing must have done before. */
import { type Canary, canary } from './canary.ts';

export const LANE_CANARIES: readonly Canary[] = [
  canary(
    'a lane ended while its shard may still hold records',
    'state/retention.ts',
    'later(later(closedBy, streamRetention), DRAINED_MARGIN)',
    'later(closedBy, (streamRetention - streamRetention) as Duration)',
    { job: 'pvuv' },
  ),
  canary(
    'the totals of a retired lane dropped',
    'state/lane/retiredLanes.ts',
    "await table.put(recordOf(each), { kind: 'absent' });",
    "await table.put(recordOf({ ...each, head: { ...each.head, totals: { accepted: 0, filtered: 0, late: 0, dead: 0 } } }), { kind: 'absent' });",
  ),
  canary(
    'a lane retired before it is merged',
    'runtime/closing/endLanes.ts',
    'commits.every(({ deltas }) => deltas === undefined);',
    'commits.length >= 0;',
    { job: 'ad-blacklist' },
  ),
  canary(
    'a keyed lane that a zombie opened again left on the list',
    'runtime/timers/endFiredLanes.ts',
    'waiting.map(([name]) => name),',
    'waiting.slice(0, 0).map(([name]) => name),',
  ),
  canary(
    'what a store is restored from renewed by a few parts a run',
    'runtime/timers/fireTimers.ts',
    'const RENEWING_MAX = 64;',
    'const RENEWING_MAX = 0;',
    { job: 'order-reconcile', limits: 'tight' },
  ),
];
