/**
 * Which rows of a window are withdrawn, of jobs that take rows away: those that an earlier evaluation gave and this one does not.
 *
 * 1. The list of a window's rows names all of both evaluations before a row is put, so whatever run dies, the next one knows of every row.
 * 2. It names those of the new one alone once the others are withdrawn, so it does not grow with corrections.
 * 3. Lists are fenced as rows are: a run that lost its lease neither puts one nor, then, rows behind it.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { type EventTime, later, type ProcessingTime } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { Lease } from '../../state/closing/closing.ts';
import { putRowList, readRowList } from '../../state/closing/rowList.ts';
import type { EngineSettings } from '../settings.ts';
import type { WindowRows } from './windowRows.ts';

export interface Withdrawals {
  /** Of the rows that the window has no longer. */
  readonly keys: readonly string[];
  /** Of those that it has. */
  readonly rows: readonly string[];
}

export const NONE_WITHDRAWN: Withdrawals = { keys: [], rows: [] };

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

  /** Before the first row is put. Throws FencedError. */
  async begin(end: EventTime, rows: WindowRows, lease: Lease): Promise<Withdrawals> {
    if (this.#job.takesRowsAway !== true) return NONE_WITHDRAWN;
    const own = rows.keys();
    const before = await readRowList(this.#table, this.#job.id, end);
    const named = new Set(own);
    const keys = before.filter((key) => !named.has(key));
    await this.#put(end, [...own, ...keys], lease);
    return { keys, rows: own };
  }

  /** Once all are put. Throws FencedError. */
  async end(end: EventTime, { keys, rows }: Withdrawals, lease: Lease): Promise<void> {
    if (keys.length > 0) await this.#put(end, rows, lease);
  }

  #put(end: EventTime, keys: readonly string[], lease: Lease): Promise<void> {
    const expiresAt = later(this.#now(), this.#settings.logRetention);
    return putRowList(this.#table, this.#job.id, { end, keys, expiresAt }, lease);
  }
}
