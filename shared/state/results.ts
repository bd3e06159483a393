/**
 * Rows of a result table: the public answer.
 *
 * 1. A row is put only in the place of the one that its revision was counted from, so a run that lost its lease cannot
 *    overwrite what its successor wrote.
 * 2. A row that says already what it should is left alone, unless a run that was overtaken may still put its own in the
 *    place of it: one that began after the row was written. (That run's own row, put again, would be the same.)
 * 3. There is no writing in bulk: a batch write has no condition, and one that a paused run sends would put old rows over
 *    new ones. Many puts under way take its place.
 */
import { isDeepStrictEqual } from 'node:util';
import { FencedError } from '../errors.ts';
import { type Row, WINDOW_END } from '../job/tables.ts';
import { isoTime } from '../model/time.ts';
import type { TimeWindow } from '../model/window.ts';
import { type Item, itemKey, type Table } from '../ports/table.ts';
import type { Lease } from './closing/closing.ts';
import { inTurns } from './inTurns.ts';

/** The rows of one evaluated window. */
export interface EvaluatedWindow {
  readonly window: TimeWindow;
  readonly isFinal: boolean;
  readonly rows: readonly Row[];
}

/** How many puts may be under way at once: nearly as many as the client has sockets. */
const CONCURRENT_PUTS = 48;
/** Below every run's fence. */
const NO_FENCE = 0;

type Run = Pick<Lease, 'fence' | 'overtaken'>;

/**
 * Writes the rows that are not there yet, raising `revision` where the content differs, and says how many. Throws FencedError
 * when a newer run wrote.
 */
export async function writeRows(
  table: Table,
  windows: readonly EvaluatedWindow[],
  run: Run,
): Promise<number> {
  const fresh = windows.flatMap(({ window, isFinal, rows }) =>
    rows.map(
      (row): Item => ({
        ...row,
        windowStart: isoTime(window.start),
        [WINDOW_END]: isoTime(window.end),
        final: isFinal,
      }),
    ),
  );
  const stored = new Map<string, Item>();
  for (const item of await table.batchGet(
    fresh.map((row) => itemKey(table.description, row)),
    'strong',
  )) {
    stored.set(nameIn(table, item), item);
  }
  const storedFor = (row: Item) => stored.get(nameIn(table, row));
  const due = fresh.filter((row) => !mayStay(storedFor(row), row, run));
  await inTurns(due, (row) => putRow(table, row, storedFor(row), run.fence), CONCURRENT_PUTS);
  return due.length;
}

/** Whether the stored row is the same, and will not be overwritten by a run that does not know so much. */
function mayStay(stored: Item | undefined, row: Item, { overtaken }: Run): boolean {
  if (!stored || (stored['fence'] as number) < overtaken) return false;
  return stored['final'] === row['final'] && isDeepStrictEqual(contentOf(stored), contentOf(row));
}

/**
 * Puts a row in the place of the one that its revision was counted from, so that of two runs that read the
 * same row, the second to write counts on from the first.
 */
async function putRow(
  table: Table,
  row: Item,
  read: Item | undefined,
  fence: number,
): Promise<void> {
  let stored = read;
  for (;;) {
    const storedFence = (stored?.['fence'] ?? NO_FENCE) as number;
    if (storedFence > fence) {
      throw new FencedError(`${table.description.name}: a newer closing run wrote the row`);
    }
    const item = { ...row, revision: revisionAfter(stored, row), fence };
    const outcome = await table.put(
      item,
      stored ? { kind: 'equals', name: 'fence', value: storedFence } : { kind: 'absent' },
    );
    if (outcome.kind === 'written') return;
    stored = await table.get(itemKey(table.description, row), 'strong');
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
