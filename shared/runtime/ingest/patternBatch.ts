/**
 * A pattern job's batch: takes events in, and gives the pattern what the watermark has passed. All of it is in the
 * commit: what waits from now on, the new states, the alerts.
 *
 * 1. The watermark that events are judged by follows from the records alone. How far it has let go is a mark of its own: a
 *    commit lets go a bounded part of what is due, in order, and the next goes on from there, with records or without.
 * 2. So neither starves: each commit takes its share of the records and lets go its share of what is due.
 * 3. What a commit needs in memory is bounded (`EVENTS_MAX`, `LET_GO_MAX`, `waits.ts`, `keyedStates.ts`), however much waits.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { NO_COUNTS } from '../../model/counts.ts';
import { laneName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  type EventTime,
  earlier,
  half,
  isAfter,
  latest,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import { type SideEvent, withDead } from '../../operators/intake/progress.ts';
import {
  type Held,
  isWaiting,
  justPast,
  type LettingGo,
  NO_PLACE,
  passing,
  placeOf,
} from '../../operators/pattern/held.ts';
import { takeInPattern } from '../../operators/pattern/patternIntake.ts';
import { LET_GO_MAX, type Release, release } from '../../operators/pattern/patternRelease.ts';
import {
  type Due,
  dueOf,
  NOTHING_WAITS,
  runOf,
  type Waits,
  waitsAfter,
  withEvents,
  withNear,
} from '../../operators/pattern/waits.ts';
import type { Ports } from '../../ports/ports.ts';
import { readStatesWithin } from '../../state/keyed/keyedStates.ts';
import type { Adopting } from '../../state/lane/heldMarks.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import {
  type Advance,
  type Batcher,
  type BatchRequest,
  type CommitDraft,
  draftCommit,
  draftQuietCommit,
  knownItem,
  type LaneState,
  progressOf,
} from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';
import { marksFor, withPatternParts } from './patternCommit.ts';
import { adoptTimeOuts, NO_PORTION, type Portion, readOn, readWaits, recommit } from './waiting.ts';

/** Events that one commit takes in. */
const EVENTS_MAX = 2_000;
/** Commits over which what waits is strewn; of more, the oldest are recommitted by the next ones. */
const RUNS_MAX = 4_000;

export class PatternBatcher implements Batcher {
  readonly #job: PatternJob;
  readonly #ports: Ports;
  readonly #settings: EngineSettings;
  readonly #admitEntries: Admitter;
  /** What waits behind each commit that was drafted here: by the object, since another commit may have taken its slot. */
  readonly #known = new WeakMap<Commit, Waits>();
  /** By lane: the head of a silent one is the same in every run of `fireTimers`, so its log is read for the first run only. */
  readonly #lastEvents = new Map<string, { readonly slot: number; readonly at?: EventTime }>();

  constructor(job: PatternJob, ports: Ports, settings: EngineSettings) {
    this.#job = job;
    this.#ports = ports;
    this.#settings = settings;
    this.#admitEntries = createAdmitter(job, ports, settings);
  }

  /** The latest event that waits for the watermark of a lane. */
  async lastEvent(laneState: LaneState): Promise<EventTime | undefined> {
    const { lane, head } = laneState;
    if (head?.heldFrom === undefined) return undefined;
    const last = this.#lastEvents.get(laneName(lane));
    if (last?.slot === head.slot) return last.at;
    const { lastEvent: at } = await this.#waitsBehind(laneState);
    this.#lastEvents.set(laneName(lane), { slot: head.slot, ...(at === undefined ? {} : { at }) });
    return at;
  }

