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

export type Evaluated = { readonly kind: 'rows'; readonly rows: WindowRows } | PageGone;
export type Merged = { readonly kind: 'merged'; readonly accumulator: unknown } | PageGone;

const PAGE_GONE: PageGone = { kind: 'pageGone' };

interface Evaluation {
  readonly job: WindowJob;
  readonly pages: PageReader;
  readonly warm: WarmWindow;
}

interface Asked {
  readonly window: TimeWindow;
  /** How far an earlier run wrote its rows. */
  readonly begun: BegunWindow | undefined;
  /** Whose rows are to be written; by default all. */
  readonly changed: ChangedGroups | undefined;
}

/** The window's rows from its entries: those that no earlier run wrote. */
export async function evaluateWindow(
  { job, pages, warm }: Evaluation,
  entries: readonly PageEntry[],
  { window, begun, changed }: Asked,
): Promise<Evaluated> {
  const kept = warm.take(entries, window.end, begun);
  if (kept) return { kind: 'rows', rows: kept };
  const read = await pages.read(entries.map(({ page }) => page));
  const merged = mergeContents(job, read, entries);
  if (merged.kind === 'pageGone') return merged;
  const rows = new WindowRows(job, merged.accumulator, window, { begun, changed });
  warm.note(entries, window.end);
  return { kind: 'rows', rows };
}

/**
 * The window that was left in the middle, for the round that goes on with it: its rows need not be made again from the start.
 * They are the same as long as the window is made of the same pages, which never change.
 */
export class WarmWindow {
  #kept: { readonly name: string; readonly rows: WindowRows } | undefined;
  #name = '';

  /** What is evaluated now. */
  note(entries: readonly PageEntry[], end: EventTime): void {
    this.#name = nameOf(entries, end);
    this.#kept = undefined;
  }

  /** The rows of what was evaluated last, which are to be gone on with. */
  keep(rows: WindowRows): void {
    this.#kept = { name: this.#name, rows };
  }

  /** Those that were kept, where they stand at the key up to which rows are written. */
  take(
    entries: readonly PageEntry[],
    end: EventTime,
    begun: BegunWindow | undefined,
  ): WindowRows | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    if (!kept || begun === undefined || kept.rows.begun?.after !== begun.after) return undefined;
    return kept.name === nameOf(entries, end) ? kept.rows : undefined;
  }
}

const nameOf = (entries: readonly PageEntry[], end: EventTime): string =>
  [
    end,
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
