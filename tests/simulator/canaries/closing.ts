/** Closing: leases, rows, windows, pages and their index. */
import { type Canary, canary } from './canary.ts';

const PUT_ROW =
  "stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' }";
const SWAPPED = "if (swapped === 'fenced') return fenced(plan);";

export const CLOSING_CANARIES: readonly Canary[] = [
  {
    name: 'pointers swapped before rows',
    patches: [
      {
        file: 'runtime/closing/closeDue.ts',
        find: 'const { written, found } = await writeRows(table, evaluated, this.#closing.lease);',
        replace:
          '(this.#closing.plan.late ??= []).push(() => writeRows(table, evaluated, this.#closing.lease)); const [written, found] = [0, 1];',
      },
      {
        file: 'runtime/closing/closeWindows.ts',
        find: SWAPPED,
        replace: `${SWAPPED} for (const write of plan.late ?? []) await write();`,
      },
    ],
  },
  {
    name: 'rows without a fence',
    patches: [
      { file: 'state/results.ts', find: 'storedFence > run.fence', replace: 'run.fence < 0' },
      { file: 'state/results.ts', find: PUT_ROW, replace: "{ kind: 'always' }" },
    ],
  },
  canary(
    'editions for every window',
    'model/window.ts',
    'edition === PLAIN_EDITION || edition <= end',
    'edition <= end || edition > end',
  ),
  canary(
    'what a roll-up holds counted twice',
    'operators/closing/pageIndex.ts',
    '[...others, {',
    '[...others, ...entries, {',
  ),
  canary(
    'late content left out of roll-ups',
    'operators/closing/pageIndex.ts',
    'level === this.#slices || level.floor(slice) < level.sealedEnd(this.#sealedUpTo)',
    'level === this.#slices',
  ),
  canary(
    'blocks of the page index stored without what is stored already',
    'operators/closing/blockTree.ts',
    'overlaid(own.values(), content.nodes)',
    'overlaid(own.values(), [])',
    { job: 'pages', limits: 'tight' },
  ),
  canary(
    'blocks of the page index left to expire',
    'runtime/closing/indexBlocks.ts',
    'isAging(expiresAt, twice(logRetention), now);',
    'false;',
    { job: 'pages', limits: 'tight' },
  ),
  canary(
    'windows forgotten whose content was merged before they closed',
    'runtime/closing/closeWindows.ts',
    'return next !== undefined;',
    'return false;',
  ),
  canary(
    'names of blocks forgotten as they are packed',
    'operators/closing/packRoots.ts',
    '...roots.slice(longest.from + length)];',
    '...roots.slice(longest.from + length + 1)];',
    { job: 'pages', limits: 'tight' },
  ),
  canary(
    'a window done of which only a part is written',
    'runtime/closing/closeDue.ts',
    "done: how === 'all' ? 'all' : this.#done,",
    "done: how === 'all' ? 'all' : (window?.end ?? this.#done),",
    { job: 'app-promotion', limits: 'tight' },
  ),
  {
    name: 'a window written from the start in every run',
    job: 'hot-items',
    limits: 'tight',
    patches: [
      {
        file: 'runtime/closing/evaluateWindow.ts',
        find: 'new WindowRows(job, merged.accumulator, window, { begun, changed })',
        replace: 'new WindowRows(job, merged.accumulator, window, { begun: undefined, changed })',
      },
      // Within one process it would go on where it was.
      {
        file: 'runtime/closing/evaluateWindow.ts',
        find: 'return kept.name === name ? kept : undefined;',
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'content taken in while a window is being written',
    job: 'app-promotion',
    limits: 'tight',
    patches: [
      {
        file: 'runtime/closing/closeWindows.ts',
        find: 'if (state.goal) return',
        replace: 'if (state.goal && !state.window) return',
      },
      {
        file: 'runtime/closing/planClosing.ts',
        find: 'hasOtherWork: closes ||',
        replace: 'window: state.window, hasOtherWork: closes ||',
      },
    ],
  },
  canary(
    'a commit taken in from the start in every run',
    'runtime/closing/takeIn.ts',
    'before?.slot === commit.slot ? before.contents : 0',
    'before?.slot === commit.slot ? 0 : 0',
    { job: 'pages', limits: 'tight' },
  ),
  canary(
    'stale pages taken for gone ones',
    'state/immutable.ts',
    "['eventual', 'strong'] as const",
    "['eventual'] as const",
  ),
  canary(
    'a taken lease raises no fence',
    'state/closing/closing.ts',
    'fence: fence + 1, until',
    'fence: Math.max(1, fence), until',
  ),
];
