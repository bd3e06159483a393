/** What a warm `fireTimers` remembers of the lanes of a job. It spares reads; nothing that is stored follows from it alone. */
import { compareWatermarks, NO_WATERMARK, type ProcessingTime } from '../../model/time.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { closedShards, isDormant, overFrom } from '../lanes/closedShards.ts';
import type { LaneState } from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { isWaiting, oldestOf } from './silentLane.ts';

/** Whether something is to be done on the lane that a run had no time for. */
const isUnderWay = ({ letGo, adopting }: Commit): boolean =>
  letGo !== undefined || adopting !== undefined;

export class LanesSeen {
  readonly #settings: EngineSettings;
  /** By name, where the lanes that had begun stood when they were last read. */
  readonly #laneStates = new Map<string, LaneState>();

  constructor(settings: EngineSettings) {
    this.#settings = settings;
  }

  get(name: string): LaneState | undefined {
    return this.#laneStates.get(name);
  }

  note(name: string, laneState: LaneState): void {
    if (!laneState.head?.deltas) this.#laneStates.set(name, laneState);
    else {
      // Slice contents are large, and no business of timers.
      const { deltas: _deltas, ...head } = laneState.head;
      this.#laneStates.set(name, { ...laneState, head });
    }
  }

  /** As far as is known: those whose watermark is the least hold the job's. */
  slowestFirst(names: readonly string[]): string[] {
    const lastSeen = (name: string) => this.get(name)?.head?.watermark ?? NO_WATERMARK;
    return [...names].sort((a, b) => compareWatermarks(lastSeen(a), lastSeen(b)));
  }

  /**
   * Lanes that need not be read this time (see `lanes/closedShards.ts`), as far as they were seen; those that have ended, too, since
   * what they wait for shows on other lanes.
   */
  dormant(items: ReadonlyMap<string, LaneItem>, now: ProcessingTime): (name: string) => boolean {
    for (const name of this.#laneStates.keys()) if (!items.has(name)) this.#laneStates.delete(name);
    const headOf = (name: string) => this.get(name)?.head;
    const closed = closedShards(items, (name) => headOf(name)?.lastValidAt);
    const isOver = overFrom(closed, this.#settings, now);
    return (name) => {
      const head = headOf(name);
      if (!head || isUnderWay(head)) return false;
      if (!head.ended && (isOver(name) || isWaiting(head))) return false;
      const { lastValidAt } = head;
      const headExpiresAt = oldestOf(head);
      const closedSince = closed.get(name) ?? (head.ended ? lastValidAt : undefined);
      return isDormant({ name, closedSince, lastValidAt, headExpiresAt }, this.#settings, now);
    };
  }
}
