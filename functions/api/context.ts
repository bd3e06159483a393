/** What all routes read from. */

import type { Duration } from '../../shared/model/time.ts';
import type { Clock } from '../../shared/ports/ports.ts';
import type { RowsReader } from '../../shared/ports/rowsReader.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import type { Cursors } from './cursor.ts';
import type { RowView } from './publicRow.ts';
import type { ApiJob, ApiTables } from './tables.ts';

export interface ApiContext {
  readonly stage: string;
  readonly jobs: readonly ApiJob[];
  readonly tables: ApiTables;
  readonly rows: RowsReader;
  /** Read only. */
  readonly state: Table;
  readonly settings: EngineSettings;
  readonly batchWindow: Duration;
  readonly clock: Clock;
  readonly cursors: Cursors;
  readonly view: RowView;
  /** Hears of failures that an answer is given in spite of. */
  readonly onFailure: (error: unknown) => void;
}

/** Rows of one question, and the cursor of those after them. */
export interface RowList {
  readonly rows: readonly Item[];
  readonly next?: string;
}

export const NO_ROWS: RowList = { rows: [] };
