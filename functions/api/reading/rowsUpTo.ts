/** Rows of one partition up to a bound, in number and in size, since an answer must fit what Lambda returns. */
import type { RowsRequest } from '../../../shared/ports/rowsReader.ts';
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiContext } from '../context.ts';
import type { ApiTable } from '../tables.ts';

/** Lambda returns 6 MB at most. A list ends behind the row that reaches this, and that row may be large itself. */
export const BYTES_MAX = 2 * 1024 * 1024;

export interface RowsUpTo extends Omit<RowsRequest, 'table'> {
  /** Of rows as an answer has them. */
  readonly bytesMax?: number;
}

export async function rowsUpTo(
  { rows: reader, view }: Pick<ApiContext, 'rows' | 'view'>,
  table: ApiTable,
  { limit, bytesMax = BYTES_MAX, ...request }: RowsUpTo,
): Promise<{ rows: readonly Item[]; bytes: number; isMore: boolean }> {
  const rows: Item[] = [];
  let bytes = 0;
  let after = request.after;
  do {
    const page = await reader.page({
      ...request,
      table: table.name,
      limit: limit - rows.length,
      ...(after === undefined ? {} : { after }),
    });
    for (const row of page.rows) {
      if (bytes >= bytesMax) return { rows, bytes, isMore: true };
      bytes += view.bytes(table, row);
      rows.push(row);
    }
    after = page.next;
  } while (after !== undefined && rows.length < limit && bytes < bytesMax);
  return { rows, bytes, isMore: after !== undefined };
}
