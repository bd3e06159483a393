/** Closing: leases, rows, windows, pages and their index. */
import { type Canary, canary } from './canary.ts';

const WRITE_ROWS = 'await writeRows(ports.results, evaluated, lease.fence);';
const PUT_ROW =
  "stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' }";
const SWAPPED = "if (swapped === 'fenced') return fenced(view);";

export const CLOSING_CANARIES: readonly Canary[] = [
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
  canary(
    'blocks of the page index stored without what is stored already',
    'operators/pageShelf.ts',
    'return block.stored?.get(start) ?? NOTHING;',
    'return NOTHING;',
    { job: 'pages' },
  ),
  canary(
    'blocks of the page index left to expire',
    'runtime/indexBlocks.ts',
    'expiresAt - now <= logRetention;',
    'expiresAt - now <= Number.NEGATIVE_INFINITY * logRetention;',
    { job: 'pages' },
  ),
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
];
