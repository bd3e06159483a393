/** What is still to be done when the world has healed: named, so that a run that hangs says where. */
import type { World } from './world/world.ts';

export function pendingWork(world: World): string[] {
  return world.deployments.flatMap(({ id, pollers }) => {
    const unread = pollers
      .filter((poller) => !poller.isDrained)
      .map(({ position }) => `${id}: ${position}`);
    return unread;
  });
}
