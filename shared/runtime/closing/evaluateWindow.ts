/** From a window's pages to its rows. */
import type { WindowJob } from '../../job/windowJob.ts';
import { ByteReader } from '../../model/bytes.ts';
import type { EventTime } from '../../model/time.ts';
import type { TimeWindow } from '../../model/window.ts';
import type { PageEntry } from '../../operators/closing/pageEntry.ts';
import type { BegunWindow } from '../../state/closing/closingState.ts';
import { pageName } from '../../state/closing/pages.ts';
import type { ChangedGroups } from './changedGroups.ts';
import type { PageContent, PageReader } from './pageReader.ts';
import { WindowRows } from './windowRows.ts';

/** A page has expired that is needed. Nothing is made of the others: it would tell of a part. */
interface PageGone {
  readonly kind: 'pageGone';
}

export interface EvaluatedRows {
  readonly kind: 'rows';
  /** The window, what it is made of, and what its rows are to be written as. */
  readonly name: string;
  readonly rows: WindowRows;
}

export type Evaluated = EvaluatedRows | PageGone;
export type Merged = { readonly kind: 'merged'; readonly accumulator: unknown } | PageGone;

const PAGE_GONE: PageGone = { kind: 'pageGone' };

interface Evaluation {
  readonly job: WindowJob;
  readonly pages: PageReader;
  readonly warm: WarmWindow;
}

interface Asked {
  readonly window: TimeWindow;
  readonly isFinal: boolean;
  /** How far an earlier run wrote its rows. */
  readonly begun: BegunWindow | undefined;
  /** Whose rows are to be written; by default all. */
  readonly changed: ChangedGroups | undefined;
}

/** The window's rows from its entries: those that no earlier run wrote. */
export async function evaluateWindow(
  { job, pages, warm }: Evaluation,
  entries: readonly PageEntry[],
  { window, isFinal, begun, changed }: Asked,
): Promise<Evaluated> {
  const name = nameOf(entries, window.end, isFinal);
  const kept = warm.take(name, begun);
  if (kept) return kept;
  const read = await pages.read(entries.map(({ page }) => page));
  const merged = mergeContents(job, read, entries);
  if (merged.kind === 'pageGone') return merged;
  const rows = new WindowRows(job, merged.accumulator, window, { begun, changed });
  return { kind: 'rows', name, rows };
}

/**
 * The window that was left in the middle, for the round that goes on with it: its rows need not be made again from the start.
 * They are the same as long as the window is made of the same pages, which never change. Those of a correction are not all of its rows, and
 * so not those that are looked at once it becomes final.
 */
export class WarmWindow {
  #kept: EvaluatedRows | undefined;

  keep(left: EvaluatedRows): void {
    this.#kept = left;
  }

  /** What was kept under this name, where it stands at the key up to which rows are written. */
  take(name: string, begun: BegunWindow | undefined): EvaluatedRows | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    if (!kept || begun === undefined || kept.rows.begun?.after !== begun.after) return undefined;
    return kept.name === name ? kept : undefined;
  }
}

const nameOf = (entries: readonly PageEntry[], end: EventTime, isFinal: boolean): string =>
  [
    end,
    isFinal,
    ...entries.map(({ page, slice, edition }) => `${pageName(page)}/${slice}/${edition}`),
  ].join();

/** One accumulator of all the entries' contents: decoded straight into it, so memory is one window's keys. */
export function mergeContents(
  job: WindowJob,
  read: ReadonlyMap<string, readonly PageContent[]>,
  entries: readonly PageEntry[],
): Merged {
  const accumulator = job.aggregate.init();
  for (const entry of entries) {
    const content = contentOf(read.get(pageName(entry.page)), entry);
    if (!content) return PAGE_GONE;
    job.aggregate.decodeInto(new ByteReader(content.bytes, content.texts), accumulator);
  }
  return { kind: 'merged', accumulator };
}

/** A page never holds the same slice and edition twice: what is compacted has a page of its own. */
function contentOf(
  contents: readonly PageContent[] | undefined,
  { slice, edition }: PageEntry,
): PageContent | undefined {
  return contents?.find((content) => content.slice === slice && content.edition === edition);
}
