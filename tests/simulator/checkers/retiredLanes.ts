/**
 * Only lanes of closed shards are retired, all that their shards held is committed by then, what is kept of them never
 * changes, and in the end they are not listed. (`counts` says that each lane that ever was is there once.)
 */
import type { Checker, Evidence } from '../evidence.ts';

export const retiredLanes: Checker = (evidence) => {
  const changed = evidence.changes.find(
    ({ kind, key, before }) => kind === 'retired lane' && key.sk !== 'generation' && before,
  );
  if (changed) return `${changed.key.sk}: what is kept of it was changed, at ${changed.at}`;
  const listed = listedLanes(evidence);
  return evidence.lanes
    .filter(({ standing }) => standing === 'retired')
    .map((lane) => laneProblem(evidence, listed, lane))
    .find((problem) => problem !== undefined);
};

/** The items of lanes that are there in the end. */
function listedLanes({ job, changes }: Evidence): ReadonlySet<string> {
  const listed = new Set<string>();
  for (const { kind, key, after } of changes) {
    if (kind !== 'lane' || key.pk !== job) continue;
    if (after) listed.add(key.sk);
    else listed.delete(key.sk);
  }
  return listed;
}

function laneProblem(
  { closedShards, contents }: Evidence,
  listed: ReadonlySet<string>,
  { lane: { stream, shard }, position }: Evidence['lanes'][number],
): string | undefined {
  const name = `${stream}/${shard}`;
  if (!closedShards.has(name)) return `${name} was retired, and its shard is open`;
  if (listed.has(`lane#${name}`)) return `${name} is retired and listed`;
  const end = contents.find(({ lane }) => lane === name)?.records.at(-1)?.sequence;
  const isRead = end === undefined || end === position?.sequence;
  return isRead
    ? undefined
    : `${name} was retired at ${position?.sequence ?? 'its start'}, and it ends at ${end}`;
}
