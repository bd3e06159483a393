/** From a window's pages to its rows. */

import type { Row } from '../../job/tables.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import { ByteReader } from '../../model/bytes.ts';
import type { TimeWindow } from '../../model/window.ts';
import type { PageEntry } from '../../operators/closing/pageEntry.ts';
import { pageName } from '../../state/closing/pages.ts';
import type { PageContent, PageReader } from './pageReader.ts';

/** A page has expired that is needed. Nothing is made of the others: it would tell of a part. */
interface PageGone {
  readonly kind: 'pageGone';
}

export type Evaluated = { readonly kind: 'rows'; readonly rows: readonly Row[] } | PageGone;
export type Merged = { readonly kind: 'merged'; readonly accumulator: unknown } | PageGone;

const PAGE_GONE: PageGone = { kind: 'pageGone' };

/** The window's rows from its entries. */
export async function evaluateWindow(
  job: WindowJob,
  pages: PageReader,
  entries: readonly PageEntry[],
  window: TimeWindow,
): Promise<Evaluated> {
  const read = await pages.read(entries.map(({ page }) => page));
  const merged = mergeContents(job, read, entries);
  if (merged.kind === 'pageGone') return merged;
  return { kind: 'rows', rows: job.result(job.aggregate.result(merged.accumulator), window) };
}

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
