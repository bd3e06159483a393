/** Rows of windows: written part by part, summed up, and withdrawn; and what the profiles are made of. */
import { type Canary, canary } from './canary.ts';

const CHANGED = 'runtime/closing/changedGroups.ts';
const WARM = 'runtime/closing/evaluateWindow.ts';
const PUT_LIST =
  "if ((await putRowList(this.#table, this.#job.id, list, lease)) === 'written') return;";

export const ROW_CANARIES: readonly Canary[] = [
  {
    name: 'the list of rows put after the rows',
    job: 'funnel',
    patches: [
      {
        file: 'runtime/closing/withdrawals.ts',
        find: PUT_LIST,
        replace:
          '(this.late ??= []).push(() => putRowList(this.#table, this.#job.id, list, lease)); return;',
      },
      {
        file: 'runtime/closing/closeDue.ts',
        find: 'for (const { window } of group) {',
        replace:
          'for (const put of this.#closing.lists.late?.splice(0) ?? []) await put(); for (const { window } of group) {',
      },
    ],
  },
  {
    name: 'the list of rows put before those that it leaves out are withdrawn',
    job: 'funnel',
    patches: [
      {
        file: 'runtime/closing/withdrawals.ts',
        find: 'if (left.length > 0) await withdraw(left);',
        replace: '',
      },
      {
        file: 'runtime/closing/withdrawals.ts',
        find: PUT_LIST,
        replace: `${PUT_LIST.replace('return;', '{ if (left.length > 0) await withdraw(left); return; }')}`,
      },
    ],
  },
  canary(
    'rows that are not withdrawn',
    'state/results.ts',
    '...withdrawn.map((key) => ({ [declared.partitionKey]: key, [WITHDRAWN]: true, ...ofWindow })),',
    '',
    { job: 'funnel' },
  ),
  canary(
    'rows deleted instead of withdrawn',
    'state/results.ts',
    'async (row) => {',
    'async (row) => { if (row[WITHDRAWN] === true) return await table.batchRemove([itemKey(table.description, row)]);',
    { job: 'funnel' },
  ),
  canary(
    'rows of a list cut in the order in which the job gives them',
    'runtime/closing/windowRows.ts',
    'if (rows.length <= listed) return rows;',
    'return rows;',
    { job: 'hot-items', limits: 'tight' },
  ),
  {
    name: 'a window gone on with as another one was left',
    job: 'user-profile',
    limits: 'tight',
    patches: [
      {
        file: WARM,
        find: 'return kept.name === name ? kept : undefined;',
        replace: 'return kept;',
      },
      { file: WARM, find: 'kept.rows.begun?.after !== begun.after', replace: 'false' },
      // A process hardly ever comes back to a window before it evaluates another one: here it remembers it all the same.
      { file: WARM, find: 'this.#kept = undefined;', replace: '' },
    ],
  },
  canary(
    'a summary of those rows only that one run wrote',
    'runtime/closing/windowRows.ts',
    '(isSummed ? begun.summed : undefined) ?? (',
    '(',
    { job: 'user-profile', limits: 'tight' },
  ),
  canary(
    'rows put without a look over those that are there',
    'state/results.ts',
    "{ kind: 'absent' }",
    "{ kind: 'always' }",
    { job: 'uneven' },
  ),
  canary(
    'rows of a window that becomes final looked at by what came',
    CHANGED,
    'endsUpTo(end, from.finalUpTo) === endsUpTo(end, goal.finalUpTo)',
    'true',
    { job: 'user-profile' },
  ),
  {
    name: 'a correction that is gone on with looks at what this run takes in',
    job: 'user-profile',
    limits: 'tight',
    patches: [
      { file: CHANGED, find: 'from.goal === undefined &&', replace: '' },
      { file: CHANGED, find: 'from.pending.length === 0 &&', replace: '' },
    ],
  },
  canary(
    'a window that closes looked at by what came last',
    CHANGED,
    'hasClosed(end, from.watermark) &&',
    '',
    { job: 'user-profile' },
  ),
  canary(
    'what several runs of a tally tell alike taken from one of them',
    'aggregates/runs/mergeRuns.ts',
    'if (next && compareRows(row, next) === 0) addTo(row, next);',
    'if (next && compareRows(row, next) === 0) row.count += 0;',
    { job: 'user-profile' },
  ),
];
