/** From a window's pages to its rows. */
import { ByteReader } from '../../aggregates/bytes.ts';
import type { Row } from '../../job/tables.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import type { TimeWindow } from '../../model/window.ts';
import type { PageEntry } from '../../operators/closing/pageEntry.ts';
import { pageName } from '../../state/closing/pages.ts';
import type { SliceContent } from '../../state/lane/sliceContent.ts';
import type { PageReader } from './pageReader.ts';

/** The window's rows from its entries; 'pageGone' when a page it needs has expired, so that no row is made from a part. */
export async function evaluateWindow(
  job: WindowJob,
  pages: PageReader,
  entries: readonly PageEntry[],
  window: TimeWindow,
): Promise<readonly Row[] | 'pageGone'> {
  const merged = await mergeEntries(job, pages, entries);
  if (merged === 'pageGone') return merged;
  return job.result(job.aggregate.result(merged), window);
}

const mergeEntries = async (
  job: WindowJob,
  pages: PageReader,
  entries: readonly PageEntry[],
): Promise<unknown> =>
  mergeContents(job, await pages.read(entries.map(({ page }) => page)), entries);

/** One accumulator of all the entries' contents: decoded straight into it, so memory is one window's keys. */
export function mergeContents(
  job: WindowJob,
  read: ReadonlyMap<string, readonly SliceContent[]>,
  entries: readonly PageEntry[],
): unknown {
  const into = job.aggregate.init();
  for (const entry of entries) {
    const content = contentOf(read.get(pageName(entry.page)), entry);
    if (!content) return 'pageGone';
    job.aggregate.decodeInto(new ByteReader(content.bytes), into);
  }
  return into;
}

/** A page never holds the same slice and edition twice: what was compacted has a page of its own. */
function contentOf(
  contents: readonly SliceContent[] | undefined,
  { slice, edition }: PageEntry,
): SliceContent | undefined {
  return contents?.find((content) => content.slice === slice && content.edition === edition);
}
