/**
 * A batch of a status job on one stream: merges its events into the lane's keys, lets timers fire, and says both in the commit. The
 * rows follow from it (`lanes/putRows.ts`).
 *
 * What one commit may take is bounded in events, in bytes of states, and in timers: of what is due, and of what records bring, neither
 * keeps the other waiting.
 */
import type { StatusJob } from '../../job/statusJob.ts';
import { NO_COUNTS } from '../../model/counts.ts';
import type { StreamName } from '../../model/lane.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type EventTime,
  earlier,
  earliest,
  latest,
  NO_WATERMARK,
  type Watermark,
} from '../../model/time.ts';
import { readerOf } from '../../operators/intake/judge.ts';
import { withSide } from '../../operators/intake/progress.ts';
import { aheadBytesOf, type KeyedStates } from '../../operators/keyed/keyedState.ts';
import type { IsForgotten, KeyedStore } from '../../operators/keyed/keyedStore.ts';
import { ALL_ARRIVED, LANE_AHEAD_BYTES_MAX, NO_FRONTIER } from '../../operators/status/ahead.ts';
import { rereadBy, takeInForwarded } from '../../operators/status/forwardedIntake.ts';
import { ALL_PASSED, leftOutAt } from '../../operators/status/keptStatus.ts';
import {
  inheritedClocks,
  NO_SOURCES,
  SourceClocksDraft,
} from '../../operators/status/sourceClocks.ts';
import { StatusFold } from '../../operators/status/statusFold.ts';
import {
  type StatusEntry,
  type StatusIntake,
  takeInStatus,
} from '../../operators/status/statusIntake.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Table } from '../../ports/table.ts';
import type { Commit } from '../../state/lane/laneLog.ts';
import { earliestArrival, isAging, nameLifeOf } from '../../state/retention.ts';
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
  type Quiet,
} from '../lanes/commitDraft.ts';
import { flushedUpTo } from '../lanes/flush.ts';
import type { LaneStores } from '../lanes/laneStores.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admissions, type Admitter, createAdmitter } from './admitEntries.ts';
import { type Known, knownOf } from './knownKeys.ts';

/** Events of one commit. */
const EVENTS_MAX = 2_500;

export class StatusBatcher implements Batcher {
  readonly #job: StatusJob;
  readonly #ports: Ports;
  readonly #settings: EngineSettings;
  readonly #stores: LaneStores;
  readonly #rows: Table;
  readonly #admitEntries: Admitter;
  readonly #isForwarded: boolean;
  readonly #forwarded: readonly StreamName[];

  /** @param forwarded the streams from which its lanes' events were forwarded; without them, its lanes read their source themselves */
  constructor(
    job: StatusJob,
    ports: Ports,
    settings: EngineSettings,
    stores: LaneStores,
    forwarded: readonly StreamName[] = [],
  ) {
    this.#forwarded = forwarded;
    this.#isForwarded = forwarded.length > 0;
    this.#job = job;
    this.#ports = ports;
    this.#settings = settings;
    this.#stores = stores;
    this.#rows = ports.results(job.table.name);
    const placedBy = this.#isForwarded ? 'engine' : 'producers';
    this.#admitEntries = createAdmitter(job, ports, settings, placedBy);
  }

