/**
 * Evaluates the windows that are due, in order, and writes their rows: a bounded group at a time, and as many as a run has
 * time for.
 *
 * Owns: how far a run comes, and that nothing counts as done before its rows are written. Does not own: which windows are
 * due (`planClosing.ts`), what their rows say (`evaluateWindow.ts`), and how a row is put (`state/results.ts`).
 */
import type { Row } from '../../job/tables.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import { type EventTime, NO_WATERMARK, type Watermark, watermarkAt } from '../../model/time.ts';
import { endsUpTo, hasClosed, windowEndingAt } from '../../model/window.ts';
import type { Table } from '../../ports/table.ts';
import type { Lease } from '../../state/closing/closing.ts';
import type { BegunWindow } from '../../state/closing/closingState.ts';
import { type EvaluatedWindow, writeRows } from '../../state/results.ts';
import { evaluateWindow } from './evaluateWindow.ts';
import type { IndexBlocks } from './indexBlocks.ts';
import type { PageReader } from './pageReader.ts';
import type { Plan } from './planClosing.ts';

export interface CloseWork {
  readonly job: WindowJob;
  readonly results: Table;
  readonly pages: PageReader;
  readonly blocks: IndexBlocks;
  readonly plan: Plan;
  readonly lease: Lease;
  /** Whether there is time for more; asked once something is done. */
  mayGoOn(): boolean;
}

export interface Closed {
  /** All that is due up to this mark is done. */
  readonly done: Watermark | 'all';
  /** The window after it, where some of its rows are written. */
  readonly window?: BegunWindow;
  readonly windowsClosed: number;
  readonly windowsRefused: number;
  readonly rowsWritten: number;
}

/** Windows and rows that one run evaluates at most; the others follow in the next round. */
const WINDOWS_MAX = 2_048;
const ROWS_MAX = 50_000;
/** Rows that are written together. */
const ROWS_AT_ONCE = 512;

export function closeDue(closing: CloseWork): Promise<Closed> {
  return new Work(closing).run();
}

class Work {
  readonly #closing: CloseWork;
  #done = NO_WATERMARK;
  /** Evaluated and not written yet. */
  #group: EvaluatedWindow[] = [];
  #groupRows = 0;
  #windows = 0;
  #windowsClosed = 0;
  #windowsRefused = 0;
  #rowsSeen = 0;
  #rowsWritten = 0;

  constructor(closing: CloseWork) {
    this.#closing = closing;
  }

  async run(): Promise<Closed> {
    const { blocks, plan } = this.#closing;
    for (let done = NO_WATERMARK; ; ) {
      const end = await blocks.answer(plan.index, () => plan.nextDue(done));
      if (end === undefined) return this.#closed('all');
      if (this.#windows > 0 && !this.#mayGoOn()) return this.#closed('cut');
      const begun = await this.#close(end);
      if (begun) return this.#closed('cut', begun);
      done = watermarkAt(end);
    }
  }

  /** Evaluates one window. Says up to which row it is written, where it has too many for this run. */
  async #close(end: EventTime): Promise<BegunWindow | undefined> {
    const { job, pages, blocks, plan } = this.#closing;
    const window = windowEndingAt(end, job.assign);
    const entries = await blocks.answer(plan.index, () => plan.index.ofWindow(window));
    const found = await evaluateWindow(job, pages, entries, window);
    this.#windows += 1;
    if (found.kind === 'pageGone') this.#windowsRefused += 1;
    const evaluated: EvaluatedWindow = {
      window,
      isFinal: endsUpTo(end, plan.goal.finalUpTo),
      rows: found.kind === 'rows' ? this.#unwritten(end, found.rows) : [],
    };
    if (evaluated.rows.length > ROWS_AT_ONCE) return this.#closeInParts(evaluated);
    this.#group.push(evaluated);
    this.#groupRows += evaluated.rows.length;
    if (this.#groupRows >= ROWS_AT_ONCE) await this.#flush();
    return undefined;
  }

  async #closeInParts({ rows, ...rest }: EvaluatedWindow): Promise<BegunWindow | undefined> {
    await this.#flush();
    const { end } = rest.window;
    for (let at = ROWS_AT_ONCE; at < rows.length; at += ROWS_AT_ONCE) {
      const part = rows.slice(at - ROWS_AT_ONCE, at);
      await this.#write([{ ...rest, rows: part }]);
      if (!this.#mayGoOn()) return { end, key: this.#keyOf(part.at(-1) as Row) };
    }
    const left = rows.length % ROWS_AT_ONCE || ROWS_AT_ONCE;
    this.#group.push({ ...rest, rows: rows.slice(-left) });
    await this.#flush();
    return undefined;
  }

  /** Rows that no earlier run wrote; in the order of their keys where one run may not get to the end. */
  #unwritten(end: EventTime, rows: readonly Row[]): readonly Row[] {
    const begun = this.#closing.plan.window;
    if (begun?.end !== end && rows.length <= ROWS_AT_ONCE) return rows;
    const sorted = [...rows].sort((a, b) => (this.#keyOf(a) < this.#keyOf(b) ? -1 : 1));
    return begun?.end === end ? sorted.filter((row) => this.#keyOf(row) > begun.key) : sorted;
  }

  async #flush(): Promise<void> {
    const group = this.#group;
    this.#group = [];
    this.#groupRows = 0;
    await this.#write(group);
    for (const { window } of group) {
      this.#done = watermarkAt(window.end);
      if (!hasClosed(window.end, this.#closing.plan.from.watermark)) this.#windowsClosed += 1;
    }
  }

  async #write(evaluated: readonly EvaluatedWindow[]): Promise<void> {
    if (evaluated.length === 0) return;
    const { results, lease } = this.#closing;
    this.#rowsWritten += await writeRows(results, evaluated, lease);
    this.#rowsSeen += evaluated.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  #mayGoOn(): boolean {
    return (
      this.#windows < WINDOWS_MAX &&
      this.#rowsSeen + this.#groupRows < ROWS_MAX &&
      this.#closing.mayGoOn()
    );
  }

  async #closed(how: 'all' | 'cut', window?: BegunWindow): Promise<Closed> {
    await this.#flush();
    return {
      done: how === 'all' ? 'all' : this.#done,
      ...(window ? { window } : {}),
      windowsClosed: this.#windowsClosed,
      windowsRefused: this.#windowsRefused,
      rowsWritten: this.#rowsWritten,
    };
  }

  #keyOf(row: Row): string {
    return String(row[this.#closing.job.table.partitionKey]);
  }
}
