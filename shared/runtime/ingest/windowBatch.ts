/**
 * A window job's batch: drafts the commit of the longest run of entries whose effect fits one item.
 * Owns how long that run is, and reading what a gate needs. What the entries come to is `windowFold.ts`'s; when the commit
 * of a gated job becomes effective, `applyCommit.ts`'s.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import type { ProcessingTime } from '../../model/time.ts';
import { judge, keyOf, type Reader, readerOf } from '../../operators/intake/judge.ts';
import type { KeyedStates } from '../../operators/redo.ts';
import { type Fold, foldWindow } from '../../operators/window/windowFold.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Entry } from '../../records/entry.ts';
import { readStatesWithin } from '../../state/keyed/keyedStates.ts';
import { packBlob } from '../../state/lane/blob.ts';
import { encodeRedo } from '../../state/lane/redoCodec.ts';
import { encodeAccumulator, encodeContents } from '../../state/lane/sliceContent.ts';
import {
  type Batcher,
  type BatchRequest,
  type CommitDraft,
  draftCommit,
  progressOf,
  quietAdvance,
} from '../lanes/commitDraft.ts';
import type { EngineSettings } from '../settings.ts';
import { type Admitter, createAdmitter } from './admitEntries.ts';

/** A commit's slice contents stay below this: 400 KB less keys, numbers, inline side output and inline redo. */
const DELTA_BYTES_MAX = 360 * 1024;
const TOO_LARGE = `the event's effect alone does not fit ${DELTA_BYTES_MAX} bytes`;
/** Events of one commit where a gate decides: each may change a key, and all of them are put when it is applied. */
const GATED_EVENTS_MAX = 1_000;

export function createWindowBatcher(
  job: WindowJob,
  ports: Ports,
  settings: EngineSettings,
): Batcher {
  const tries = new WeakMap<readonly Entry[], number>();
  const admitEntries = createAdmitter(job, ports, settings);
  return {
    build: (request) => build({ job, ports, settings, tries, admitEntries }, request),
    advance: quietAdvance(job, ports, settings),
  };
}

interface Context {
  readonly job: WindowJob;
  readonly ports: Ports;
  readonly settings: EngineSettings;
  /**
   * Of entries whose effect does not fit one commit: how many to try for the next. To try all that are left each time
   * would fold a hundred thousand entries for every few that fit.
   */
  readonly tries: WeakMap<readonly Entry[], number>;
  readonly admitEntries: Admitter;
}

async function build(context: Context, request: BatchRequest): Promise<CommitDraft> {
  const { job, ports, settings, tries, admitEntries } = context;
  const { lane, entries, at } = request;
  const now = ports.clock.now();
  const tried = Math.min(entries.length, at + (tries.get(entries) ?? entries.length));
  const { to: latest, admissionOf } = await admitEntries(request, tried, now);
  const gate = await gateStates(job, ports, request, latest);
  const most = gate?.to ?? latest;
  const range = {
    stream: lane.stream,
    entries,
    from: at,
    admissionOf,
    ...(gate ? { gate: gate.states } : {}),
  };
  const commit = { job, settings, request, now };
  const start = progressOf(request);
  // By halving, to the longest run whose commit fits.
  for (let to = most; to > at; to = at + Math.floor((to - at) / 2)) {
    const fold = foldWindow(job, start, { ...range, to });
    const deltas = fold.deltas.length > 0 ? encodeDeltas(job, fold) : undefined;
    if (deltas && deltas.length > DELTA_BYTES_MAX) continue;
    if (to < most || tries.has(entries)) tries.set(entries, 2 * (to - at));
    return draftFrom(commit, to, fold, deltas);
  }
  // Not even the first entry's effect fits, which no retry will change.
  tries.delete(entries);
  const poison = new Map([[entries[at] as Entry, TOO_LARGE]]);
  const fold = foldWindow(job, start, { ...range, to: at + 1, poison });
  return draftFrom(commit, at + 1, fold, undefined);
}

/** What the gate knows of the keys of `entries[at..to)`: as far as one commit takes events, and can hold their states. */
async function gateStates(
  job: WindowJob,
  { state }: Ports,
  { lane, entries, at }: BatchRequest,
  latest: number,
): Promise<{ readonly states: KeyedStates; readonly to: number } | undefined> {
  if (!job.gate) return undefined;
  const reader = readerOf(job, lane.stream);
  /** By key, its first entry. */
  const first = new Map<string, number>();
  let to = at;
  for (let events = 0; to < latest && events < GATED_EVENTS_MAX; to += 1) {
    const key = gateKey(job.gate, reader, entries[to] as Entry);
    if (key === undefined) continue;
    events += 1;
    if (!first.has(key)) first.set(key, to);
  }
  const { states, missing } = await readStatesWithin(state, job.id, first.keys());
  for (const key of missing) to = Math.min(to, first.get(key) ?? to);
  return { states, to };
}

/** Undefined where the gate is not asked; the fold finds out why. */
function gateKey(
  gate: NonNullable<WindowJob['gate']>,
  reader: Reader,
  entry: Entry,
): string | undefined {
  const judged = judge(reader, entry);
  if (judged.kind !== 'taken') return undefined;
  try {
    return keyOf(gate, judged.event);
  } catch {
    return undefined;
  }
}

interface CommitContext {
  readonly job: WindowJob;
  readonly settings: EngineSettings;
  readonly request: BatchRequest;
  readonly now: ProcessingTime;
}

function draftFrom(
  { job, settings, request, now }: CommitContext,
  to: number,
  fold: Fold,
  deltas: Uint8Array | undefined,
): CommitDraft {
  const base = draftCommit(job, settings, { request, to, now }, fold);
  const hasRedo = fold.redo && fold.redo.states.size > 0;
  const redo = hasRedo
    ? packBlob(request.lane, encodeRedo(fold.redo), base.commit.expiresAt)
    : undefined;
  const commit = {
    ...base.commit,
    ...(deltas ? { deltas } : {}),
    ...(redo ? { redo: redo.reference } : {}),
  };
  return { ...base, commit, chunks: [...base.chunks, ...(redo?.chunks ?? [])] };
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
