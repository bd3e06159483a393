/** Which kind of item a key of a table names: only for situations and checkers that look inside. */
import type { Key } from '../../../shared/ports/table.ts';
import type { Contents } from './store.ts';

export type ItemKind =
  | 'row'
  | 'status'
  | 'alert'
  | 'commit'
  | 'page'
  | 'chunk'
  | 'part'
  | 'closing'
  | 'clock'
  | 'row list'
  | 'lane'
  | 'retired lane'
  | 'admission'
  | 'letter edits';

export const STATE_TABLE = 'state';

const RESULTS: Readonly<Record<Exclude<Contents, 'state'>, ItemKind>> = {
  'window rows': 'row',
  'status rows': 'status',
  alerts: 'alert',
};

/** By a part of the partition key. */
const PARTITIONS: readonly (readonly [mark: string, kind: ItemKind])[] = [
  ['#part#', 'part'],
  ['#log#', 'commit'],
  ['#page', 'page'],
  ['#chunk#', 'chunk'],
  ['#redriven', 'admission'],
  ['#edits#', 'letter edits'],
  ['#retired', 'retired lane'],
  ['#rows', 'row list'],
];

export function kindOf(contents: Contents, key: Key): ItemKind {
  if (contents !== 'state') return RESULTS[contents];
  const known = PARTITIONS.find(([mark]) => key.pk.includes(mark));
  if (known) return known[1];
  if (key.sk === 'closing' || key.sk === 'clock') return key.sk;
  return 'lane';
}

/** `<job>#log#<stream>/<shard>` taken apart. */
export function laneOfLog(pk: string): { job: string; lane: string } | undefined {
  const match = /^(.*)#log#(.*)$/.exec(pk);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { job: match[1], lane: match[2] }
    : undefined;
}
