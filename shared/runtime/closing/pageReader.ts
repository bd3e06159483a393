/**
 * Reads pages, and keeps those in memory that were used last: pages never change, and neighbouring windows share most of
 * them.
 *
 * Owns: which pages and which of their texts stay in memory. Does not own: what a page holds (`state/closing/pages.ts`),
 * and which pages are needed (`operators/closing/pageIndex.ts`).
 *
 * 1. One number bounds what is kept. Pages come first, since reading one again costs read units: texts take the room that
 *    pages leave, and never push one out.
 * 2. Texts are kept from the second reading of a page on, since the first may be the last. They are counted when the next
 *    window is read, so those of one window may exceed the bound; but these are the keys that its accumulator holds.
 */
import { KnownTexts } from '../../model/knownTexts.ts';
import type { JobId } from '../../model/lane.ts';
import type { PageRef } from '../../operators/closing/pageEntry.ts';
import type { Table } from '../../ports/table.ts';
import { pageName, readPages } from '../../state/closing/pages.ts';
import type { SliceContent } from '../../state/lane/sliceContent.ts';

const CACHE_BYTES_MAX = 64 * 1024 * 1024;

export interface PageContent extends SliceContent {
  /** Texts of `bytes`, where they are kept. */
  readonly texts: KnownTexts | undefined;
}

export class PageReader {
  readonly #job: JobId;
  readonly #table: Table;
  readonly #bytesMax: number;
  /** By name; the one that was used last comes last. */
  readonly #cache = new Map<string, CachedPage>();
  /** Of the pages in the cache, and of their texts. */
  #bytes = 0;
  #textBytes = 0;
  /** Pages that were given out last: their texts have grown since. */
  #given: ReadonlyMap<string, CachedPage> = new Map();

  constructor(job: JobId, table: Table, bytesMax = CACHE_BYTES_MAX) {
    this.#job = job;
    this.#table = table;
    this.#bytesMax = bytesMax;
  }

  /** Pages that the caller has just written. */
  remember(id: PageRef, contents: readonly SliceContent[]): void {
    this.#keep(pageName(id), new CachedPage(contents));
  }

  /** Contents by page name; a page that is gone has none. */
  async read(ids: readonly PageRef[]): Promise<ReadonlyMap<string, readonly PageContent[]>> {
    this.#countTexts();
    const found = new Map<string, CachedPage>();
    const missing = new Map<string, PageRef>();
    for (const id of ids) {
      const name = pageName(id);
      const cached = found.get(name) ?? this.#touched(name);
      if (cached) found.set(name, cached);
      else missing.set(name, id);
    }
    if (missing.size > 0) {
      const read = await readPages(this.#table, this.#job, [...missing.values()]);
      for (const [name, contents] of read) {
        const page = new CachedPage(contents);
        found.set(name, page);
        this.#keep(name, page);
      }
    }
    this.#given = found;
    return new Map([...found].map(([name, { contents }]) => [name, contents]));
  }

  #touched(name: string): CachedPage | undefined {
    const page = this.#cache.get(name);
    if (!page) return undefined;
    this.#cache.delete(name);
    this.#cache.set(name, page);
    page.keepTexts();
    return page;
  }

  #keep(name: string, page: CachedPage): void {
    this.#cache.set(name, page);
    this.#bytes += page.bytes;
    for (const [oldest, old] of this.#cache) {
      if (this.#bytes <= this.#bytesMax || oldest === name) break;
      this.#cache.delete(oldest);
      this.#bytes -= old.bytes;
      this.#textBytes -= old.textBytes;
    }
    this.#dropTexts();
  }

  #countTexts(): void {
    for (const [name, page] of this.#given) {
      if (this.#cache.get(name) === page) this.#textBytes += page.countTexts();
    }
    this.#given = new Map();
    this.#dropTexts();
  }

  /** Those of the pages that were not used for longest come first. */
  #dropTexts(): void {
    for (const page of this.#cache.values()) {
      if (this.#bytes + this.#textBytes <= this.#bytesMax) return;
      this.#textBytes -= page.textBytes;
      page.dropTexts();
    }
  }
}

class CachedPage {
  contents: readonly PageContent[];
  readonly bytes: number;
  /** As far as they are counted. */
  textBytes = 0;
  #keepsTexts = false;

  constructor(contents: readonly SliceContent[]) {
    this.contents = contents.map((content) => ({ ...content, texts: undefined }));
    this.bytes = contents.reduce((total, { bytes }) => total + bytes.length, 0);
  }

  /** From now on. */
  keepTexts(): void {
    if (this.#keepsTexts) return;
    this.#keepsTexts = true;
    this.contents = this.contents.map((content) => ({ ...content, texts: new KnownTexts() }));
  }

  /** Says by how many bytes they grew. */
  countTexts(): number {
    if (!this.#keepsTexts) return 0;
    const before = this.textBytes;
    this.textBytes = this.contents.reduce((total, { texts }) => total + (texts?.size ?? 0), 0);
    return this.textBytes - before;
  }

  dropTexts(): void {
    if (!this.#keepsTexts) return;
    this.#keepsTexts = false;
    this.textBytes = 0;
    this.contents = this.contents.map((content) => ({ ...content, texts: undefined }));
  }
}
