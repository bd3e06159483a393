/**
 * The blocks of the page index between table and memory.
 *
 * Owns: which blocks stay in memory, and when an old one is stored anew. Does not own: which blocks an answer needs and which
 * are outdated (`operators/closing/pageIndex.ts`), and how a block is stored (`state/closing/blocks.ts`).
 */
import type { JobId } from '../../model/lane.ts';
import { type ProcessingTime, processingTime, twice } from '../../model/time.ts';
import type { Answer } from '../../operators/closing/answer.ts';
import type { BlockContent, Child, NewBlock } from '../../operators/closing/blockTree.ts';
import type { BlockRef } from '../../operators/closing/pageEntry.ts';
import type { PageIndex } from '../../operators/closing/pageIndex.ts';
import type { Item, Table } from '../../ports/table.ts';
import { blockName, packBlock, readBlocks, type StoredBlock } from '../../state/closing/blocks.ts';
import { isAging } from '../../state/retention.ts';
import type { EngineSettings } from '../settings.ts';

/** Blocks in memory. A day of slices of 5 s is in 68 to 136 of them, of which a window needs a few. */
const CACHED_MAX = 64;
/** Blocks that one run stores anew because they grow old; the others follow in the next rounds. */
const AGING_MAX = 32;

export class IndexBlocks {
  readonly #job: JobId;
  readonly #table: Table;
  readonly #cache = new Map<string, BlockContent>();

  constructor(job: JobId, table: Table) {
    this.#job = job;
    this.#table = table;
  }

  /** Asks the index, and reads what it lacks, until it knows the answer. */
  async answer<T>(index: PageIndex, question: () => Answer<T>): Promise<T> {
    for (;;) {
      const answer = question();
      if (answer.kind === 'known') return answer.value;
      await this.#read(index, answer.refs);
    }
  }

  /** Stores the blocks that are outdated. Whatever happens next, nothing names them before the swap. */
  async store(
    index: PageIndex,
    { logRetention }: EngineSettings,
    now: ProcessingTime,
    nameNext: () => { readonly fence: number; readonly n: number },
  ): Promise<'done' | 'oldOnesLeft'> {
    const outdated = await this.answer(index, () => {
      let left = AGING_MAX;
      return index.outdated((ref) => {
        const isAging = left > 0 && isAgingBlock(ref, logRetention, now);
        if (isAging && ref.depth === 0) left -= 1;
        return isAging;
      });
    });
    const items: Item[] = [];
    for (const { level, roots } of outdated) {
      const store = (block: NewBlock): BlockRef => {
        const content = contentOf(block, storeNew);
        const below = content.kind === 'refs' ? content.refs.map(({ expiresAt }) => expiresAt) : [];
        const expiresAt = processingTime(Math.min(now + 2 * logRetention, ...below));
        const { depth, first, last } = block;
        const ref: BlockRef = { level, depth, first, last, ...nameNext(), expiresAt };
        items.push(packBlock(this.#job, ref, storedBlockOf(content)));
        this.#keep(ref, content);
        index.supply(ref, content);
        return ref;
      };
      const storeNew = (child: Child): BlockRef => ('content' in child ? store(child) : child);
      index.stored(level, roots.map(storeNew));
    }
    if (items.length > 0) await this.#table.batchPut(items);
    const isOld = index.kept().blocks.some((ref) => isAgingBlock(ref, logRetention, now));
    return isOld ? 'oldOnesLeft' : 'done';
  }

  async #read(index: PageIndex, refs: readonly BlockRef[]): Promise<void> {
    const missing = refs.filter((ref) => !this.#cache.has(blockName(ref)));
    const read = await readBlocks(this.#table, this.#job, missing);
    for (const ref of refs) {
      const block = read.get(blockName(ref));
      const content = block ? suppliedOf(index, ref, block) : this.#cache.get(blockName(ref));
      if (!content) continue;
      index.supply(ref, content);
      this.#keep(ref, content);
    }
  }

  /** Those that were used last stay. */
  #keep(ref: BlockRef, content: BlockContent): void {
    this.#cache.delete(blockName(ref));
    this.#cache.set(blockName(ref), content);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_MAX) break;
      this.#cache.delete(oldest);
    }
  }
}

function contentOf({ content }: NewBlock, store: (child: Child) => BlockRef): BlockContent {
  return content.kind === 'nodes' ? content : { kind: 'refs', refs: content.children.map(store) };
}

const storedBlockOf = (content: BlockContent): StoredBlock =>
  content.kind === 'refs'
    ? content
    : { kind: 'entries', entries: content.nodes.flatMap(({ entries }) => entries) };

const suppliedOf = (index: PageIndex, { level }: BlockRef, block: StoredBlock): BlockContent =>
  block.kind === 'refs' ? block : { kind: 'nodes', nodes: index.nodesOf(level, block.entries) };

/** A block lives twice as long as a page. */
export const isAgingBlock = (
  { expiresAt }: Pick<BlockRef, 'expiresAt'>,
  logRetention: EngineSettings['logRetention'],
  now: ProcessingTime,
): boolean => isAging(expiresAt, twice(logRetention), now);
