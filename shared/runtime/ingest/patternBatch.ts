/**
 * A pattern job's batch: takes events in, and gives the pattern what the watermark has passed. All of it is in the
 * commit: what waits from now on, the new states, the alerts.
 *
 * 1. The watermark that events are judged by follows from the records alone. How far it has let go is a mark of its own: a
 *    commit lets go a bounded part of what is due, in order, and the next goes on from there, with records or without.
 * 2. So neither starves: each commit takes its share of the records and lets go its share of what is due.
 * 3. What a commit needs in memory is bounded (`EVENTS_MAX`, `LET_GO_MAX`, `waits.ts`), however much waits.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { NO_COUNTS } from '../../model/counts.ts';
import { laneName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  type EventTime,
  earlier,
  earliest,
  half,
  isAfter,
  latest,
  type ProcessingTime,
  type Watermark,
} from '../../model/time.ts';
import { type SideEvent, withSide } from '../../operators/intake/progress.ts';
import type { IsForgotten, KeyedStore } from '../../operators/keyed/keyedStore.ts';
import {
  type Held,
  isWaiting,
  justPast,
  type LettingGo,
  NO_PLACE,
  passing,
  placeOf,
} from '../../operators/pattern/held.ts';
import { forgottenBy, timersOf, withoutOver } from '../../operators/pattern/keptMatches.ts';
import { takeInPattern } from '../../operators/pattern/patternIntake.ts';
import { LET_GO_MAX, type Release, release } from '../../operators/pattern/patternRelease.ts';
import {
  arrivedFrom,
  type Due,
  dueOf,
  NOTHING_WAITS,
  runOf,
  type Waits,
  waitsAfter,
  withEvents,
} from '../../operators/pattern/waits.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { earliestArrival } from '../../state/retention.ts';
import {
  type Advance,
  type Batcher,
  type BatchRequest,
  type CommitDraft,
  draftCommit,
  draftQuietCommit,
  type LaneState,
  lastArrivalOf,
  progressOf,
} from '../lanes/commitDraft.ts';
import type { LaneStores } from '../lanes/laneStores.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';
import { marksFor, withPatternParts } from './patternCommit.ts';
import { readOn, readWaits, recommit } from './waiting.ts';

/** Events that one commit takes in. */
const EVENTS_MAX = 5_000;
/** Commits over which what waits is strewn; of more, the oldest are recommitted by the next ones. */
const RUNS_MAX = 4_000;

export class PatternBatcher implements Batcher {
  readonly #job: PatternJob;
  readonly #ports: Ports;
  readonly #settings: EngineSettings;
  readonly #stores: LaneStores;
  readonly #admitEntries: Admitter;
  /** What waits behind each commit that was drafted here: by the object, since another commit may have taken its slot. */
  readonly #known = new WeakMap<Commit, Waits>();
  /** By lane: the head of a silent one is the same in every run of `fireTimers`, so its log is read for the first run only. */
  readonly #lastEvents = new Map<string, { readonly slot: number; readonly at?: EventTime }>();

  constructor(job: PatternJob, ports: Ports, settings: EngineSettings, stores: LaneStores) {
    this.#job = job;
    this.#ports = ports;
    this.#settings = settings;
    this.#stores = stores;
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
    if (this.#stores.isAdopting(request)) return this.#takeOver(request);
    const before = await this.#waitsBehind(request);
    const { entries, at } = request;
    const now = this.#ports.clock.now();
    const admissions = await this.#admitEntries(request, entries.length, now);
    const intake = takeInPattern(this.#job, progressOf(request), {
      stream: request.lane.stream,
      entries,
      from: at,
      ...admissions,
      eventsMax: EVENTS_MAX,
      heldUntil: before.lastEvent,
      lastArrival: lastArrivalOf(request),
      idleAfter: this.#settings.idleAfter,
    });
    const { brought, watermark, lastArrival, to } = intake;
    const complete = (dead: readonly SideEvent[]) =>
      draftCommit(this.#job, this.#settings, { request, to, now }, withSide(intake, dead));
    const waits = withEvents(before, brought);
    const work = { laneState: request, before, waits, brought, watermark, lastArrival, complete };
    return this.#finish(work);
  }

  async advance(laneState: LaneState, why: Advance): Promise<CommitDraft> {
    if (this.#stores.isAdopting(laneState)) return this.#takeOver(laneState);
    const waits = await this.#waitsBehind(laneState);
    const quietly = this.#quietly(laneState, why, target(waits, why, laneState));
    return this.#finish({ laneState, before: waits, waits, ...quietly });
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

  #quietly(laneState: LaneState, why: Advance, watermark: Watermark) {
    const now = this.#ports.clock.now();
    const nothing = { watermark, counts: NO_COUNTS, side: [] };
    const complete = (dead: readonly SideEvent[]) =>
      draftQuietCommit(this.#job, this.#settings, { laneState, why, now }, withSide(nothing, dead));
    return { brought: [], watermark, lastArrival: lastArrivalOf(laneState), complete };
  }

  /**
   * Until a lane has all keys of its parents, its commits take those over and let nothing go: any may come first. What their
   * partial matches wait for follows from them.
   */
  async #takeOver(laneState: LaneState): Promise<CommitDraft> {
    const waits = await this.#waitsBehind(laneState);
    const store = await this.#stores.at(laneState);
    const { watermark } = progressOf(laneState);
    const { complete, lastArrival } = this.#quietly(laneState, 'recommit', watermark);
    let after = waits;
    const draft = this.#stores.adopt(complete([]), laneState, store, (base, entries) => {
      const timers = timersOf(this.#job, entries);
      const { slot, expiresAt } = base.commit;
      const run = runOf(slot, expiresAt, timers);
      after = waitsAfter(waits, { watermark, letGo: NO_PLACE, run, timers, from: undefined });
      const marks = marksFor(after, NO_PLACE);
      return withPatternParts(base, { lane: laneState.lane, lastArrival, held: timers, marks });
    });
    this.#known.set(draft.commit, after);
    return draft;
  }

  async #finish(work: Unfinished): Promise<CommitDraft> {
    const { waits, watermark, laneState } = work;
    const due = dueOf(waits, watermark);
    const store = await this.#stores.at(laneState);
    // Should the store have moved on when what waits is read again, `withStore` refuses the draft.
    const released = this.#letGo(due, watermark, store);
    return this.#store(work, released, store);
  }

