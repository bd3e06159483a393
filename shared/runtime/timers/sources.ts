/**
 * Whether nothing is on its way to the lanes of a job's own stream: what a silent shard of it means depends on that. On a lane that reads its
 * source itself, its own silence says all.
 */
import { isForwarding } from '../../job/repartition.ts';
import { isAfter, later, type ProcessingTime } from '../../model/time.ts';
import type { LaneState } from '../lanes/commitDraft.ts';
import type { LaneContext } from '../lanes/lanes.ts';

export interface Sources {
  /** Each is read to its end, and has had nothing valid for `flushAfter`. */
  areSilent(): Promise<boolean>;
}

export const NO_SOURCES: Sources = { areSilent: async () => true };

/**
 * As far as a run has found them. Shards are looked into once, when somebody asks.
 * @param unread whether time did not suffice to read them all
 */
export function sourcesOf(
  context: LaneContext,
  laneStates: Iterable<LaneState>,
  now: ProcessingTime,
  unread: boolean,
): Sources {
  let answer: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    if (unread) return false;
    const open = [...laneStates].filter(
      ({ lane, head }) => isForwarding(context.job, lane.stream) && !head?.ended,
    );
    const silent = await Promise.all(open.map((each) => isSilent(context, each, now)));
    return silent.every((is) => is);
  };
  return {
    areSilent() {
      answer ??= ask();
      return answer;
    },
  };
}

async function isSilent(
  { ports, settings: { flushAfter } }: LaneContext,
  { lane, head }: LaneState,
  now: ProcessingTime,
): Promise<boolean> {
  if (flushAfter === 'never') return false;
  if (head?.lastValidAt !== undefined && isAfter(later(head.lastValidAt, flushAfter), now))
    return false;
  return (await ports.reader.look(lane.stream, lane.shard, head?.to)) !== 'hasMore';
}