  async build(request: BatchRequest): Promise<CommitDraft> {
    if (this.#stores.isAdopting(request)) return this.#takeOver(request);
    const now = this.#ports.clock.now();
    const admitted = await this.#admitEntries(request, request.entries.length, now);
    const store = await this.#stores.at(request);
    store.sweep(this.#leftOutBehind(request));
    let { to } = admitted;
    for (;;) {
      const taken = this.#takeIn(request, { ...admitted, to });
      const known = await knownOf(this.#job, this.#rows, store, taken.events);
      const { fold, cut } = this.#merge(request, known, taken.events);
      if (cut) {
        to = request.entries.indexOf(cut.entry);
        if (to > request.at) continue;
        // The life of a key ends, and nothing but that.
        return this.#withStore(this.#quietly(request, 'letGo'), request, {
          store,
          fold,
          upTo: NO_WATERMARK,
        });
      }
      const { events: _events, lastArrival, heard, ...intake } = taken;
      if (heard) this.#release(fold, store, heard.frontier ?? NO_FRONTIER);
      const side = withSide(intake, fold.side);
      const base = draftCommit(this.#job, this.#settings, { request, to: taken.to, now }, side);
      const { watermark } = intake;
      const arrived = lastArrival === undefined ? {} : { lastArrival };
      const draft = { ...base, commit: { ...base.commit, ...arrived, ...heard } };
      return this.#withStore(draft, request, { store, fold, upTo: watermark });
    }
  }

  async advance(laneState: LaneState, why: Advance): Promise<CommitDraft> {
    if (this.#stores.isAdopting(laneState)) return this.#takeOver(laneState);
    const base = this.#quietly(laneState, why);
    const upTo = this.#timersUpTo(laneState, why);
    if (upTo === NO_WATERMARK && !this.#isAging(laneState, base)) return base;
    const store = await this.#stores.at(laneState);
    const fold = this.#foldOver(laneState, store);
    if (why === 'endOfInput') this.#release(fold, store, ALL_ARRIVED);
    const counted = this.#withDead(base, laneState, fold);
    return this.#withStore(counted, laneState, { store, fold, upTo });
  }

  #takeIn(request: BatchRequest, admissions: Admissions): TakenIn {
    const { lane, head, entries, at } = request;
    const range = {
      stream: lane.stream,
      entries,
      from: at,
      ...admissions,
      eventsMax: EVENTS_MAX,
      lastArrival: lastArrivalOf(request),
    };
    if (!this.#isForwarded) return takeInStatus(this.#job, progressOf(request), range);
    const { idleAfter, streamRetention } = this.#settings;
    const keptFor = nameLifeOf(streamRetention);
    const lives = { streams: this.#forwarded, idleAfter, keptFor };
    const clocks = new SourceClocksDraft(head?.sources ?? NO_SOURCES, lives);
    const sources = { clocks, frontier: head?.frontier ?? NO_FRONTIER };
    const taken = takeInForwarded(this.#job, progressOf(request), range, sources);
    const { frontier } = sources;
    const known = frontier === NO_FRONTIER ? {} : { frontier };
    return { ...taken, heard: { sources: clocks.finish(), ...known } };
  }

  /** Takes what waited for the frontier: as much as a commit has room for. */
  #release(fold: StatusFold, store: KeyedStore, frontier: ArrivalTime): void {
    const { changes } = fold.effects;
    const isTooMuch = store.aheadBytes > LANE_AHEAD_BYTES_MAX;
    const reached = isTooMuch ? ALL_ARRIVED : frontier;
    const touched = [...changes].filter(([, { ahead }]) => ahead);
    const due = store.dueAhead({ ...RELEASED_MAX, upTo: reached, except: changes });
    for (const [key] of touched) fold.release(key, frontier);
    for (const [key] of due.entries) {
      if (fold.effects.isFull) return;
      fold.release(key, reached);
    }
  }

  /** Up to the first event that one commit has no room for. */
  #merge(request: LaneState, { states, isRead }: Known, events: readonly StatusEntry[]) {
    const fold = this.#foldOver(request, states);
    for (const event of events) {
      if (fold.effects.isFull || !isRead(event.key)) return { fold, cut: event };
      if (fold.merge(event) === 'cut') return { fold, cut: event };
    }
    return { fold, cut: undefined };
  }

  #foldOver(laneState: LaneState, states: KeyedStates): StatusFold {
    const reader = readerOf(this.#job, laneState.lane.stream);
    const { partitionKey } = reader.source;
    const { watermark } = progressOf(laneState);
    const lane = { partitionKey, watermark, reread: rereadBy(reader, watermark) };
    return new StatusFold(this.#job, lane, states);
  }

  #withStore(base: CommitDraft, laneState: LaneState, { store, fold, upTo }: Firing): CommitDraft {
    const next = fold.fire(base.commit.watermark, upTo, store);
    const { effects } = fold;
    const isForgotten = this.#leftOutBehind(laneState);
    const draft = withAwaited(base, { next, ahead: fold.nextAhead(store) });
    return this.#stores.withStore(draft, laneState.lane, {
      store,
      effects,
      isForgotten,
    });
  }

  /** A child's lane has its parents' keys before its first record, and their timers with them. */
  async #takeOver(laneState: LaneState): Promise<CommitDraft> {
    const store = await this.#stores.at(laneState);
    const { next } = store.due({ ...NOTHING_DUE, upTo: NO_WATERMARK });
    const { next: ahead } = store.dueAhead({ ...NOTHING_DUE, upTo: NO_FRONTIER });
    const quiet = withAwaited(this.#quietly(laneState, 'recommit'), { next, ahead });
    const heard = await this.#heardByParents(laneState);
    const base = { ...quiet, commit: { ...quiet.commit, ...heard } };
    return this.#stores.adopt(base, laneState, store);
  }

  /** Of a repartition stream's lane, before its first commit. */
  async #heardByParents(laneState: LaneState): Promise<Heard | undefined> {
    if (!this.#isForwarded || laneState.head) return undefined;
    const heads = await this.#stores.headsOfParents(laneState);
    const sources = inheritedClocks(heads.map((head) => head.sources ?? NO_SOURCES));
    const frontiers = heads.map(({ frontier = NO_FRONTIER }) => frontier);
    const frontier = frontiers.length === 0 ? NO_FRONTIER : frontiers.reduce(earliest);
    return { sources, ...(frontier === NO_FRONTIER ? {} : { frontier }) };
  }

  /** With the dead letters of a commit of no record. */
  #withDead(base: CommitDraft, laneState: LaneState, { side }: StatusFold): CommitDraft {
    if (side.length === 0) return base;
    const { counts } = withSide({ counts: NO_COUNTS, side: [] }, side);
    const { watermark } = base.commit;
    return this.#quietly(laneState, 'endOfInput', { watermark, counts, side });
  }

  #quietly(laneState: LaneState, why: Advance, quiet?: Quiet): CommitDraft {
    const now = this.#ports.clock.now();
    return draftQuietCommit(this.#job, this.#settings, { laneState, why, now }, quiet);
  }

  /** How far timers fire without a record. */
  #timersUpTo(laneState: LaneState, why: Advance): Watermark {
    const { watermark } = progressOf(laneState);
    if (why === 'endOfInput') return ALL_PASSED;
    if (why === 'letGo') return watermark;
    if (why !== 'flush' || !laneState.head) return NO_WATERMARK;
    const now = this.#ports.clock.now();
    return latest(watermark, flushedUpTo(laneState.head, this.#settings, now));
  }

  /** Whether what the store is restored from has to be put anew. */
  #isAging({ head }: LaneState, { commit }: CommitDraft): boolean {
    const { logRetention } = this.#settings;
    const now = earlier(commit.expiresAt, logRetention);
    return head?.keptExpires === undefined || isAging(head.keptExpires, logRetention, now);
  }

  #leftOutBehind(laneState: LaneState): IsForgotten {
    if (this.#isForwarded && this.#job.rows.of === 'problems') {
      const frontier = laneState.head?.frontier ?? NO_FRONTIER;
      return leftOutAt(this.#job, { arrival: frontier, keeping: frontier });
    }
    const { streamRetention } = this.#settings;
    const now = this.#ports.clock.now();
    const arrival = earliestArrival(lastArrivalOf(laneState), streamRetention, now);
    return leftOutAt(this.#job, { arrival, keeping: progressOf(laneState).watermark });
  }
}

/** Of a repartition stream. */
type Heard = Pick<Commit, 'sources' | 'frontier'>;

interface TakenIn extends StatusIntake {
  readonly heard?: Heard;
}

interface Firing {
  readonly store: KeyedStore;
  readonly fold: StatusFold;
  readonly upTo: Watermark;
}

/** Keys whose events ahead one commit takes. */
const RELEASED_MAX = { keysMax: EVENTS_MAX, bytesMax: 8 * 1024 * 1024, bytesOf: aheadBytesOf };

const NOTHING_DUE = { keysMax: 0, bytesMax: 0, bytesOf: () => 0, except: new Set<string>() };

interface WaitedFor {
  /** The next timer. */
  readonly next: EventTime | undefined;
  /** How far the frontier has to be for what waits ahead. */
  readonly ahead: ArrivalTime | undefined;
}

function withAwaited(base: CommitDraft, { next, ahead }: WaitedFor): CommitDraft {
  const { nextTimer: _timer, nextAhead: _ahead, ...commit } = base.commit;
  const timer = next === undefined ? {} : { nextTimer: next };
  const waits = ahead === undefined ? {} : { nextAhead: latest(ahead, arrivalTime(0)) };
  return { ...base, commit: { ...commit, ...timer, ...waits } };
}
