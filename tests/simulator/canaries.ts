/**
 * Deliberately broken variants of the engine. Each is a change of its source text (`mutate.ts`), so that
 * production code needs no seams for it. The simulator must catch each within a fixed number of seeds.
 */

import type { Variant } from './mutate.ts';

export interface Canary extends Variant {
  /** The first seed to try, where only few catch it. */
  readonly from?: number;
  /** The one job to try it on, where few others would show it. */
  readonly job?: string;
}

const APPEND = "table.put(itemOf(lane, commit), { kind: 'absent' })";
const CREATE_LANE = "if ((await createLane(ports.state, lane, item)) === 'created') {";
const SETTLE = 'await settle(context, lane, before.item, prefix.commit);';
const WRITE_ROWS = 'await writeRows(ports.results, evaluated, lease.fence);';
const PUT_ROW =
  "stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' }";
const SWAPPED = "if (swapped === 'fenced') return fenced(view);";

export const CANARIES: readonly Canary[] = [
  canary('a blind put on a slot', 'state/laneLog.ts', APPEND, APPEND.replace('absent', 'always')),
  canary(
    'sequence numbers compared as text',
    'model/position.ts',
    'if (a.length !== b.length) return a.length - b.length;',
    '',
  ),
  canary(
    'W not stored',
    'state/laneLog.ts',
    '...(commit.watermark === NO_WATERMARK ? {} : { watermark: commit.watermark }),',
    '',
  ),
  {
    name: 'lateness decided by the closer',
    patches: [
      {
        file: 'operators/windowFold.ts',
        find: 'editionFor(slice, job.assign, watermark, job.allowedLateness)',
        replace: 'editionFor(slice, job.assign, NO_WATERMARK, job.allowedLateness)',
      },
      {
        file: 'runtime/planClosing.ts',
        find: 'lastWindowEnd(content.slice, job.assign) > state.expiredBefore',
        replace: 'lastWindowEnd(content.slice, job.assign) + job.allowedLateness > state.watermark',
      },
    ],
  },
  {
    name: 'pointers swapped before rows',
    patches: [
      { file: 'runtime/closeWindows.ts', find: WRITE_ROWS, replace: '' },
      { file: 'runtime/closeWindows.ts', find: SWAPPED, replace: `${SWAPPED} ${WRITE_ROWS}` },
    ],
  },
  {
    name: 'rows without a fence',
    patches: [
      { file: 'state/results.ts', find: 'storedFence > fence', replace: 'fence < 0' },
      { file: 'state/results.ts', find: PUT_ROW, replace: "{ kind: 'always' }" },
    ],
  },
  {
    name: 'the lane item after slot 0',
    patches: [
      { file: 'runtime/lanes.ts', find: CREATE_LANE, replace: 'if (item.parents) {' },
      {
        file: 'runtime/ingest.ts',
        find: SETTLE,
        replace: `if (prefix.commit.slot === 0) await createLane(ports.state, lane, before.item); ${SETTLE}`,
      },
      {
        file: 'runtime/ingest.ts',
        find: "import { append } from './append.ts';",
        replace:
          "import { append } from './append.ts'; import { createLane } from '../state/laneLog.ts';",
      },
    ],
  },
  canary(
    'an expired head',
    'runtime/carryHeads.ts',
    'if (head && head.expiresAt <= oldest) await',
    'if (head && head.expiresAt <= 0) await',
  ),
  canary(
    'the job watermark from the fastest lane',
    'operators/jobWatermark.ts',
    'Math.min(...active.map(',
    'Math.max(...active.map(',
  ),
  canary(
    'every copy of a redriven event admitted',
    'state/admissions.ts',
    "stored?.['by'] === by ? 'admitted' : 'taken'",
    "stored ? 'admitted' : 'taken'",
  ),
  canary(
    'editions for every window',
    'model/window.ts',
    'edition === PLAIN_EDITION || edition <= end',
    'edition <= end || edition > end',
  ),
  canary(
    'what a roll-up holds counted twice',
    'operators/pageIndex.ts',
    '[...others, {',
    '[...others, ...parts, {',
  ),
  canary(
    'late content left out of roll-ups',
    'operators/pageIndex.ts',
    'shelf.level === 0 || shelf.floor(slice) < this.#sealedEnd(shelf)',
    'shelf.level === 0',
  ),
  {
    ...canary(
      'blocks of the page index stored without what is stored already',
      'operators/pageShelf.ts',
      'return block.stored?.get(start) ?? NOTHING;',
      'return NOTHING;',
    ),
    job: 'pages',
  },
  {
    ...canary(
      'blocks of the page index left to expire',
      'runtime/indexBlocks.ts',
      'expiresAt - now <= logRetention;',
      'expiresAt - now <= Number.NEGATIVE_INFINITY * logRetention;',
    ),
    job: 'pages',
  },
  canary(
    'windows forgotten whose content was merged before they closed',
    'runtime/planClosing.ts',
    'joined([...state.open, ...endRanges(fresh, job.assign)], job.assign);',
    'endRanges(fresh, job.assign);',
  ),
  canary(
    'stale pages taken for gone ones',
    'state/pages.ts',
    "if (missing.length > 0) keep(await table.batchGet(missing, 'strong'));",
    '',
  ),
  canary(
    'a taken lease raises no fence',
    'state/closing.ts',
    'fence: fence + 1, until',
    'fence: Math.max(1, fence), until',
  ),
  // Keyed jobs.
  canary(
    'redo not applied',
    'runtime/applyCommit.ts',
    'commit.redo === undefined || appliedSlot >= commit.slot',
    'commit.redo === undefined || appliedSlot >= -1',
  ),
  canary(
    'a sheet that notes only changed keys',
    'runtime/statusBatch.ts',
    'for (const at of liveTimers(job, merged.row)) timers.push({ key, at });',
    'if (merged.row !== rows.get(key)) for (const at of liveTimers(job, merged.row)) timers.push({ key, at });',
  ),
  {
    name: 'a sheet before its rows',
    job: 'order-timeout',
    patches: [
      {
        file: 'runtime/statusBatch.ts',
        find: 'const { timers, dead } = await mergeRows(context, intake.byKey);',
        replace: `const early: Timer[] = [];
  for (const [key, events] of intake.byKey) {
    const row = (await readStatusRows(context.table, job, [key], 'strong')).get(key) as StatusRow;
    for (const timer of liveTimers(job, mergeAll(job, row, events).row)) early.push({ key, at: timer });
  }
  await ports.state.batchPut(packSheets(lane, early));
  const { dead } = await mergeRows(context, intake.byKey);`,
      },
      {
        file: 'runtime/statusBatch.ts',
        find: 'await ports.state.batchPut(packSheets(lane, timers));',
        replace: '',
      },
    ],
  },
  canary(
    'a child lane before its parents ended',
    'runtime/lanes.ts',
    'orderedOf(job) ? await afterParents(context, lane, parents) : FIRST_LANE',
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
    'state/statusRows.ts',
    "row.version === 0 ? { kind: 'absent' } : { kind: 'equals', name: VERSION, value: row.version }",
    "{ kind: 'always' }",
  ),
  {
    ...canary(
      'keyed states without a stamp',
      'state/keyedStates.ts',
      "{ kind: 'absentOrAtMost', name: 'stamp', value: stamp }",
      "{ kind: 'always' }",
    ),
    job: 'ad-blacklist',
  },
  // Bugs that the simulator found: it must find them again.
  canary(
    'lateness after the verdict on poison',
    'operators/windowFold.ts',
    "if (edition === 'late') {",
    "if (edition === 'late' && !poison.has(entry)) {",
  ),
  canary(
    'unread commits left to expire',
    'runtime/planClosing.ts',
    'hasUnread || isOld;',
    'hasUnread;',
  ),
  {
    ...canary(
      'windows expired before they were closed',
      'runtime/planClosing.ts',
      'Math.min(correctable ?? NO_WATERMARK, watermark)',
      'correctable ?? NO_WATERMARK',
    ),
    job: 'hot-items',
  },
  {
    name: 'a revision counted from a row that is gone',
    patches: [
      {
        file: 'state/results.ts',
        find: PUT_ROW,
        replace: "{ kind: 'absentOrAtMost', name: 'fence', value: fence }",
      },
    ],
    from: 900,
  },
  canary(
    'corrections that a cut run left forgotten',
    'runtime/planClosing.ts',
    'pending: corrected.filter((end) => !isDone(end)),',
    'pending: [],',
  ),
  canary(
    'side output without gaps',
    'state/laneLog.ts',
    'if (expected !== undefined) expected += 1;',
    'expected = commit.slot + 1;',
  ),
];

function canary(name: string, file: string, find: string, replace: string): Canary {
  return { name, patches: [{ file, find, replace }] };
}
