/** Mistakes of one millisecond, or of one moment: they show only where times lie on boundaries or just beside them. */
import { type Canary, canary } from './canary.ts';

export const BOUNDARY_CANARIES: readonly Canary[] = [
  canary(
    'a window that takes one event too many',
    'model/time.ts',
    'at + slack <= watermark;',
    'at + slack < watermark;',
  ),
  {
    name: 'a window closed a millisecond early',
    patches: [
      {
        file: 'model/window.ts',
        find: '=> end <= watermark;',
        replace: '=> end - 1 <= watermark;',
      },
      {
        file: 'operators/closing/windowsDue.ts',
        find: 'contents.nextEnd(latest(past, from.watermark), to.watermark);',
        replace: 'contents.nextEnd(latest(past, from.watermark), to.watermark + 1);',
      },
    ],
  },
  canary(
    'a match that takes as long as it may not',
    'operators/pattern/advance.ts',
    'deadlineOf(beginOf(match), within) <= at;',
    'deadlineOf(beginOf(match), within) < at;',
  ),
  canary(
    'an idle jump a millisecond late',
    'operators/pattern/patternIntake.ts',
    'since(lastArrival, arrival) >= range.idleAfter',
    'since(lastArrival, arrival) > range.idleAfter',
  ),
  canary(
    'no margin when looking into a shard',
    'runtime/timers/silentLane.ts',
    'LOOKING_MARGIN: Duration = seconds(5);',
    'LOOKING_MARGIN: Duration = seconds(0);',
    { job: 'login-fail' },
  ),
  // Only these jobs have matches that time out, and timers that move on.
  canary(
    'a time-out passed a millisecond late',
    'operators/pattern/held.ts',
    "kind === 'event' ? isBehind(at, watermark) : hasReached(watermark, at)",
    'isBehind(at, watermark)',
    { job: 'checkout' },
  ),
  {
    name: 'a time-out after the events of its time',
    job: 'checkout',
    patches: [
      {
        file: 'operators/pattern/held.ts',
        find: '? comparePositions(a.entry, b.entry) : 1;',
        replace: '? comparePositions(a.entry, b.entry) : -1;',
      },
      {
        file: 'operators/pattern/held.ts',
        find: "return b.kind === 'event' ? -1 :",
        replace: "return b.kind === 'event' ? 1 :",
      },
    ],
  },
  canary(
    'the end of a lane forgotten',
    'state/lane/laneLog.ts',
    '...(commit.ended ? { ended: true } : {}),',
    '',
    { job: 'checkout' },
  ),
  canary(
    'a partial match forgotten that has yet to time out',
    'operators/pattern/keptMatches.ts',
    'if (job.timedOut) return () => false;',
    '',
    { job: 'checkout' },
  ),
  canary(
    'a parent ended by a look alone',
    'runtime/lanes/lanes.ts',
    "if (remainder !== 'ended') {",
    "if (remainder === 'ended' && laneState?.head) return laneState.head; if (remainder !== 'ended') {",
  ),
];

/** Content in chunks, which small inputs have only with low limits. */
export const CHUNK_CANARIES: readonly Canary[] = [
  {
    name: 'chunks put after the commit that names them',
    limits: 'tight',
    patches: [
      {
        file: 'runtime/lanes/commitDraft.ts',
        find: 'if (chunks.length > 0) await table.batchPut(chunks);',
        replace: '',
      },
      {
        file: 'runtime/lanes/commitDraft.ts',
        find: 'return await appendCommit(table, lane, commit);',
        replace:
          'const outcome = await appendCommit(table, lane, commit); if (chunks.length > 0) await table.batchPut(chunks); return outcome;',
      },
    ],
  },
  canary(
    'chunks read unsorted',
    'state/lane/blob.ts',
    "keys.map(({ sk }) => stored.get(sk)?.['content'] as Uint8Array)",
    "Array.from(stored.values(), (item) => item['content'] as Uint8Array)",
    { limits: 'tight' },
  ),
  canary(
    'windows of days end as those of UTC do',
    'model/window.ts',
    'if (assign.days) return eventTime(assign.days.startAfter(after));',
    '',
    { job: 'pvuv' },
  ),
];
