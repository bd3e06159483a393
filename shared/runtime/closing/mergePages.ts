/**
 * Writes pages: of fresh contents of the logs, and of what is compacted, the content of many entries in one.
 *
 * Owns: what goes into a page, and how much is read and merged at a time. Does not own: where the index points
 * (`operators/closing/pageIndex.ts`), how a page is stored (`state/closing/pages.ts`), and when this is done (`closeWindows.ts`).
 *
 * Pages are written before anything points at them. A run that dies leaves pages that nothing names, and that expire.
 */

import type { WindowJob } from '../../job/windowJob.ts';
import { ByteReader } from '../../model/bytes.ts';
import { isBefore, type ProcessingTime, type Watermark } from '../../model/time.ts';
import type { PageGroup, PageRef } from '../../operators/closing/pageEntry.ts';
import type { PageIndex } from '../../operators/closing/pageIndex.ts';
import type { Table } from '../../ports/table.ts';
import { packPage } from '../../state/closing/pages.ts';
import { encodeAccumulator, type SliceContent } from '../../state/lane/sliceContent.ts';
import { mergeContents } from './evaluateWindow.ts';
import type { IndexBlocks } from './indexBlocks.ts';
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

  /** Writes pages side by side: the names in the order of the contents. */
  async put(pages: readonly (readonly SliceContent[])[]): Promise<PageRef[]> {
    const { job, table, pages: reader, expiresAt } = this.options;
    const packed = pages.map((contents) => {
      const { fence, n } = this.nameNext();
      return packPage(job.id, fence, n, contents, expiresAt);
    });
    if (packed.length > 0) await table.batchPut(packed.flatMap(({ items }) => items));
    for (const [i, { id }] of packed.entries()) reader.remember(id, pages[i] ?? []);
    return packed.map(({ id }) => id);
  }
}

/** A page takes further slices until it has about one read unit. */
const PAGE_BYTES = 4 * 1024;
/** Stored parts of pages that are read and compacted at once. */
const COMPACTED_AT_ONCE = 32;
/** Slices that are sealed at once, and how often a run does so. Until the others are sealed, windows read them as slices. */
const SEALED_AT_ONCE = 512;
const SEALINGS_MAX = 4;

/** Merges the fresh contents per slice, writes them as pages, and points the index at them. */
export async function mergeFresh(
  writer: PageWriter,
  index: PageIndex,
  fresh: readonly SliceContent[],
): Promise<void> {
  const groups = paged(mergedPerSlice(writer.options.job, fresh));
  const pages = await writer.put(groups);
  for (const [i, page] of pages.entries()) {
    for (const { slice, edition } of groups[i] ?? []) index.add({ page, slice, edition });
  }
}

function paged(contents: readonly SliceContent[]): SliceContent[][] {
  const groups: SliceContent[][] = [];
  let bytes = 0;
  for (const content of contents) {
    const group = groups.at(-1);
    const { length } = content.bytes;
    if (!group || bytes >= PAGE_BYTES || bytes + length > 2 * PAGE_BYTES) {
      groups.push([content]);
      bytes = length;
    } else {
      group.push(content);
      bytes += length;
    }
  }
  return groups;
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
 * Seals what the watermark has passed, and compacts nodes of too many entries: the lowest level first, so that higher
 * ones are made of few entries. It comes before windows are evaluated, so that each finds little to read. What there
 * is no time for is sealed by a later run.
 */
export async function compactIndex(
  writer: PageWriter,
  blocks: IndexBlocks,
  index: PageIndex,
  watermark: Watermark,
  mayGoOn: () => boolean,
): Promise<void> {
  for (let sealings = 0; sealings < SEALINGS_MAX; sealings += 1) {
    const upTo = await blocks.answer(index, () => index.sealable(watermark, SEALED_AT_ONCE));
    await blocks.answer(index, () => index.readyFor([], upTo));
    for (let level = 0; level < index.levelCount; level += 1) {
      if (level > 0) index.seal(level, upTo);
      for (const groups of atOnce(index.crowded(level))) await compact(writer, index, groups);
    }
    index.haveSealed(upTo);
    if (!isBefore(upTo, watermark) || !mayGoOn()) return;
  }
}

async function compact(
  writer: PageWriter,
  index: PageIndex,
  groups: readonly PageGroup[],
): Promise<void> {
  const { job, pages } = writer.options;
  const compacted: { group: PageGroup; content: SliceContent }[] = [];
  const read = await pages.read(groups.flatMap(({ entries }) => entries.map(({ page }) => page)));
  for (const group of groups) {
    const merged = mergeContents(job, read, group.entries);
    if (merged.kind === 'pageGone') continue;
    const { start: slice, edition } = group;
    const bytes = encodeAccumulator(job.aggregate, merged.accumulator);
    compacted.push({ group, content: { slice, edition, events: 0, bytes } });
  }
  const names = await writer.put(compacted.map(({ content }) => [content]));
  for (const [i, page] of names.entries()) {
    const { group } = compacted[i] as (typeof compacted)[number];
    index.compacted(group, page);
  }
}

/** Groups in bundles of few stored pages, since all pages of a bundle are in memory; a large group is one by itself. */
function atOnce(groups: readonly PageGroup[]): PageGroup[][] {
  const bundles: PageGroup[][] = [];
  let pages = COMPACTED_AT_ONCE;
  for (const group of groups) {
    const own = group.entries.reduce((sum, { page }) => sum + page.parts, 0);
    pages += own;
    if (pages > COMPACTED_AT_ONCE) {
      bundles.push([]);
      pages = own;
    }
    bundles.at(-1)?.push(group);
  }
  return bundles;
}
