/** Which kind of item a key of the state table names: only for situations and checkers that look inside. */
import type { Key } from '../../../shared/ports/table.ts';

export type ItemKind = 'row' | 'commit' | 'page' | 'side' | 'closing' | 'lane' | 'admission';

export const STATE_TABLE = 'state';

export function kindOf(table: string, key: Key): ItemKind {
  if (table !== STATE_TABLE) return 'row';
  if (key.pk.includes('#log#')) return 'commit';
  if (key.pk.endsWith('#page')) return 'page';
  if (key.pk.includes('#side#')) return 'side';
  if (key.sk === 'closing') return 'closing';
  if (key.sk.startsWith('lane#')) return 'lane';
  return 'admission';
}

/** `<job>#log#<stream>/<shard>` taken apart. */
export function laneOfLog(pk: string): { job: string; lane: string } | undefined {
  const match = /^(.*)#log#(.*)$/.exec(pk);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { job: match[1], lane: match[2] }
    : undefined;
}
