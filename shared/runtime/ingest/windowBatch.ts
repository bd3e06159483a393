/**
 * A window job's batch: drafts the commit of the longest run of entries whose effect fits one item.
 * Owns how long that run is. What the entries come to is `windowFold.ts`'s; what a gate's commit says of the lane's keys is
 * `lanes/laneStores.ts`'s.
 */
import { type GatedJob, isGated } from '../../job/traits.ts';
import type { WindowJob } from '../../job/windowJob.ts';
import { earlier, type ProcessingTime, since } from '../../model/time.ts';
import { arrivalStep, NO_EFFECTS, stepOf } from '../../operators/keyed/keyedState.ts';
import type { IsForgotten, KeyedStore } from '../../operators/keyed/keyedStore.ts';
import { type Fold, foldWindow } from '../../operators/window/windowFold.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Entry } from '../../records/entry.ts';
import { encodeAccumulator, encodeContents } from '../../state/lane/sliceContent.ts';
import { earliestArrival, isAging } from '../../state/retention.ts';
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
  quietAdvance,
} from '../lanes/commitDraft.ts';
import type { LaneStores } from '../lanes/laneStores.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';

/** A commit's slice contents stay below this: 400 KB less keys, numbers, and what is inline beside them. */
const DELTA_BYTES_MAX = 320 * 1024;
const TOO_LARGE = `the event's effect alone does not fit ${DELTA_BYTES_MAX} bytes`;

export function createWindowBatcher(
  job: WindowJob,
  ports: Ports,
  settings: EngineSettings,
  stores: LaneStores,
): Batcher {
  const tries = new WeakMap<readonly Entry[], number>();
  const admitEntries = createAdmitter(job, ports, settings);
  const gated = isGated(job) ? { gate: job.gate, stores } : undefined;
  const context = { job, ports, settings, gated, tries, admitEntries };
  return {
    build: (request) =>
      gated?.stores.isAdopting(request)
        ? takeOver(context, gated, request)
        : build(context, request),
    advance: gated ? gatedAdvance(context, gated) : quietAdvance(job, ports, settings),
  };
}

interface Context {
  readonly job: WindowJob;
  readonly ports: Ports;
  readonly settings: EngineSettings;
  /** Of a job with a gate. */
  readonly gated: Gated | undefined;
  /**
   * Of entries whose effect does not fit one commit: how many to try for the next. To try all that are left each time
   * would fold a hundred thousand entries for every few that fit.
   */
  readonly tries: WeakMap<readonly Entry[], number>;
  readonly admitEntries: Admitter;
}

interface Gated {
  readonly gate: GatedJob['gate'];
  readonly stores: LaneStores;
}

async function build(context: Context, request: BatchRequest): Promise<CommitDraft> {
  const { job, ports, settings, gated, tries, admitEntries } = context;
  const { lane, entries, at } = request;
  const now = ports.clock.now();
  const tried = Math.min(entries.length, at + (tries.get(entries) ?? entries.length));
  const { to: most, ...admissions } = await admitEntries(request, tried, now);
  const atStore = gated && { ...gated, store: await gated.stores.at(request) };
  const lastArrival = lastArrivalOf(request);
  const gate = atStore ? { gate: { states: atStore.store, lastArrival } } : {};
  const range = { stream: lane.stream, entries, from: at, ...admissions, ...gate };
  const commit = { job, ports, settings, request, now, gated: atStore };
  const start = progressOf(request);
  // By halving, to the longest run whose commit fits.
  for (let to = most; to > at; to = at + Math.floor((to - at) / 2)) {
    const fold = foldWindow(job, start, { ...range, to });
    const deltas = fold.deltas.length > 0 ? encodeDeltas(job, fold) : undefined;
    if (deltas && deltas.length > DELTA_BYTES_MAX) continue;
    if (to < most || tries.has(entries)) tries.set(entries, 2 * (to - at));
    return draftFrom(commit, fold, deltas);
  }
  // Not even the first entry's effect fits, which no retry will change.
  tries.delete(entries);
  const poison = new Map([[entries[at] as Entry, TOO_LARGE]]);
  const fold = foldWindow(job, start, { ...range, to: at + 1, poison });
  return draftFrom(commit, fold, undefined);
}

/** A child's lane has its parents' keys before its first record. */
async function takeOver(
  context: Context,
  { stores }: Gated,
  laneState: LaneState,
): Promise<CommitDraft> {
  const store = await stores.at(laneState);
  const base = quietDraft(context, laneState, 'recommit');
  return stores.adopt(base, laneState, store);
}

/** What a gate's lane says without a record: parts of its snapshot are put anew before they expire. */
const gatedAdvance =
  (context: Context, gated: Gated): Batcher['advance'] =>
  async (laneState, why) => {
    const { settings } = context;
    const { stores } = gated;
    if (stores.isAdopting(laneState)) return takeOver(context, gated, laneState);
    const { head, lane } = laneState;
    const base = quietDraft(context, laneState, why);
    const now = earlier(base.commit.expiresAt, settings.logRetention);
    if (head?.keptExpires !== undefined && !isAging(head.keptExpires, settings.logRetention, now)) {
      return base;
    }
    const store = await stores.at(laneState);
    const isForgotten = forgottenBehind(context, gated, laneState);
    return stores.withStore(base, lane, { store, effects: NO_EFFECTS, isForgotten });
  };

const quietDraft = (
  { job, ports, settings }: Pick<Context, 'job' | 'ports' | 'settings'>,
  laneState: LaneState,
  why: Advance,
): CommitDraft => draftQuietCommit(job, settings, { laneState, why, now: ports.clock.now() });

/** What the lane's arrival clock has passed behind its head: a commit that is only tried passes nothing. */
function forgottenBehind(
  { settings: { streamRetention }, ports }: Pick<Context, 'settings' | 'ports'>,
  { gate: { stateRetention } }: Gated,
  laneState: LaneState,
): IsForgotten {
  const coming = earliestArrival(lastArrivalOf(laneState), streamRetention, ports.clock.now());
  const now = stepOf(coming, arrivalStep(stateRetention));
  return ({ arrival }) => since(arrival, now) > stateRetention;
}

interface CommitContext extends Pick<Context, 'job' | 'ports' | 'settings'> {
  readonly request: BatchRequest;
  readonly now: ProcessingTime;
  /** With the store as it is before the commit. */
  readonly gated: (Gated & { readonly store: KeyedStore }) | undefined;
}

function draftFrom(
  { job, ports, settings, request, now, gated }: CommitContext,
  fold: Fold,
  deltas: Uint8Array | undefined,
): CommitDraft {
  const { to } = fold;
  const base = draftCommit(job, settings, { request, to, now }, fold);
  const commit = { ...base.commit, ...(deltas ? { deltas } : {}) };
  if (!gated || !fold.gate) return { ...base, commit };
  const { lastArrival, effects } = fold.gate;
  const arrived = { ...commit, ...(lastArrival === undefined ? {} : { lastArrival }) };
  const isForgotten = forgottenBehind({ settings, ports }, gated, request);
  const { stores, store } = gated;
  const gatedDraft = { ...base, commit: arrived };
  return stores.withStore(gatedDraft, request.lane, { store, effects, isForgotten });
}

function encodeDeltas(job: WindowJob, fold: Fold): Uint8Array {
  return encodeContents(
    fold.deltas.map(({ slice, edition, events, accumulator }) => ({
      slice,
      edition,
      events,
      bytes: encodeAccumulator(job.aggregate, accumulator),
    })),
  );
}
