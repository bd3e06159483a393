/** Writing pages: fresh contents of the logs, and roll-ups of small or scattered ones. */
import { ByteReader } from '../aggregates/bytes.ts';
import type { WindowJob } from '../job/windowJob.ts';
import type { ProcessingTime, Watermark } from '../model/time.ts';
import type { PageIndex, PageRef } from '../operators/pageIndex.ts';
import { encodeAccumulator, type SliceContent } from '../operators/sliceContent.ts';
import type { Table } from '../ports/table.ts';
import { packPage } from '../state/pages.ts';
import { mergeEntries } from './evaluateWindow.ts';
import type { PageReader } from './pageReader.ts';

export interface PageWriter {
  readonly job: WindowJob;
  readonly table: Table;
  readonly pages: PageReader;
  readonly fence: number;
  readonly expiresAt: ProcessingTime;
}

/** A page takes further slices until it has about one read unit. */
const PAGE_BYTES = 4 * 1024;

/** Merges the fresh contents per slice, writes them as pages, and points the index at them. Returns the next page number. */
export async function mergeFresh(
  writer: PageWriter,
  index: PageIndex,
  fresh: readonly SliceContent[],
): Promise<number> {
  const contents = mergedPerSlice(writer.job, fresh);
  let n = 0;
  for (let at = 0; at < contents.length; n += 1) {
    const group: SliceContent[] = [];
    let bytes = 0;
    for (; at < contents.length && (group.length === 0 || bytes < PAGE_BYTES); at += 1) {
      const content = contents[at] as SliceContent;
      if (group.length > 0 && bytes + content.bytes.length > 2 * PAGE_BYTES) break;
      group.push(content);
      bytes += content.bytes.length;
    }
    const page = await putPage(writer, n, group);
    for (const { slice, edition } of group) index.add({ page, level: 0, slice, edition });
  }
  return n;
}

function mergedPerSlice(job: WindowJob, fresh: readonly SliceContent[]): SliceContent[] {
  const groups = new Map<string, SliceContent[]>();
  for (const content of fresh) {
    const name = `${content.slice}/${content.edition}`;
    const group = groups.get(name);
    if (group) group.push(content);
    else groups.set(name, [content]);
  }
  return [...groups.values()]
    .map((group) => mergeGroup(job, group))
    .sort((a, b) => a.slice - b.slice || a.edition - b.edition);
}

function mergeGroup(job: WindowJob, group: readonly SliceContent[]): SliceContent {
  const [first, ...others] = group as [SliceContent, ...SliceContent[]];
  if (others.length === 0) return first;
  const into = job.aggregate.init();
  for (const { bytes } of group) job.aggregate.decodeInto(new ByteReader(bytes), into);
  return {
    ...first,
    events: group.reduce((sum, { events }) => sum + events, 0),
    bytes: encodeAccumulator(job.aggregate, into),
  };
}

async function putPage(
  { job, table, pages, fence, expiresAt }: PageWriter,
  n: number,
  contents: readonly SliceContent[],
): Promise<PageRef> {
  const { id, items } = packPage(job.id, fence, n, contents, expiresAt);
  await table.batchPut(items);
  pages.remember(id, contents);
  return id;
}

/** Rolls up what has become complete, and gathers slices scattered over many pages. */
export async function rollUp(
  writer: PageWriter,
  index: PageIndex,
  progress: { watermark: Watermark; expiredBefore: Watermark },
  firstPage: number,
): Promise<void> {
  let n = firstPage;
  for (const { slice, parts } of [...index.scattered()]) {
    const merged = await mergeEntries(writer.job, writer.pages, parts);
    if (merged === 'pageGone') continue;
    const page = await putPage(writer, n++, [contentOf(writer.job, slice, merged)]);
    index.replacePlain(slice, { page, level: 0, slice, edition: 0 });
  }
  for (const { level, start, parts } of index.dueRollUps(
    progress.watermark,
    progress.expiredBefore,
  )) {
    const merged = await mergeEntries(writer.job, writer.pages, parts);
    if (merged === 'pageGone') continue;
    const page = await putPage(writer, n++, [contentOf(writer.job, start, merged)]);
    index.add({ page, level, slice: start, edition: 0 });
  }
}

const contentOf = (
  job: WindowJob,
  slice: SliceContent['slice'],
  merged: unknown,
): SliceContent => ({
  slice,
  edition: 0,
  events: 0,
  bytes: encodeAccumulator(job.aggregate, merged),
});
