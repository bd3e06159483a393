/**
 * The engine with its limits so low that small inputs reach them: commits and pages in parts, side output in
 * chunks, bounded reads and rounds. Nothing else changes, so every checker must stay content.
 */
import type { Variant } from './mutate.ts';

export const TIGHT_LIMITS: Variant = {
  name: 'tight limits',
  patches: [
    limit('runtime/ingest/windowBatch.ts', 'DELTA_BYTES_MAX = 360 * 1024', '60'),
    limit('records/entryWindow.ts', 'WINDOW_ENTRIES_MAX = 110_000', '11'),
    limit('records/entryWindow.ts', 'WINDOW_LENGTH_MAX = 6 * 1024 * 1024', '1_500'),
    limit('runtime/ingest/admitEntries.ts', 'REDRIVEN_MAX = 1_000', '2'),
    limit('runtime/ingest/admitEntries.ts', 'ORIGINS_MAX = 50', '1'),
    limit('runtime/ingest/windowBatch.ts', 'GATED_EVENTS_MAX = 1_000', '4'),
    limit('runtime/ingest/patternBatch.ts', 'EVENTS_MAX = 2_000', '4'),
    limit('runtime/ingest/patternBatch.ts', 'RUNS_MAX = 4_000', '3'),
    limit('operators/pattern/patternRelease.ts', 'LET_GO_MAX = 4_000', '3'),
    limit('operators/pattern/patternRelease.ts', 'ALERTS_MAX = 4_000', '2'),
    limit('operators/pattern/patternRelease.ts', 'ALERT_BYTES_MAX = 8 * 1024 * 1024', '400'),
    limit('operators/pattern/waits.ts', 'NEAR_MAX = 16_000', '5'),
    limit('operators/pattern/waits.ts', 'NEAR_BYTES_MAX = 8 * 1024 * 1024', '800'),
    limit('runtime/ingest/waiting.ts', 'GATHERED_MAX = 4_000', '3'),
    limit('runtime/ingest/waiting.ts', 'GATHERED_BYTES_MAX = 4 * 1024 * 1024', '400'),
    limit('runtime/ingest/waiting.ts', 'PORTION_MAX = 4_000', '6'),
    limit('runtime/ingest/waiting.ts', 'PORTION_BYTES_MAX = 4 * 1024 * 1024', '800'),
    limit('runtime/ingest/statusBatch.ts', 'EVENTS_MAX = 1_000', '4'),
    limit('state/keyed/statusRows.ts', 'ROWS_AT_ONCE = 100', '2'),
    limit('state/keyed/keyedStates.ts', 'STATE_BYTES_MAX = 16 * 1024 * 1024', '1'),
    limit('state/keyed/keyedStates.ts', 'STATES_AT_ONCE = 250', '1'),
    limit('runtime/timers/sheets.ts', 'TIMERS_AT_ONCE = 1_000', '3'),
    limit('runtime/closing/logTail.ts', 'TAIL_BYTES_MAX = 4 * 1024 * 1024', '400'),
    limit('runtime/closing/logTail.ts', 'LANES_AT_ONCE = 32', '2'),
    limit('runtime/timers/fireTimers.ts', 'LANES_AT_ONCE = 32', '2'),
    limit('runtime/timers/sheets.ts', 'LANES_AT_ONCE = 8', '2'),
    limit('runtime/lanes/closedShards.ts', 'ENDINGS_MAX = 2_000', '1'),
    limit('runtime/lanes/closedShards.ts', 'DORMANT_AFTER = hours(1)', 'minutes(25)'),
    limit('runtime/closing/planClosing.ts', 'BACKLOG_COMMITS_MAX = 200', '7'),
    limit('runtime/closing/planClosing.ts', 'BACKLOG_BYTES_MAX = 1024 * 1024', '600'),
    limit('runtime/closing/takeIn.ts', 'CONTENTS_MAX = 1_024', '5'),
    limit('runtime/closing/takeIn.ts', 'CORRECTIONS_MAX = 256', '2'),
    limit('runtime/closing/closeDue.ts', 'WINDOWS_MAX = 2_048', '3'),
    limit('runtime/closing/closeDue.ts', 'ROWS_MAX = 50_000', '4'),
    limit('runtime/closing/closeDue.ts', 'ROWS_AT_ONCE = 512', '2'),
    limit('runtime/closing/mergePages.ts', 'PAGE_BYTES = 4 * 1024', '60'),
    limit('operators/closing/pageIndex.ts', 'CHANGES_MAX = 96', '5'),
    limit('runtime/closing/mergePages.ts', 'COMPACTED_AT_ONCE = 32', '3'),
    limit('runtime/closing/mergePages.ts', 'SEALED_AT_ONCE = 512', '2'),
    limit('runtime/closing/mergePages.ts', 'SEALINGS_MAX = 4', '2'),
    limit('operators/closing/packRoots.ts', 'ROOTS_MAX = 96', '3'),
    limit('operators/closing/packRoots.ts', 'ROOTS_PACKED = 32', '2'),
    limit('operators/closing/blockTree.ts', 'BLOCK_NODES = 256', '3'),
    limit('operators/closing/blockTree.ts', 'BLOCK_ENTRIES = 1_024', '4'),
    limit('operators/closing/blockTree.ts', 'BLOCK_REFS = 64', '2'),
    limit('runtime/closing/indexBlocks.ts', 'AGING_MAX = 32', '2'),
    limit('runtime/closing/indexBlocks.ts', 'CACHED_MAX = 64', '2'),
    limit('runtime/closing/pageReader.ts', 'CACHE_BYTES_MAX = 64 * 1024 * 1024', '200'),
    limit('state/closing/pages.ts', 'PART_BYTES = 380 * 1024', '50'),
    limit('state/lane/blob.ts', 'INLINE_BYTES_MAX = 16 * 1024', '150'),
    limit('state/lane/blob.ts', 'CHUNK_BYTES = 380 * 1024', '130'),
    limit('state/results.ts', 'CONCURRENT_PUTS = 48', '2'),
    limit('state/inTurns.ts', 'AT_ONCE = 32', '2'),
    limit('state/keyed/timerSheets.ts', 'TIMERS_MAX = 400', '2'),
  ],
};

function limit(file: string, declared: string, value: string): Variant['patches'][number] {
  const name = declared.split(' ')[0];
  return { file, find: `const ${declared};`, replace: `const ${name} = ${value};` };
}
