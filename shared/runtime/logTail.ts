/**
 * What the logs hold past the cursors. Commits never change, so what a warm function has read once it does
 * not read again; a run takes in a bounded amount.
 */
import { compareCodePoints } from '../model/ids.ts';
import { type Lane, laneName, laneNamed } from '../model/lane.ts';
import { NO_WATERMARK, type Watermark } from '../model/time.ts';
import type { Table } from '../ports/table.ts';
import type { ClosingState, ClosingView, MergedLane } from '../state/closing.ts';
import { type Commit, readLog } from '../state/laneLog.ts';

export interface LaneTail {
  readonly lane: Lane;
  readonly commits: readonly Commit[];
  /** The log may hold more than was read. */
  readonly hasUnread: boolean;
}

/** The newest entry of a lane, as far as its own log and what is merged already tell. */
export const headOf = (tail: LaneTail, state: ClosingState): Commit | MergedLane | undefined =>
  tail.commits.at(-1) ?? state.lanes.get(laneName(tail.lane));

/** Bytes of slice contents that a run reads at most; the next run goes on from there. */
const TAIL_BYTES_MAX = 4 * 1024 * 1024;

export class LogTail {
  readonly #job: string;
  readonly #table: Table;
  readonly #warm = new Map<string, Commit[]>();

  constructor(job: string, table: Table) {
    this.#job = job;
    this.#table = table;
  }

  /**
   * By lane name, in the order of how far they were when last seen, the slowest first: it is the likeliest to
   * end the reading as 'heldBack', and what a bounded run reads should move the watermark.
   */
  async read(
    view: ClosingView,
    holdsBack: (tail: LaneTail) => boolean,
  ): Promise<Map<string, LaneTail> | 'heldBack'> {
    const tails = new Map<string, LaneTail>();
    let budget = TAIL_BYTES_MAX;
    for (const name of this.#slowestFirst(view)) {
      const cursor = view.state.lanes.get(name)?.cursor ?? 0;
      const tail = await this.#readLane(name, cursor, budget);
      if (holdsBack(tail)) return 'heldBack';
      for (const { deltas } of tail.commits) budget -= deltas?.length ?? 0;
      tails.set(name, tail);
    }
    return tails;
  }

  #slowestFirst({ lanes, state }: ClosingView): string[] {
    const lastSeen = (name: string): Watermark =>
      (this.#warm.get(name)?.at(-1) ?? state.lanes.get(name))?.watermark ?? NO_WATERMARK;
    return [...lanes.keys()]
      .map((name) => ({ name, watermark: lastSeen(name) }))
      .sort(
        (a, b) => compareWatermarks(a.watermark, b.watermark) || compareCodePoints(a.name, b.name),
      )
      .map(({ name }) => name);
  }

  async #readLane(name: string, cursor: number, budget: number): Promise<LaneTail> {
    const lane = laneNamed(this.#job, name);
    const commits = (this.#warm.get(name) ?? []).filter(({ slot }) => slot >= cursor);
    // A cursor ahead of what was warm, or behind it, means that another function ran: start over.
    if (commits[0] && commits[0].slot !== cursor) commits.length = 0;
    let left = budget;
    for (const { deltas } of commits) left -= deltas?.length ?? 0;
    let hasUnread = left <= 0;
    if (!hasUnread) {
      for await (const commit of readLog(this.#table, lane, cursor + commits.length)) {
        commits.push(commit);
        left -= commit.deltas?.length ?? 0;
        if (left <= 0) {
          hasUnread = true;
          break;
        }
      }
    }
    this.#warm.set(name, commits);
    return { lane, commits, hasUnread };
  }
}

/** Not by difference: two lanes without a watermark are at minus infinity both. */
function compareWatermarks(a: Watermark, b: Watermark): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