  /** Lets go the first part of what is due: as much as one commit may. */
  #letGo({ queue, end }: Due, watermark: Watermark, store: KeyedStore): Release {
    const next = queue.slice(0, LET_GO_MAX);
    const last = next.length < queue.length ? next.at(-1) : undefined;
    const until = last ? placeOf(last) : end;
    return release(this.#job, { queue: next, ...(until ? { end: until } : {}) }, watermark, store);
  }

  /** The commit, with what it lets go and what waits from now on. */
  async #store(work: Unfinished, released: Release, store: KeyedStore): Promise<CommitDraft> {
    const { laneState, waits, watermark, lastArrival } = work;
    const { effects: all, dead } = released;
    const { lane } = laneState;
    const base = work.complete(dead);
    const { slot, expiresAt } = base.commit;
    const lettingGo = { watermark, ...(released.letGo ? { letGo: released.letGo } : {}) };
    // One that was set at the very place where letting go stopped has nothing more to do.
    const timers = released.timers.filter((timer) => isWaiting(timer, lettingGo));
    const { held: old, from } = await this.#oldOnes(work, lettingGo, expiresAt);
    const fresh = work.brought.filter((held) => isWaiting(held, lettingGo));
    const held = [...fresh, ...timers, ...old];
    const run = runOf(slot, expiresAt, held);
    const after = waitsAfter(waits, { ...lettingGo, run, timers, from });
    const marks = marksFor(after, released.letGo);
    const changes = withoutOver(this.#job, all.changes, store, lettingGo);
    const effects = { ...all, changes };
    const isForgotten = this.#forgottenBehind(laneState, work.before);
    const draft = this.#stores.withStore(
      withPatternParts(base, { lane, lastArrival, held, marks }),
      lane,
      { store, effects, isForgotten },
    );
    this.#known.set(draft.commit, after);
    return draft;
  }

  /** Of what is kept behind the head: a commit that is only tried passes nothing. */
  #forgottenBehind(laneState: LaneState, waits: Waits): IsForgotten {
    const { watermark } = progressOf(laneState);
    const letGo = laneState.head?.letGo;
    const { streamRetention } = this.#settings;
    const coming = earliestArrival(
      lastArrivalOf(laneState),
      streamRetention,
      this.#ports.clock.now(),
    );
    const from = earliest(arrivedFrom(waits) ?? coming, coming);
    const come = { watermark, ...(letGo ? { letGo } : {}), arrivedFrom: from };
    return forgottenBy(this.#job, come);
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
    if (count === 0 || !first) return { held: [], from: undefined };
    const { slot: to } = runs[count - 1] ?? first;
    const from = { slot: first.slot, ...(after ? { after } : {}) };
    const bounds = { lane: laneState.lane, from, to, ...lettingGo };
    const { held, next } = await recommit(this.#ports.state, this.#job, bounds);
    return { held, from: next ?? { slot: runs[count]?.slot ?? Number.POSITIVE_INFINITY } };
  }
}

interface Unfinished {
  readonly laneState: LaneState;
  /** Behind the head. */
  readonly before: Waits;
  /** With what has come now. */
  readonly waits: Waits;
  readonly brought: readonly Held[];
  readonly watermark: Watermark;
  readonly lastArrival: ArrivalTime | undefined;
  /** The commit, with events on which the job's own code threw just now. */
  complete(dead: readonly SideEvent[]): CommitDraft;
}

/** How far the watermark goes without a record. */
function target({ near, lastEvent }: Waits, why: Advance, laneState: LaneState): Watermark {
  const { watermark } = progressOf(laneState);
  if (why === 'recommit' || why === 'letGo') return watermark;
  const reached = lastEvent === undefined ? watermark : latest(watermark, justPast(lastEvent));
  const last = near.at(-1);
  return why === 'endOfInput' && last ? latest(reached, passing(last)) : reached;
}
