/**
 * Rows of a result table: the public answer. A row is put conditional on an older or equal fence, so a run
 * that lost its lease cannot overwrite what its successor wrote.
 */
import { isDeepStrictEqual } from 'node:util';
import { FencedError } from '../errors.ts';
import type { Row, WindowTable } from '../job/job.ts';
import { isoTime } from '../model/time.ts';
import type { TimeWindow } from '../model/window.ts';
import type { Item, Table, TableDescription } from '../ports/table.ts';

export const WINDOW_END = 'windowEnd';

export const resultTable = (table: WindowTable, physicalName: string): TableDescription => ({
  name: physicalName,
  partitionKey: table.partitionKey,
  sortKey: WINDOW_END,
});

/** The rows of one evaluated window. */
export interface EvaluatedWindow {
  readonly window: TimeWindow;
  readonly isFinal: boolean;
  readonly rows: readonly Row[];
}

/** How many puts may be under way at once. */
const CONCURRENT_PUTS = 8;

/** Writes every row, raising `revision` where the content differs. Throws FencedError when a newer run wrote. */
export async function writeRows(
  table: Table,
  windows: readonly EvaluatedWindow[],
  fence: number,
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
  for (const item of await table.batchGet(fresh.map(keyIn(table)), 'strong')) {
    stored.set(nameIn(table, item), item);
  }
  const items = fresh.map((row) => ({
    ...row,
    revision: revisionAfter(stored.get(nameIn(table, row)), row),
    fence,
  }));
  for (let at = 0; at < items.length; at += CONCURRENT_PUTS) {
    const group = items.slice(at, at + CONCURRENT_PUTS);
    const outcomes = await Promise.all(
      group.map((item) => table.put(item, { kind: 'absentOrAtMost', name: 'fence', value: fence })),
    );
    if (outcomes.some(({ kind }) => kind === 'refused')) {
      throw new FencedError(`${table.description.name}: a newer closing run wrote the row`);
    }
  }
  return items.length;
}

const keyIn = (table: Table) => (item: Item) => ({
  pk: String(item[table.description.partitionKey]),
  sk: String(item[table.description.sortKey]),
});

function nameIn(table: Table, item: Item): string {
  const { pk, sk } = keyIn(table)(item);
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
