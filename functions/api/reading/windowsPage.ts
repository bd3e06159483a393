/** Windows of one partition: what is asked of it, and what comes of it, whether all of them are meant or some. */
import type { Item } from '../../../shared/ports/table.ts';
import type { ApiTable } from '../tables.ts';

/** What is read of a partition, from its newest window back. */
export interface WindowsRequest {
  readonly table: ApiTable;
  readonly key: string;
  /** Bounds of window ends, both inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Of a range, all there are. */
  readonly count: number | 'all';
  readonly bytesMax: number;
  /** Whether `to` is where a page before this one ended. */
  readonly isContinued: boolean;
}

export interface WindowsPage {
  readonly rows: readonly Item[];
  /** The last window end that was looked for, where there may be more behind it. */
  readonly end?: string | undefined;
  /** How many window ends were looked for. */
  readonly seen: number;
}
