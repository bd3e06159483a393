/** What is still to be done when the world has healed: named so that a run that hangs says where, and says the same again. */
import { readClosingState } from '../../shared/state/inspect.ts';
import { openTable } from './world/openTable.ts';
import type { World } from './world/world.ts';

export async function pendingWork(world: World): Promise<string[]> {
  const table = openTable(world.state);
  const work: string[] = [];
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