  async build(request: BatchRequest): Promise<CommitDraft> {
    const start = await this.#before(request);
    if (start.adopted.next) return this.#takeOver(start);
    const { entries, at, head } = request;
    const now = this.#ports.clock.now();
    const { to: latest, admissionOf } = await this.#admitEntries(request, entries.length, now);
    const intake = takeInPattern(this.#job, progressOf(request), {
      stream: request.lane.stream,
      entries,
      from: at,
      to: latest,
      eventsMax: EVENTS_MAX,
      heldUntil: start.waits.lastEvent,
      lastArrival: head?.lastArrival,
      idleAfter: this.#settings.idleAfter,
      admissionOf,
    });
    const { brought, watermark, lastArrival, to } = intake;
    const complete = (dead: readonly SideEvent[]) =>
      draftCommit(this.#job, this.#settings, { request, to, now }, withDead(intake, dead));
    const waits = withEvents(start.waits, brought);
    return this.#finish({ ...start, waits, brought, watermark, lastArrival, complete });
  }

  async advance(laneState: LaneState, why: Advance): Promise<CommitDraft> {
    const start = await this.#before(laneState);
    if (start.adopted.next) return this.#takeOver(start);
    return this.#finish({
      ...start,
      ...this.#quietly(laneState, why, target(start.waits, why, laneState)),
    });
  }

  async #waitsBehind({ lane, head }: LaneState): Promise<Waits> {
    if (!head) return NOTHING_WAITS;
    const found = this.#known.get(head);
    if (found && !(found.end && found.near.length === 0)) return found;
    const waits = found
      ? await readOn(this.#ports.state, this.#job, lane, { head, waits: found })
      : await readWaits(this.#ports.state, this.#job, lane, head);
    this.#known.set(head, waits);
    return waits;
  }

  /** What waits before the next commit, and what that takes over from the lane's parents. */
  async #before(
    laneState: LaneState,
  ): Promise<Pick<Unfinished, 'laneState' | 'waits' | 'adopted'>> {
    const { lane, head } = laneState;
    const waits = await this.#waitsBehind(laneState);
    if ((head && !head.adopting) || !this.#job.timedOut) {
      return { laneState, waits, adopted: NO_PORTION };
    }
    const request = { parents: knownItem(laneState).parents, from: head?.adopting };
    const adopted = await adoptTimeOuts(this.#job, this.#ports, lane, request);
    return { laneState, waits: withNear(waits, adopted.held), adopted };
  }

  #quietly(laneState: LaneState, why: Advance, watermark: Watermark) {
    const now = this.#ports.clock.now();
    const nothing = { watermark, counts: NO_COUNTS, side: [] };
    const complete = (dead: readonly SideEvent[]) =>
      draftQuietCommit(this.#job, this.#settings, { laneState, why, now }, withDead(nothing, dead));
    return { brought: [], watermark, lastArrival: laneState.head?.lastArrival, complete };
  }

  /** Until a lane has all time-outs of its parents, its commits take those over and let nothing go: any may come first. */
  async #takeOver(
    start: Pick<Unfinished, 'laneState' | 'waits' | 'adopted'>,
  ): Promise<CommitDraft> {
    const { watermark } = progressOf(start.laneState);
    const nothing = { redo: { states: new Map(), alerts: [] }, timers: [], dead: [] };
    const work = { ...start, ...this.#quietly(start.laneState, 'recommit', watermark) };
    return this.#store(work, { ...nothing, letGo: NO_PLACE });
  }

  async #finish(work: Unfinished): Promise<CommitDraft> {
    const { waits, watermark } = work;
    return this.#store(work, await this.#letGo(dueOf(waits, watermark), watermark));
  }

  /** Lets go the first part of what is due: as much as one commit may, and as the states of its keys leave room for. */
  async #letGo({ queue, end }: Due, watermark: Watermark): Promise<Release> {
    const first = queue.slice(0, LET_GO_MAX);
    const keys = first.flatMap((held) => keyIn(held) ?? []);
    const { states, missing } = await readStatesWithin(this.#ports.state, this.#job.id, keys);
    const isMissing = (key: string | undefined) => key !== undefined && missing.has(key);
    const unknown = first.findIndex((held) => isMissing(keyIn(held)));
    const next = unknown < 0 ? first : first.slice(0, unknown);
    const last = next.length < queue.length ? next.at(-1) : undefined;
    const until = last ? placeOf(last) : end;
    return release(this.#job, { queue: next, ...(until ? { end: until } : {}) }, watermark, states);
  }

  /** The commit, with what it lets go and what waits from now on. */
  async #store(work: Unfinished, released: Release): Promise<CommitDraft> {
    const { laneState, waits, watermark, adopted } = work;
    const { redo, dead } = released;
    const base = work.complete(dead);
    const { slot, expiresAt } = base.commit;
    const lettingGo = { watermark, ...(released.letGo ? { letGo: released.letGo } : {}) };
    // One that was set at the very place where letting go stopped has nothing more to do.
    const timers = released.timers.filter((timer) => isWaiting(timer, lettingGo));
    const { held: old, states, from } = await this.#oldOnes(work, lettingGo, expiresAt);
    const fresh = [...adopted.held, ...work.brought].filter((held) => isWaiting(held, lettingGo));
    const held = [...fresh, ...timers, ...old];
    const run = runOf(slot, expiresAt, held);
    const after = waitsAfter(waits, { ...lettingGo, run, timers, from });
    const kept = new Map([...adopted.states, ...states, ...redo.states]);
    const marks = marksFor(after, released.letGo, adopted.next);
    const parts = { held, redo: { ...redo, states: kept }, marks };
    const draft = withPatternParts(base, {
      lane: laneState.lane,
      lastArrival: work.lastArrival,
      ...parts,
    });
    this.#known.set(draft.commit, after);
    return draft;
  }

  /**
   * What waits in commits that have used up half of their time to live is recommitted, and all that came before it: however
   * long it waits, the log still has it. So is what is strewn over too many commits.
   */
  async #oldOnes(
    { laneState, waits }: Unfinished,
    lettingGo: LettingGo,
    expiresAt: ProcessingTime,
  ) {
    const { runs, after } = waits;
    const youngFrom = earlier(expiresAt, half(this.#settings.logRetention));
    const old = runs.findLastIndex((run) => !isAfter(run.expiresAt, youngFrom)) + 1;
    const count = Math.max(old, runs.length - RUNS_MAX);
    const first = runs[0];
    if (count === 0 || !first) return { ...NO_PORTION, from: undefined };
    const { slot: to } = runs[count - 1] ?? first;
    const from = { slot: first.slot, ...(after ? { after } : {}) };
    const bounds = { lane: laneState.lane, from, to, ...lettingGo };
    const { next, ...again } = await recommit(this.#ports.state, this.#job, bounds);
    return { ...again, from: next ?? { slot: runs[count]?.slot ?? Number.POSITIVE_INFINITY } };
  }
}

interface Unfinished {
  readonly laneState: LaneState;
  /** With what is taken over and what has come now. */
  readonly waits: Waits;
  readonly adopted: Portion<Adopting>;
  readonly brought: readonly Held[];
  readonly watermark: Watermark;
  readonly lastArrival: ArrivalTime | undefined;
  /** The commit, with events on which the job's own code threw just now. */
  complete(dead: readonly SideEvent[]): CommitDraft;
}

/** Undefined where the job's code cannot read the event any more. */
function keyIn(held: Held): string | undefined {
  if (held.kind === 'timer') return held.key;
  return 'key' in held.content ? held.content.key : undefined;
}

/** How far the watermark goes without a record. */
function target({ near, lastEvent }: Waits, why: Advance, laneState: LaneState): Watermark {
  const { watermark } = progressOf(laneState);
  if (why === 'recommit' || why === 'letGo') return watermark;
  const reached = lastEvent === undefined ? watermark : latest(watermark, justPast(lastEvent));
  const last = near.at(-1);
  return why === 'endOfInput' && last ? latest(reached, passing(last)) : reached;
}
