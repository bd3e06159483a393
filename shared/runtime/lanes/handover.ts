/** Whether what a lane of a keyed job keeps has gone over to the lanes of the shards that came from its own. */
import type { LaneItem } from '../../state/lane/laneItem.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { parentsIn } from './closedShards.ts';

/** By lane, those listed whose shards came from its own. */
export function childrenBy(
  items: ReadonlyMap<string, LaneItem>,
): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const name of items.keys()) {
    for (const parent of parentsIn(items, name)) {
      children.set(parent, [...(children.get(parent) ?? []), name]);
    }
  }
  return children;
}

/**
 * Whether all children have begun and taken over what is theirs. A shard is split into two, or merged with another into one.
 * @param headOf the last commits of lanes that have begun
 */
export function haveTakenOver(
  children: readonly string[],
  items: ReadonlyMap<string, LaneItem>,
  headOf: (name: string) => Pick<Commit, 'adopting'> | undefined,
): boolean {
  const isMerged = children.some((name) => (items.get(name)?.parents.length ?? 0) > 1);
  if (children.length < (isMerged ? 1 : 2)) return false;
  return children.every((name) => {
    const head = headOf(name);
    return head !== undefined && head.adopting === undefined;
  });
}
