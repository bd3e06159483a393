/**
 * Lanes that need not be read each minute: of shards closed for long, silent for long, all that they held merged. They wait
 * until their streams have forgotten what they could hold. Should one bring something after all, it is found a little
 * later, as of a lane that had fallen idle.
 */
import type { ProcessingTime } from '../../model/time.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import { closedShards, overFrom, rests } from '../lanes/closedShards.ts';
import type { EngineSettings } from '../settings.ts';

/** Those of which closing need read nothing this time. */
export function restingLanes(
  view: ClosingView,
  settings: EngineSettings,
  now: ProcessingTime,
): (name: string) => boolean {
  const merged = view.state.lanes;
  const closed = closedShards(view.lanes, (name) => merged.get(name)?.lastValidAt);
  const isOver = overFrom(closed, settings, now);
  return (name) => {
    const lane = merged.get(name);
    if (lane === undefined || lane.ended || isOver(name)) return false;
    return rests({ name, closedSince: closed.get(name), ...lane }, settings, now);
  };
}
