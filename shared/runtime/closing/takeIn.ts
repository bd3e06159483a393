/**
 * What a closing run takes in of the logs: a bounded number of slice contents, so that what follows from them - pages, index,
 * windows to correct - is bounded as well. A commit of more is taken in parts.
 *
 * Owns: where in the logs a run stops, and what has come too late to be stored. Does not own: what is read of the logs
 * (`logTail.ts`), and what is done with the contents (`planClosing.ts`, `mergePages.ts`).
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { isAfter, isBefore } from '../../model/time.ts';
import { endsUpTo, hasClosed, lastWindowEnd, nextWindowEnd } from '../../model/window.ts';
import { type EndRange, endsOf } from '../../operators/closing/windowsDue.ts';
import type { BegunCommit, ClosingState } from '../../state/closing/closingState.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { decodeContents, type SliceContent } from '../../state/lane/sliceContent.ts';
import { checkShape } from '../lanes/lanes.ts';
import type { LaneTail } from './logTail.ts';

/** Slice contents of a run. Each may lie in a node, and the node in a block, of its own. */
const CONTENTS_MAX = 1_024;
/** Ranges of windows to correct, which `closing` holds until they are done. */
const CORRECTIONS_MAX = 256;

export interface TakenIn {
  /** Without those of slices that are no longer stored. */
  readonly fresh: readonly SliceContent[];
  /** As far as they are taken in whole. Where that is not all, a tail says that it has unread commits. */
  readonly tails: ReadonlyMap<string, LaneTail>;
  /** Commits of which a part is taken in, by lane. */
  readonly begun: ReadonlyMap<string, BegunCommit>;
  /** Events behind what is stored. */
  readonly expiredByLane: ReadonlyMap<string, number>;
}

export function takeIn(
  job: WindowJob,
  state: ClosingState,
  tails: ReadonlyMap<string, LaneTail>,
): TakenIn {
  const intake = new Taking(job, state);
  const taken = new Map(tails);
  for (const [name, tail] of begunFirst(tails, state.begun)) {
    const whole = intake.take(name, tail.commits);
    if (whole === tail.commits.length) continue;
    taken.set(name, { ...tail, commits: tail.commits.slice(0, whole), hasUnread: true });
  }
  const { fresh, begun, expiredByLane } = intake;
  return { fresh, tails: taken, begun, expiredByLane };
}

class Taking {
  readonly fresh: SliceContent[] = [];
  readonly begun: Map<string, BegunCommit>;
  readonly expiredByLane = new Map<string, number>();
  readonly #job: WindowJob;
  readonly #state: ClosingState;
  readonly #budget: Budget;

  constructor(job: WindowJob, state: ClosingState) {
    this.#job = job;
    this.#state = state;
    this.#budget = new Budget(job, state);
    this.begun = new Map(state.begun);
  }

  /** Takes in commits of a lane while there is room. Says how many it took whole. */
  take(name: string, commits: readonly Commit[]): number {
    for (const [whole, commit] of commits.entries()) {
      if (this.#budget.isSpent || !this.#takeCommit(name, commit)) return whole;
    }
    return commits.length;
  }

  /** Says whether all of it is taken in. */
  #takeCommit(name: string, commit: Commit): boolean {
    const contents = contentsOf(this.#job, commit);
    const before = this.begun.get(name);
    let at = before?.slot === commit.slot ? before.contents : 0;
    for (; at < contents.length && !this.#budget.isSpent; at += 1) {
      this.#takeContent(name, contents[at] as SliceContent);
    }
    this.begun.delete(name);
    if (at === contents.length) return true;
    this.begun.set(name, { slot: commit.slot, contents: at });
    return false;
  }

  #takeContent(name: string, content: SliceContent): void {
    this.#budget.spend(content);
    if (!endsUpTo(lastWindowEnd(content.slice, this.#job.assign), this.#state.expiredBefore)) {
      this.fresh.push(content);
    } else {
      const before = this.expiredByLane.get(name) ?? 0;
      this.expiredByLane.set(name, before + content.events);
    }
  }
}

/** Lanes with a commit that is begun come first: it is finished before another one is, so one at most is begun. */
const begunFirst = (
  tails: ReadonlyMap<string, LaneTail>,
  begun: ReadonlyMap<string, unknown>,
): [string, LaneTail][] =>
  [...tails].sort(([a], [b]) => Number(begun.has(b)) - Number(begun.has(a)));

class Budget {
  readonly #job: WindowJob;
  readonly #state: ClosingState;
  #contents = 0;
  #corrections: number;
  #last: EndRange | undefined;

  constructor(job: WindowJob, state: ClosingState) {
    this.#job = job;
    this.#state = state;
    this.#corrections = state.pending.length;
  }

  get isSpent(): boolean {
    return this.#contents >= CONTENTS_MAX || this.#corrections >= CORRECTIONS_MAX;
  }

  spend(content: SliceContent): void {
    this.#contents += 1;
    const ends = endsOf(content, this.#job.assign);
    const { watermark, expiredBefore } = this.#state;
    if (!hasClosed(ends.first, watermark) || endsUpTo(ends.last, expiredBefore)) return;
    const goesOn =
      this.#last !== undefined &&
      !isBefore(ends.first, this.#last.first) &&
      !isAfter(ends.first, nextWindowEnd(this.#last.last, this.#job.assign));
    if (!goesOn) this.#corrections += 1;
    this.#last = ends;
  }
}

function contentsOf(job: WindowJob, commit: Commit): SliceContent[] {
  checkShape(job, commit.shape, `in slot ${commit.slot}`);
  return commit.deltas ? decodeContents(commit.deltas) : [];
}
