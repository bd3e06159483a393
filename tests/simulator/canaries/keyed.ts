/** Jobs that keep something per key. */
import { type Canary, canary } from './canary.ts';

/** Where a few events are more than a commit lets go. */
const CUT_SHORT = { job: 'login-fail', limits: 'tight' } as const;

export const KEYED_CANARIES: readonly Canary[] = [
  canary(
    'a gate that takes states that were not read for none',
    'runtime/ingest/windowBatch.ts',
    'for (const key of missing) to = Math.min(to, first.get(key) ?? to);',
    '',
    { limits: 'tight', job: 'ad-blacklist' },
  ),
  canary(
    'redo not applied',
    'runtime/lanes/applyCommit.ts',
    'commit.redo === undefined || appliedSlot >= commit.slot',
    'commit.redo === undefined || appliedSlot >= -1',
  ),
  canary(
    'a sheet that notes only changed keys',
    'runtime/ingest/statusBatch.ts',
    'for (const at of liveTimers(job, merged.row)) timers.push({ key, at });',
    'if (merged.row !== row) for (const at of liveTimers(job, merged.row)) timers.push({ key, at });',
  ),
  {
    name: 'a sheet before its rows',
    from: 100,
    job: 'order-timeout',
    patches: [
      {
        file: 'runtime/ingest/statusBatch.ts',
        find: 'const { timers, dead } = await mergeRows(context, intake.byKey);',
        replace: `const early: Timer[] = [];
  for (const [key, events] of intake.byKey) {
    const row = await readStatusRow(context.table, job, key);
    for (const timer of liveTimers(job, mergeAll(job, row, events).row)) early.push({ key, at: timer });
  }
  await ports.state.batchPut(packSheets(lane, early));
  const { dead } = await mergeRows(context, intake.byKey);`,
      },
      {
        file: 'runtime/ingest/statusBatch.ts',
        find: 'await ports.state.batchPut(packSheets(lane, timers));',
        replace: '',
      },
    ],
  },
  canary(
    'a child lane before its parents ended',
    'runtime/lanes/lanes.ts',
    'isOrdered(job) ? await afterParents(context, lane, direct) : FIRST_LANE',
    'FIRST_LANE',
  ),
  canary(
    'a lane without its stream',
    'model/lane.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
    '`${lane.stream}/${lane.shard}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a piece of source text
    "`${lane.stream.replace('receipts', 'orders')}/${lane.shard}`",
  ),
  canary(
    'a status row put blindly',
    'state/keyed/statusRows.ts',
    "row.version === 0 ? { kind: 'absent' } : { kind: 'equals', name: VERSION, value: row.version }",
    "{ kind: 'always' }",
  ),
  canary(
    'keyed states without a stamp',
    'state/keyed/keyedStates.ts',
    "{ kind: 'absentOrAtMost', name: 'stamp', value: stamp }",
    "{ kind: 'always' }",
    { job: 'ad-blacklist', from: 50 },
  ),
  canary(
    'where letting go stopped not stored',
    'state/lane/heldMarks.ts',
    '...(letGo ? { letGo: storedPlace(letGo) } : {}),',
    '',
    CUT_SHORT,
  ),
  canary(
    'later times let go first',
    'runtime/ingest/patternBatch.ts',
    'const first = queue.slice(0, LET_GO_MAX);',
    'const first = queue.slice(-LET_GO_MAX);',
    CUT_SHORT,
  ),
  canary(
    'a lane ended before all is let go',
    'runtime/ingest/patternCommit.ts',
    '...(ended && !marks.letGo ? { ended } : {}),',
    '...(ended ? { ended } : {}),',
    CUT_SHORT,
  ),
  canary(
    'what waits read on from one commit only',
    'runtime/ingest/waiting.ts',
    'if (known.end && comparePlaces(first, known.end) > 0) break;',
    'if (known.end) break;',
    CUT_SHORT,
  ),
];
