/** The page index between table and memory: reads the blocks that a run needs, stores those that are outdated. */
import type { JobId } from '../model/lane.ts';
import { type ProcessingTime, processingTime } from '../model/time.ts';
import type { BlockRef } from '../operators/pageEntry.ts';
import type { PageIndex } from '../operators/pageIndex.ts';
import type { BlockNodes } from '../operators/pageShelf.ts';
import type { Table } from '../ports/table.ts';
import { blockName, packBlock, readBlocks } from '../state/indexBlocks.ts';
import type { EngineSettings } from './settings.ts';

/** A day of slices of 5 s is in fewer. */
const CACHED_MAX = 64;

export class IndexBlocks {
  readonly #job: JobId;
  readonly #table: Table;
  readonly #cache = new Map<string, BlockNodes>();

  constructor(job: JobId, table: Table) {
    this.#job = job;
    this.#table = table;
  }

  /** Asks after all blocks that the question needs are supplied; until then it is asked in vain. */
  async answer<T>(index: PageIndex, question: () => T): Promise<T> {
    for (;;) {
      const unread = index.unreadFor(question);
      if (unread.length === 0) return question();
      await this.#read(index, unread);
    }
  }

  /** Stores the blocks that are outdated. Whatever happens next, nothing names them before the swap. */
  async store(
    index: PageIndex,
    { logRetention }: EngineSettings,
    now: ProcessingTime,
    nameNext: () => { readonly fence: number; readonly n: number },
  ): Promise<void> {
    const isAging = (ref: BlockRef) => isAgingBlock(ref, logRetention, now);
    const outdated = await this.answer(index, () => index.outdated(isAging));
    const expiresAt = processingTime(now + 2 * logRetention);
    const items = outdated.map(({ level, block, entries }) => {
      const ref: BlockRef = { level, block, ...nameNext(), expiresAt };
      const nodes = index.nodesOf(ref, entries);
      index.stored(ref, nodes);
      this.#keep(ref, nodes);
      return packBlock(this.#job, ref, entries);
    });
    if (items.length > 0) await this.#table.batchPut(items);
  }

  async #read(index: PageIndex, refs: readonly BlockRef[]): Promise<void> {
    const missing = refs.filter((ref) => !this.#cache.has(blockName(ref)));
    const read = await readBlocks(this.#table, this.#job, missing);
    for (const ref of refs) {
      const entries = read.get(blockName(ref));
      const nodes = entries ? index.nodesOf(ref, entries) : this.#cache.get(blockName(ref));
      if (!nodes) continue;
      index.supply(ref, nodes);
      this.#keep(ref, nodes);
    }
  }

  /** The latest used ones stay. */
  #keep(ref: BlockRef, nodes: BlockNodes): void {
    this.#cache.delete(blockName(ref));
    this.#cache.set(blockName(ref), nodes);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_MAX) break;
      this.#cache.delete(oldest);
    }
  }
}

/** Half of its life is used up: a run must store it anew, or it expires while it is named. */
export const isAgingBlock = (
  { expiresAt }: BlockRef,
  logRetention: EngineSettings['logRetention'],
  now: ProcessingTime,
): boolean => expiresAt - now <= logRetention;
