/** Items that never change once they are named, such as pages: read cheaply first, and surely where that found nothing. */
import type { Item, Key, Table } from '../ports/table.ts';
import { readable } from './formats.ts';

/**
 * The items that are stored, by sort key. Read eventually consistently, and strongly what a stale replica did not have: what is
 * missing then is gone.
 * @param keys of one partition
 */
export async function readImmutable(
  table: Table,
  keys: readonly Key[],
): Promise<ReadonlyMap<string, Item>> {
  const stored = new Map<string, Item>();
  for (const consistency of ['eventual', 'strong'] as const) {
    const missing = keys.filter(({ sk }) => !stored.has(sk));
    if (missing.length === 0) break;
    for (const item of await table.batchGet(missing, consistency)) {
      stored.set(readable(item)['sk'] as string, item);
    }
  }
  return stored;
}
