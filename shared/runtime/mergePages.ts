/** Writing pages: fresh contents of the logs, and what is gathered from many entries into one. */
import { ByteReader } from '../aggregates/bytes.ts';
import type { WindowJob } from '../job/windowJob.ts';
import type { ProcessingTime, Watermark } from '../model/time.ts';
import type { PageRef } from '../operators/pageEntry.ts';
import type { PageIndex } from '../operators/pageIndex.ts';
import { encodeAccumulator, type SliceContent } from '../operators/sliceContent.ts';
import type { Table } from '../ports/table.ts';
import { packPage } from '../state/pages.ts';
import { mergeEntries } from './evaluateWindow.ts';
import type { PageReader } from './pageReader.ts';

export interface PageWriterOptions {
  readonly job: WindowJob;
  readonly table: Table;
  readonly pages: PageReader;
  readonly fence: number;
  readonly expiresAt: ProcessingTime;
}

/** Writes the pages of one run. */
export class PageWriter {
  readonly options: PageWriterOptions;
  #next = 0;

  constructor(options: PageWriterOptions) {
    this.options = options;
  }

  /** The name of the next thing that the run writes. */
  nameNext(): { readonly fence: number; readonly n: number } {
    const n = this.#next;
    this.#next += 1;
    return { fence: this.options.fence, n };
  }

  async put(contents: readonly SliceContent[]): Promise<PageRef> {
    const { job, table, pages, expiresAt } = this.options;
    const { fence, n } = this.nameNext();
    const { id, items } = packPage(job.id, fence, n, contents, expiresAt);
    await table.batchPut(items);
    pages.remember(id, contents);
    return id;
  }
}

/** A page takes further slices until it has about one read unit. */
const PAGE_BYTES = 4 * 1024;

/** Merges the fresh contents per slice, writes them as pages, and points the index at them. */
export async function mergeFresh(
  writer: PageWriter,
  index: PageIndex,
  fresh: readonly SliceContent[],
): Promise<void> {
  const contents = mergedPerSlice(writer.options.job, fresh);
  for (let at = 0; at < contents.length; ) {
    const group: SliceContent[] = [];
    let bytes = 0;
    for (; at < contents.length && (group.length === 0 || bytes < PAGE_BYTES); at += 1) {
      const content = contents[at] as SliceContent;
      if (group.length > 0 && bytes + content.bytes.length > 2 * PAGE_BYTES) break;
      group.push(content);
      bytes += content.bytes.length;
    }
    const page = await writer.put(group);
    for (const { slice, edition } of group) index.add({ page, slice, edition });
  }
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

/**
 * Seals what the watermark has passed, and gathers where entries are too many: lowest levels first, so that higher
 * ones are made of few. Done before windows are read, so that each of them finds little to read.
 */
export async function tidyIndex(
  writer: PageWriter,
  index: PageIndex,
  watermark: Watermark,
): Promise<void> {
  const { job, pages } = writer.options;
  for (let level = 0; level < index.levels; level += 1) {
    if (level > 0) index.seal(level, watermark);
    for (const group of index.crowded(level)) {
      const merged = await mergeEntries(job, pages, group.parts);
      if (merged === 'pageGone') continue;
      const bytes = encodeAccumulator(job.aggregate, merged);
      const { start, edition } = group;
      index.gathered(group, await writer.put([{ slice: start, edition, events: 0, bytes }]));
    }
  }
  index.haveSealed(watermark);
}
