/**
 * Which events may come in the place of dead letters: noted by a person before they are put, since the engine takes nothing on an
 * envelope's word. A copy that is not its letter, byte for byte, is let in only where its digest stands here; so only who
 * may write this table can have another event in a letter's place.
 *
 * 1. Digests of a commit's letters lie in items by their first sign, so that all that a commit may hold (110,000) can be edited.
 * 2. They outlive their commit, as admissions do: a copy that is tried again finds what let it in.
 */
import { hash } from 'node:crypto';
import { JobDefinitionError } from '../../errors.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import type { Table } from '../../ports/table.ts';
import { readable } from '../formats.ts';
import { inTurns } from '../inTurns.ts';
import { editsPartition, slotKey } from '../keys.ts';
import { type MarkedCommit, swapItem } from './letterMarks.ts';

/** Of a letter: where it first stood, and what comes instead. */
export const editDigest = (position: string, payload: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${position}\n`), payload]), 'base64url');

/** Of an item of 400 KB they take 240 KB at most. */
const DIGESTS_MAX = 5_000;

/** Throws JobDefinitionError where letters were edited so often that their digests do not fit. */
export async function noteEdits(
  table: Table,
  commit: MarkedCommit,
  digests: Iterable<string>,
): Promise<void> {
  const { lane, slot } = commit;
  await inTurns([...bySign(digests)], ([sign, some]) =>
    swapItem(table, keyOf(lane, slot, sign), commit, (stored) => {
      const all = new Set([...((stored?.['digests'] as readonly string[]) ?? []), ...some]);
      if (all.size > DIGESTS_MAX) {
        throw new JobDefinitionError(
          `${laneName(lane)}, commit ${slot}: its dead letters were edited too often; what is noted of them expires with them`,
        );
      }
      return { digests: [...all] };
    }),
  );
}

/** Those of the digests that were noted. */
export async function notedEdits(
  table: Table,
  lane: Lane,
  slot: number,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const keys = [...bySign(digests).keys()].map((sign) => keyOf(lane, slot, sign));
  if (keys.length === 0) return new Set();
  const items = await table.batchGet(keys, 'strong');
  const noted = new Set(items.flatMap((item) => readable(item)['digests'] as readonly string[]));
  return new Set(digests.filter((digest) => noted.has(digest)));
}

const bySign = (digests: Iterable<string>): Map<string, string[]> =>
  Map.groupBy(digests, (digest) => digest.charAt(0));

const keyOf = (lane: Lane, slot: number, sign: string) => ({
  pk: editsPartition(lane),
  sk: `${slotKey(slot)}#${sign}`,
});
