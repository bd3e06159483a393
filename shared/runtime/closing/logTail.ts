/**
 * What the logs hold past the cursors.
 *
 * Owns: in which order lanes are read, how much of each, and what a warm function remembers: commits never change, so it
 * reads none twice. Does not own: what a commit says (`state/lane/laneLog.ts`), how much of what is read is taken in
 * (`takeIn.ts`), and which lanes hold back or rest (`heldBack.ts`, `laneViews.ts`).
 *
 * A run reads a bounded number of bytes, for a bounded time. What it did not come to counts as unread, so the
 * watermark does not pass it.
 */
import { compareCodePoints } from '../../model/ids.ts';
import { type Lane, laneNamed } from '../../model/lane.ts';
import { compareWatermarks, NO_WATERMARK, type Watermark } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import type { ClosingView } from '../../state/closing/closing.ts';
import type { ClosingState, MergedLane } from '../../state/closing/closingState.ts';
import { inTurns } from '../../state/inTurns.ts';
import { type Commit, readHead, readLog } from '../../state/lane/laneLog.ts';

export interface LaneTail {
  readonly lane: Lane;
  readonly name: string;
  readonly commits: readonly Commit[];
  /** The log may hold more than was read. */
  readonly hasUnread: boolean;
}

/** The newest entry of a lane, as far as its own log and what is merged already tell. */
export const newestOf = (tail: LaneTail, state: ClosingState): Commit | MergedLane | undefined =>
  tail.commits.at(-1) ?? state.lanes.get(tail.name);

/** The same as a commit: it is read where all of the log is merged. */
export const readNewest = async (
  table: Table,
  { lane, commits }: LaneTail,
): Promise<Commit | undefined> => commits.at(-1) ?? (await readHead(table, lane));

export interface Reading {
  /** `oneByOne` at first: the first lane is likely to hold back, and ends the reading. */
  readonly pace: 'oneByOne' | 'sideBySide';
  holdsBack(tail: LaneTail): boolean;
  /** Whether a lane is left alone this time, all of whose known commits are merged. */
  isDormant(name: string): boolean;
  hasTime(): boolean;
}

interface Run {
  readonly view: ClosingView;
  readonly tails: Map<string, LaneTail>;
  /** Bytes that may still be read. */
  left: number;
}

/** Bytes of slice contents that a run reads at most; the next run goes on from there. */
const TAIL_BYTES_MAX = 4 * 1024 * 1024;
/** Lanes that are read at a time. */
const LANES_AT_ONCE = 32;

/**
 * How many lanes are read next. `oneByOne`, an eighth of those that were read, at least one: so where one of them holds back,
 * few were read in vain, and the steps grow much more slowly in number than the lanes.
 */
const lanesNext = (pace: Reading['pace'], read: number): number =>
  pace === 'sideBySide' ? LANES_AT_ONCE : Math.min(Math.max(1, read >> 3), LANES_AT_ONCE);

export class LogTail {
  readonly #job: string;
  readonly #table: Table;
  readonly #warm = new Map<string, Commit[]>();

  constructor(job: string, table: Table) {
    this.#job = job;
    this.#table = table;
  }

  /**
   * By lane name. Lanes are read in the order of the watermarks that they had when last seen, the slowest first: that one
   * is the likeliest to end the reading as 'heldBack', and a bounded run should read what moves the watermark. Where time
   * runs out, the fastest lanes are not read: they stand where they were last seen, as unread, and are read first once
   * the others have passed them.
   */
  async read(view: ClosingView, reading: Reading): Promise<Map<string, LaneTail> | 'heldBack'> {
    this.#forgetAllBut(view.lanes);
    const tails = new Map<string, LaneTail>();
    const order = this.#slowestFirst(view);
    const dormant = new Set(order.filter((name) => this.#isDormant(name, view, reading)));
    for (const name of dormant) tails.set(name, this.#unread(name, view, false));
    const awake = order.filter((name) => !dormant.has(name));
    const run = { view, tails, left: TAIL_BYTES_MAX };
    let at = 0;
    while (at < awake.length) {
      if (at > 0 && !reading.hasTime()) break;
      const group = awake.slice(at, at + lanesNext(reading.pace, at));
      await this.#readGroup(group, run);
      if (group.some((name) => reading.holdsBack(tails.get(name) as LaneTail))) return 'heldBack';
      at += group.length;
    }
    await this.#readOn(awake.slice(0, at), run, reading);
    for (const name of awake.slice(at)) tails.set(name, this.#unread(name, view, true));
    return tails;
  }

  /** Reads these lanes side by side, each for its share of what may still be read. */
  async #readGroup(names: readonly string[], run: Run): Promise<void> {
    const share = run.left / names.length;
    await inTurns(names, async (name) => {
      const before = bytesOf(run.tails.get(name)?.commits ?? []);
      const tail = await this.#readLane(name, cursorOf(run.view, name), before + share);
      run.left -= bytesOf(tail.commits) - before;
      run.tails.set(name, tail);
    });
  }

  /** Spends what some lanes left of their shares on those that hold more than theirs. */
  async #readOn(names: readonly string[], run: Run, reading: Reading): Promise<void> {
    while (run.left > 0) {
      const wanting = names.filter((name) => run.tails.get(name)?.hasUnread);
      if (wanting.length === 0 || !reading.hasTime()) return;
      await this.#readGroup(wanting.slice(0, LANES_AT_ONCE), run);
    }
  }

  #isDormant(name: string, view: ClosingView, reading: Reading): boolean {
    return this.#warmOf(name, cursorOf(view, name)).length === 0 && reading.isDormant(name);
  }

  #unread(name: string, view: ClosingView, hasUnread: boolean): LaneTail {
    const commits = this.#warmOf(name, cursorOf(view, name));
    return { lane: laneNamed(this.#job, name), name, commits, hasUnread };
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
    const commits = this.#warmOf(name, cursor);
    let left = budget - bytesOf(commits);
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
    return { lane, name, commits, hasUnread };
  }

  /** Commits in memory from the cursor on. None where they do not begin at it: then another function ran meanwhile. */
  #warmOf(name: string, cursor: number): Commit[] {
    const commits = (this.#warm.get(name) ?? []).filter(({ slot }) => slot >= cursor);
    return commits[0] && commits[0].slot !== cursor ? [] : commits;
  }

  #forgetAllBut(lanes: ClosingView['lanes']): void {
    for (const name of this.#warm.keys()) if (!lanes.has(name)) this.#warm.delete(name);
  }
}

const cursorOf = ({ state }: ClosingView, name: string): number =>
  state.lanes.get(name)?.cursor ?? 0;

/** Of slice contents. */
export const bytesOf = (commits: readonly Commit[]): number =>
  commits.reduce((sum, { deltas }) => sum + (deltas?.length ?? 0), 0);
