/**
 * Evaluates the windows that are due, in order, and writes their rows: a bounded group at a time, and as many as a run has
 * time for.
 *
 * Owns: how far a run comes, and that nothing counts as done before its rows are written. Does not own: which windows are
 * due (`planClosing.ts`), what their rows say (`evaluateWindow.ts`, `windowRows.ts`), which of them are withdrawn (`withdrawals.ts`), and
 * how a row is put (`state/results.ts`).
 */
import type { Row } from '../../job/tables.ts';
import { type WindowJob, windowTables } from '../../job/windowJob.ts';
import { type EventTime, NO_WATERMARK, type Watermark, watermarkAt } from '../../model/time.ts';
import { endsUpTo, hasClosed, windowEndingAt } from '../../model/window.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Lease } from '../../state/closing/closing.ts';
import type { BegunWindow } from '../../state/closing/closingState.ts';
import { type EvaluatedWindow, type RowsOf, writeRows } from '../../state/results.ts';
import { changedGroups } from './changedGroups.ts';
import { type EvaluatedRows, evaluateWindow, type WarmWindow } from './evaluateWindow.ts';
import type { IndexBlocks } from './indexBlocks.ts';
import type { PageReader } from './pageReader.ts';
import type { Plan } from './planClosing.ts';
import { ROWS_AT_ONCE } from './windowRows.ts';
import type { RowLists } from './withdrawals.ts';

export interface CloseWork {
  readonly job: WindowJob;
  readonly results: Ports['results'];
  readonly pages: PageReader;
  readonly blocks: IndexBlocks;
  readonly lists: RowLists;
  readonly warm: WarmWindow;
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

export function closeDue(closing: CloseWork): Promise<Closed> {
  return new Work(closing).run();
}

/** The last rows of a window, and what all of its rows come to. */
interface LastPart extends EvaluatedWindow {
  readonly summary: readonly Row[];
}

class Work {
  readonly #closing: CloseWork;
  readonly #tables: readonly RowsOf[];
  #done = NO_WATERMARK;
  /** Evaluated and not written yet. */
  #group: LastPart[] = [];
  #groupRows = 0;
  #windows = 0;
  #windowsClosed = 0;
  #windowsRefused = 0;
  #rowsSeen = 0;
  #rowsWritten = 0;

  constructor(closing: CloseWork) {
    this.#closing = closing;
    this.#tables = windowTables(closing.job).map((declared) => ({
      declared,
      table: closing.results(declared.name),
    }));
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
    const { job, pages, blocks, warm, plan } = this.#closing;
    const window = windowEndingAt(end, job.assign);
    const entries = await blocks.answer(plan.index, () => plan.index.ofWindow(window));
    const begun = plan.window?.end === end ? plan.window : undefined;
    const changed = changedGroups(job, plan, end);
    const isFinal = endsUpTo(end, plan.goal.finalUpTo);
    const asked = { window, isFinal, begun, changed };
    const found = await evaluateWindow({ job, pages, warm }, entries, asked);
    this.#windows += 1;
    const evaluated = { window, isFinal, mayBeStored: true };
    if (found.kind === 'rows') return this.#writeInParts(evaluated, found);
    this.#windowsRefused += 1;
    this.#group.push({ ...evaluated, rows: [], summary: [] });
    return undefined;
  }

  async #writeInParts(
    evaluated: Omit<EvaluatedWindow, 'rows'>,
    made: EvaluatedRows,
  ): Promise<BegunWindow | undefined> {
    const { rows } = made;
    const { lists, lease, warm, plan } = this.#closing;
    const { end } = evaluated.window;
    const isNew = !hasClosed(end, plan.from.watermark);
    let { mayBeStored } = evaluated;
    await lists.begin(end, rows, lease, async (withdrawn) => {
      await this.#write([{ ...evaluated, rows: [], withdrawn }], this.#tables[0]);
    });
    for (;;) {
      const part = rows.take(ROWS_AT_ONCE);
      if (rows.hasEnded) {
        await this.#addToGroup({
          ...evaluated,
          mayBeStored,
          rows: part,
          summary: rows.summary(),
        });
        return undefined;
      }
      await this.#flush();
      const found = await this.#write([{ ...evaluated, mayBeStored, rows: part }], this.#tables[0]);
      // A run that died in a window before left its rows from the first one on.
      if (isNew && found === 0) mayBeStored = false;
      if (!this.#mayGoOn()) {
        warm.keep(made);
        return rows.begun;
      }
    }
  }

  async #addToGroup(last: LastPart): Promise<void> {
    this.#group.push(last);
    this.#groupRows += last.rows.length + last.summary.length;
    if (this.#groupRows >= ROWS_AT_ONCE) await this.#flush();
  }

  async #flush(): Promise<void> {
    const group = this.#group;
    this.#group = [];
    this.#groupRows = 0;
    const [table, summary] = this.#tables;
    await this.#write(group, table);
    await this.#write(
      group.map((each) => ({ ...each, mayBeStored: true, rows: each.summary })),
      summary,
    );
    for (const { window } of group) {
      this.#done = watermarkAt(window.end);
      if (!hasClosed(window.end, this.#closing.plan.from.watermark)) this.#windowsClosed += 1;
    }
  }

  /** Says how many rows were found stored. */
  async #write(evaluated: readonly EvaluatedWindow[], table: RowsOf | undefined): Promise<number> {
    if (evaluated.length === 0 || table === undefined) return 0;
    const { written, found } = await writeRows(table, evaluated, this.#closing.lease);
    this.#rowsWritten += written;
    this.#rowsSeen += evaluated.reduce((sum, { rows }) => sum + rows.length, 0);
    return found;
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
}
