/**
 * Blocks of the page index as items: entries that `closing` need not hold itself, and names of other blocks. They are stored
 * among the pages and, like them, never change and are written under the fence before anything names them.
 *
 * Owns: an item's key, content and time to live. Does not own: the columns in it (`pageColumns.ts`), and what is in which
 * block (`operators/closing/blockTree.ts`).
 *
 * What `closing` names must not expire. So blocks live twice as long as pages, and once a block has used up half of that, a
 * run stores it anew (`runtime/closing/indexBlocks.ts`).
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { InvariantViolation } from '../../errors.ts';
import type { JobId } from '../../model/lane.ts';
import type { BlockRef, PageEntry } from '../../operators/closing/pageEntry.ts';
import { EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { STAMP } from '../formats.ts';
import { readImmutable } from '../immutable.ts';
import { expirySeconds, pagePartition } from '../keys.ts';
import {
  type BlockColumns,
  blockColumnsOf,
  blocksOf,
  columnsOf,
  entriesOf,
  type PageColumns,
} from './pageColumns.ts';

/** Page entries, or names of blocks. */
export type StoredBlock =
  | { readonly kind: 'entries'; readonly entries: readonly PageEntry[] }
  | { readonly kind: 'refs'; readonly refs: readonly BlockRef[] };

export const blockName = ({ fence, n }: Pick<BlockRef, 'fence' | 'n'>): string => `${fence}#${n}`;

export function packBlock(job: JobId, ref: BlockRef, block: StoredBlock): Item {
  const columns = block.kind === 'refs' ? blockColumnsOf(block.refs) : columnsOf(block.entries);
  return {
    ...blockKey(job, ref),
    ...STAMP,
    [block.kind]: deflateRawSync(JSON.stringify(columns)),
    [EXPIRES_AT]: expirySeconds(ref.expiresAt),
  };
}

const blockKey = (job: JobId, ref: BlockRef) => ({
  pk: pagePartition(job),
  sk: `${blockName(ref)}#index`,
});

/** What blocks hold, by name. Throws InvariantViolation where one is gone. */
export async function readBlocks(
  table: Table,
  job: JobId,
  refs: readonly BlockRef[],
): Promise<Map<string, StoredBlock>> {
  const stored = await readImmutable(
    table,
    refs.map((ref) => blockKey(job, ref)),
  );
  return new Map(
    refs.map((ref) => {
      const item = stored.get(blockKey(job, ref).sk);
      if (!item) {
        throw new InvariantViolation(`${job}: block ${blockName(ref)} of the page index is gone`);
      }
      return [blockName(ref), blockIn(item)];
    }),
  );
}

function blockIn(item: Item): StoredBlock {
  const refs = item['refs'] as Uint8Array | undefined;
  if (refs) return { kind: 'refs', refs: blocksOf(columnsIn<BlockColumns>(refs)) };
  const entries = columnsIn<PageColumns>(item['entries'] as Uint8Array);
  return { kind: 'entries', entries: entriesOf(entries) };
}

const columnsIn = <Columns>(packed: Uint8Array): Columns =>
  JSON.parse(inflateRawSync(packed).toString('utf8')) as Columns;
