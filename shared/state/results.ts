/**
 * Rows of a result table: the public answer.
 *
 * 1. A row is put only in the place of the one that its revision was counted from, so a run that lost its lease cannot
 *    overwrite what its successor wrote.
 * 2. A row that says already what it should is left alone, unless a run that was overtaken may still put its own in the
 *    place of it: one that began after the row was written. (That run's own row, put again, would be the same.)
 * 3. Rows that are hardly there yet may be put without a look; they are looked at where that is refused.
 * 4. A row that is taken away says so in its place, `withdrawn`: if it were deleted, a run that lost its lease could put it again.
 * 5. There is no writing in bulk: a batch write has no condition, and one that a paused run sends would put old rows over
 *    new ones. Many puts under way take its place.
 */
import { isDeepStrictEqual } from 'node:util';
import { FencedError } from '../errors.ts';
import { groupAttributes } from '../job/lists.ts';
import { type Row, WINDOW_END, WITHDRAWN, type WindowTable } from '../job/tables.ts';
import { isoTime } from '../model/time.ts';
import type { TimeWindow } from '../model/window.ts';
import { type Item, itemKey, type Table } from '../ports/table.ts';
import type { Lease } from './closing/closing.ts';
import { inTurns } from './inTurns.ts';

/** Rows of one evaluated window. */
export interface EvaluatedWindow {
  readonly window: TimeWindow;
  readonly isFinal: boolean;
  /** Whether rows may be there: what is put without a look and meets one costs a write in vain. */
  readonly mayBeStored: boolean;
  readonly rows: readonly Row[];
  /** Partition keys of rows that it had, or may have had, and has no longer. */
  readonly withdrawn?: readonly string[];
}

/** A result table, and how its job declares it. */
export interface RowsOf {
  readonly table: Table;
  readonly declared: WindowTable;
}

/** How many puts may be under way at once: nearly as many as the client has sockets. */
export const CONCURRENT_PUTS = 48;
/** Below every run's fence. */
const NO_FENCE = 0;

type Run = Pick<Lease, 'fence' | 'overtaken'>;

export interface WrittenRows {
  readonly written: number;
  /** How many were there, of those that were looked at. */
  readonly found: number;
}

/**
 * Writes the rows that are not there yet, raising `revision` where the content differs. Throws FencedError when a newer run
 * wrote.
 */
export async function writeRows(
  { table, declared }: RowsOf,
  windows: readonly EvaluatedWindow[],
  run: Run,
): Promise<WrittenRows> {
  const itemsOf = (each: EvaluatedWindow) => itemsOfWindow(declared, each);
  const known = windows.filter(({ mayBeStored }) => mayBeStored).flatMap(itemsOf);
  const stored = new Map<string, Item>();
  for (const item of await table.batchGet(
    known.map((row) => itemKey(table.description, row)),
    'strong',
  )) {
    stored.set(nameIn(table, item), item);
  }
  const storedFor = (row: Item) => stored.get(nameIn(table, row));
  const due = known.filter((row) => !mayStay(storedFor(row), row, run));
  const fresh = windows.filter(({ mayBeStored }) => !mayBeStored).flatMap(itemsOf);
  let written = 0;
  await inTurns(
    [...fresh, ...due],
    async (row) => {
      if ((await putRow(table, row, storedFor(row), run)) === 'written') written += 1;
    },
    CONCURRENT_PUTS,
  );
  return { written, found: stored.size };
}

function itemsOfWindow(
  declared: WindowTable,
  { window, isFinal, rows, withdrawn = [] }: EvaluatedWindow,
): Item[] {
  const windowEnd = isoTime(window.end);
  const ofWindow = {
    windowStart: isoTime(window.start),
    [WINDOW_END]: windowEnd,
    final: isFinal,
  };
  return [
    ...rows.map((row) => ({ ...row, ...groupAttributes(declared, row, windowEnd), ...ofWindow })),
    ...withdrawn.map((key) => ({ [declared.partitionKey]: key, [WITHDRAWN]: true, ...ofWindow })),
  ];
}

/** Whether the stored row is the same, and will not be overwritten by a run that does not know so much. */
function mayStay(stored: Item | undefined, row: Item, { overtaken }: Run): boolean {
  if (!stored || (stored['fence'] as number) < overtaken) return false;
  return stored['final'] === row['final'] && isDeepStrictEqual(contentOf(stored), contentOf(row));
}

/**
 * Puts a row in the place of the one that its revision was counted from, so that of two runs that read the
 * same row, the second to write counts on from the first.
 * @param read the row that is stored, where it was looked at
 */
async function putRow(
  table: Table,
  row: Item,
  read: Item | undefined,
  run: Run,
): Promise<'written' | 'stays'> {
  let stored = read;
  for (;;) {
    const storedFence = (stored?.['fence'] ?? NO_FENCE) as number;
    if (storedFence > run.fence) {
      throw new FencedError(`${table.description.name}: a newer closing run wrote the row`);
    }
    const item = { ...row, revision: revisionAfter(stored, row), fence: run.fence };
    const outcome = await table.put(
      item,
      stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' },
    );
    if (outcome.kind === 'written') return 'written';
    stored = await table.get(itemKey(table.description, row), 'strong');
    if (mayStay(stored, row, run)) return 'stays';
  }
}

function nameIn({ description }: Table, item: Item): string {
  const { pk, sk } = itemKey(description, item);
  return JSON.stringify([pk, sk]);
}

function revisionAfter(stored: Item | undefined, row: Item): number {
  if (!stored) return 0;
  const revision = stored['revision'] as number;
  return isDeepStrictEqual(contentOf(stored), contentOf(row)) ? revision : revision + 1;
}

/** What a reader came for: all but how and when the row was written. */
function contentOf(item: Item): Item {
  const { revision: _revision, final: _final, fence: _fence, ...content } = item;
  return content;
}
