/** Reads pages with a bounded warm cache: pages never change, and neighbouring windows share most of them. */
import type { JobId } from '../../model/lane.ts';
import type { PageRef } from '../../operators/closing/pageEntry.ts';
import type { Table } from '../../ports/table.ts';
import { pageName, readPages } from '../../state/closing/pages.ts';
import type { SliceContent } from '../../state/lane/sliceContent.ts';

const CACHE_BYTES_MAX = 64 * 1024 * 1024;

export class PageReader {
  readonly #job: JobId;
  readonly #table: Table;
  readonly #cache = new Map<string, SliceContent[]>();
  #bytes = 0;

  constructor(job: JobId, table: Table) {
    this.#job = job;
    this.#table = table;
  }

  /** Pages that the caller has just written. */
  remember(id: PageRef, contents: readonly SliceContent[]): void {
    this.#keep(pageName(id), [...contents]);
  }

  /** Contents by page name; a page that is gone has none. */
  async read(ids: readonly PageRef[]): Promise<ReadonlyMap<string, readonly SliceContent[]>> {
    const found = new Map<string, readonly SliceContent[]>();
    const missing = new Map<string, PageRef>();
    for (const id of ids) {
      const name = pageName(id);
      const cached = this.#cache.get(name);
      if (cached) found.set(name, this.#touch(name, cached));
      else missing.set(name, id);
    }
    if (missing.size === 0) return found;
    const read = await readPages(this.#table, this.#job, [...missing.values()]);
    for (const [name, contents] of read) {
      found.set(name, contents);
      this.#keep(name, contents);
    }
    return found;
  }

  #touch(name: string, contents: SliceContent[]): SliceContent[] {
    this.#cache.delete(name);
    this.#cache.set(name, contents);
    return contents;
  }

  #keep(name: string, contents: SliceContent[]): void {
    this.#cache.set(name, contents);
    this.#bytes += sizeOf(contents);
    for (const [oldest, old] of this.#cache) {
      if (this.#bytes <= CACHE_BYTES_MAX || oldest === name) break;
      this.#cache.delete(oldest);
      this.#bytes -= sizeOf(old);
    }
  }
}

const sizeOf = (contents: readonly SliceContent[]): number =>
  contents.reduce((total, { bytes }) => total + bytes.length, 0);
