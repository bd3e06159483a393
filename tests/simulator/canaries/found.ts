/** Bugs that the simulator found: it must find them again. */
import { type Canary, canary } from './canary.ts';

const PUT_ROW =
  "stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' }";

export const FOUND_CANARIES: readonly Canary[] = [
  canary(
    'lateness after the verdict on poison',
    'operators/window/windowFold.ts',
    '...(gate ? screening(gate) : {}),',
    "...(gate ? screening(gate) : {}), screen: (entry, event) => { const reason = poison.get(entry); return reason === undefined ? (gate?.decide(entry, event) ?? 'pass') : { reason }; },",
  ),
  canary(
    'unread commits left to expire',
    'runtime/closing/planClosing.ts',
    'hasUnread || isOld ||',
    'hasUnread ||',
  ),
  canary(
    'windows expired before they were closed',
    'runtime/closing/planClosing.ts',
    'Math.min(correctable ?? NO_WATERMARK, watermark)',
    'correctable ?? NO_WATERMARK',
    { job: 'hot-items' },
  ),
  {
    name: 'a revision counted from a row that is gone',
    patches: [
      {
        file: 'state/results.ts',
        find: PUT_ROW,
        replace: "{ kind: 'absentOrAtMost', name: 'fence', value: run.fence }",
      },
    ],
  },
  canary(
    'corrections that a cut run left forgotten',
    'operators/closing/windowsDue.ts',
    'pending: endsAfter(corrected, assign, done),',
    'pending: [],',
  ),
  canary(
    'side output without gaps',
    'state/lane/laneLog.ts',
    'if (expected !== undefined) expected += 1;',
    'expected = commit.slot + 1;',
    { job: 'pvuv' },
  ),
];
