/**
 * Withdraws rows of a window, of jobs that take rows away: those that an earlier evaluation gave and this one does not.
 *
 * 1. In this order: rows that are left out are withdrawn, the list of the others is put, and then these are. So a list names every row that is there,
 *    whatever run dies, and no more rows than one evaluation has.
 * 2. A row is withdrawn by a row, whether or not it is there: the run that listed it may still put it, and is refused then.
 * 3. A list is put in the place of the one that was read. Where another run was faster, its names are withdrawn as well.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { type EventTime, later, type ProcessingTime, twice } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { Lease } from '../../state/closing/closing.ts';
import { putRowList, readRowList } from '../../state/closing/rowList.ts';
import type { EngineSettings } from '../settings.ts';
import type { WindowRows } from './windowRows.ts';

/** Puts a withdrawn row in the place of each of these. */
export type Withdraw = (keys: readonly string[]) => Promise<void>;

export class RowLists {
  readonly #job: WindowJob;
  readonly #table: Table;
  readonly #settings: EngineSettings;
  readonly #now: () => ProcessingTime;

  constructor(job: WindowJob, table: Table, settings: EngineSettings, now: () => ProcessingTime) {
    this.#job = job;
    this.#table = table;
    this.#settings = settings;
    this.#now = now;
  }

  /** Before the first row of the window is put. Throws FencedError. */
  async begin(end: EventTime, rows: WindowRows, lease: Lease, withdraw: Withdraw): Promise<void> {
    if (this.#job.takesRowsAway !== true) return;
    const keys = rows.keys();
    const own = new Set(keys);
    for (;;) {
      const read = await readRowList(this.#table, this.#job.id, end);
      const left = read.keys.filter((key) => !own.has(key));
      if (left.length > 0) await withdraw(left);
      // Longer than any page that a correction could still be made with.
      const expiresAt = later(this.#now(), twice(this.#settings.logRetention));
      const list = { end, keys, expiresAt, read };
      if ((await putRowList(this.#table, this.#job.id, list, lease)) === 'written') return;
    }
  }
}
