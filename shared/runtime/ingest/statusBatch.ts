/**
 * A batch of a status job on one stream: merges its events into the lane's keys, lets timers fire, and says both in the commit. The
 * rows follow from it (`lanes/putRows.ts`).
 *
 * 1. A key that the store does not know is read from its row, where all keys have one: strongly, and behind a head whose rows are
 *    put. So the row has all that the lane ever said of the key.
 * 2. What one commit may take is bounded in events, in bytes of states, and in timers: of what is due, and of what records bring, neither
 *    keeps the other waiting.
 */
import type { StatusJob } from '../../job/statusJob.ts';
import type { StreamName } from '../../model/lane.ts';
import { type EventTime, earlier, latest, NO_WATERMARK, type Watermark } from '../../model/time.ts';
import { readerOf } from '../../operators/intake/judge.ts';
import { withSide } from '../../operators/intake/progress.ts';
import type { KeptState, KeyedStates } from '../../operators/keyed/keyedState.ts';
import type { IsForgotten, KeyedStore } from '../../operators/keyed/keyedStore.ts';
import { takeInForwarded } from '../../operators/status/forwardedIntake.ts';
import { ALL_PASSED, leftOutAt } from '../../operators/status/keptStatus.ts';
import {
  inheritedClocks,
  NO_SOURCES,
  type SourceClocks,
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
import { valueWeight } from '../../ports/valueWeight.ts';
import { keptInRow } from '../../state/keyed/statusRows.ts';
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
} from '../lanes/commitDraft.ts';
import { flushedUpTo } from '../lanes/flush.ts';
import type { LaneStores } from '../lanes/laneStores.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admissions, type Admitter, createAdmitter } from './admitEntries.ts';

/** Events of one commit. */
const EVENTS_MAX = 2_500;
/** Rows that are read at a time, and what all that a commit needs may take in memory; the last ones may bring more. */
const ROWS_AT_ONCE = 200;
const ROWS_BYTES_MAX = 16 * 1024 * 1024;

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
      const known = await this.#known(store, taken.events);
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
      const { events: _events, lastArrival, sources, ...intake } = taken;
      const side = withSide(intake, fold.side);
      const base = draftCommit(this.#job, this.#settings, { request, to: taken.to, now }, side);
      const { watermark } = intake;
      const arrived = lastArrival === undefined ? {} : { lastArrival };
      const heard = sources ? { sources } : {};
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
    return this.#withStore(base, laneState, { store, fold, upTo });
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
    const sources = new SourceClocksDraft(head?.sources ?? NO_SOURCES, lives);
    const taken = takeInForwarded(this.#job, progressOf(request), range, sources);
    return { ...taken, sources: sources.finish() };
  }

  /** What is kept of the keys of these events: as far as that is read, where it takes too much. */
  async #known(store: KeyedStore, events: readonly StatusEntry[]): Promise<Known> {
    if (this.#job.rows.of !== 'all') return { states: store, isRead: () => true };
    const unknown = new Set(events.map(({ key }) => key).filter((key) => !store.get(key)));
    const read = await this.#readRows([...unknown]);
    return {
      states: { get: (key) => store.get(key) ?? read.states.get(key) },
      isRead: (key) => !unknown.has(key) || read.keys.has(key),
    };
  }

  async #readRows(keys: readonly string[]) {
    const states = new Map<string, KeptState>();
    let upTo = 0;
    for (let bytes = 0; upTo < keys.length && bytes < ROWS_BYTES_MAX; upTo += ROWS_AT_ONCE) {
      const some = keys.slice(upTo, upTo + ROWS_AT_ONCE).map((pk) => ({ pk, sk: '' }));
      for (const item of await this.#rows.batchGet(some, 'strong')) {
        const [key, kept] = keptInRow(this.#job, item);
        states.set(key, kept);
        bytes += valueWeight(kept.state ?? null);
      }
    }
    return { states, keys: new Set(keys.slice(0, upTo)) };
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

  #foldOver({ lane }: Pick<LaneState, 'lane'>, states: KeyedStates): StatusFold {
    return new StatusFold(this.#job, readerOf(this.#job, lane.stream).source, states);
  }

  #withStore(base: CommitDraft, laneState: LaneState, { store, fold, upTo }: Firing): CommitDraft {
    const next = fold.fire(base.commit.watermark, upTo, store);
    const { effects } = fold;
    const isForgotten = this.#leftOutBehind(laneState);
    return this.#stores.withStore(withNextTimer(base, next), laneState.lane, {
      store,
      effects,
      isForgotten,
    });
  }

  /** A child's lane has its parents' keys before its first record, and their timers with them. */
  async #takeOver(laneState: LaneState): Promise<CommitDraft> {
    const store = await this.#stores.at(laneState);
    const { next } = store.due(NOTHING_DUE);
    const quiet = withNextTimer(this.#quietly(laneState, 'recommit'), next);
    const sources = await this.#sourcesOfParents(laneState);
    const base = sources ? { ...quiet, commit: { ...quiet.commit, sources } } : quiet;
    return this.#stores.adopt(base, laneState, store);
  }

  /** Of a repartition stream's lane, before its first commit. */
  async #sourcesOfParents(laneState: LaneState): Promise<SourceClocks | undefined> {
    if (!this.#isForwarded || laneState.head) return undefined;
    const heads = await this.#stores.headsOfParents(laneState);
    return inheritedClocks(heads.map(({ sources = NO_SOURCES }) => sources));
  }

  #quietly(laneState: LaneState, why: Advance): CommitDraft {
    const now = this.#ports.clock.now();
    return draftQuietCommit(this.#job, this.#settings, { laneState, why, now });
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
    const { streamRetention } = this.#settings;
    const now = this.#ports.clock.now();
    const arrival = earliestArrival(lastArrivalOf(laneState), streamRetention, now);
    return leftOutAt(this.#job, { arrival, watermark: progressOf(laneState).watermark });
  }
}

interface TakenIn extends StatusIntake {
  /** Of a repartition stream. */
  readonly sources?: SourceClocks;
}

interface Known {
  readonly states: KeyedStates;
  isRead(key: string): boolean;
}

interface Firing {
  readonly store: KeyedStore;
  readonly fold: StatusFold;
  readonly upTo: Watermark;
}

const NOTHING_DUE = {
  upTo: NO_WATERMARK,
  keysMax: 0,
  bytesMax: 0,
  bytesOf: () => 0,
  except: new Set<string>(),
};

function withNextTimer(base: CommitDraft, nextTimer: EventTime | undefined): CommitDraft {
  const { nextTimer: _before, ...commit } = base.commit;
  return { ...base, commit: { ...commit, ...(nextTimer === undefined ? {} : { nextTimer }) } };
}
