/** Rows of one partition up to a bound, in number and in size, since an answer must fit what Lambda returns. */

import { itemBytes } from '../../../shared/ports/itemSize.ts';
import type { RowsReader, RowsRequest } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';

/** Lambda returns 6 MB at most, and JSON is longer than what DynamoDB counts. */
export const BYTES_MAX = 2 * 1024 * 1024;

export async function rowsUpTo(
  reader: RowsReader,
  { limit, ...request }: Omit<RowsRequest, 'after'>,
): Promise<{ rows: readonly Item[]; isMore: boolean }> {
  const rows: Item[] = [];
  let bytes = 0;
  let after: Item | undefined;
  do {
    const page = await reader.page({
      ...request,
      limit: limit - rows.length,
      ...(after === undefined ? {} : { after }),
    });
    for (const row of page.rows) bytes += itemBytes(row);
    rows.push(...page.rows);
    after = page.next;
  } while (after !== undefined && rows.length < limit && bytes < BYTES_MAX);
  return { rows, isMore: after !== undefined };
}
