/** What is still to be done when the world has healed: named so that a run that hangs says where, and says the same again. */
import { laneName } from '../../shared/model/lane.ts';
import { readClosingState } from '../../shared/state/inspect.ts';
import { readLanes } from '../../shared/state/lane/laneItem.ts';
import { readRetiredLanes } from '../../shared/state/lane/retiredLanes.ts';
import { openTable } from './world/openTable.ts';
import type { World } from './world/world.ts';

export async function pendingWork(world: World): Promise<string[]> {
  const table = openTable(world.state);
  const work: string[] = [...world.named.pending];
  for (const { name, hasAnyOnTheWay } of world.ownStreams) {
    if (hasAnyOnTheWay) work.push(`records on their way to ${name}`);
  }
  for (const { id, pollers } of world.deployments) {
    for (const poller of pollers) if (!poller.isDrained) work.push(`${id}: ${poller.position}`);
    // Windows whose pages are gone are passed over without a write, so a closer at work may look quiet.
    const { goal, watermark, finalUpTo, pending } = await readClosingState(id, table);
    if (!goal) continue;
    const [{ first: corrected } = { first: 'none' }] = pending;
    work.push(
      `${id}: windows from ${watermark} to ${goal.watermark}, final ones from ${finalUpTo} to ${goal.finalUpTo}, corrected ones from ${corrected}`,
    );
  }
  return work;
}

/** Whether a lane is on its way to be retired: both listed and kept as such. */
export async function isRetiring(world: World): Promise<boolean> {
  const table = openTable(world.state);
  for (const { id } of world.deployments) {
    const retired = await readRetiredLanes(table, id);
    if (retired.length === 0) continue;
    const listed = await readLanes(table, id);
    if (retired.some(({ lane }) => listed.has(laneName(lane)))) return true;
  }
  return false;
}
