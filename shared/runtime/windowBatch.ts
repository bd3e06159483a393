/** A window job's batch: the effect of the longest run of entries that fits one item. */
import type { WindowJob } from '../job/windowJob.ts';
import type { ProcessingTime } from '../model/time.ts';
import { judge, readerOf } from '../operators/judge.ts';
import { keyOf } from '../operators/keyOf.ts';
import type { KeyedStates } from '../operators/redo.ts';
import { encodeAccumulator, encodeContents } from '../operators/sliceContent.ts';
import { type Fold, foldWindow } from '../operators/windowFold.ts';
import type { Entry } from '../records/entry.ts';
import { packBlob } from '../state/blob.ts';
import { readKeyedStates } from '../state/keyedStates.ts';
import { encodeRedo } from '../state/redo.ts';
import {
  admitRedriven,
  type Batcher,
  type BatchPorts,
  commitOf,
  type Prefix,
  type PrefixRequest,
  progressOf,
  quietCommit,
} from './batch.ts';
import type { EngineSettings } from './settings.ts';

/** A commit's slice contents stay below this: 400 KB less keys, numbers, inline side output and inline redo. */
const DELTA_BYTES_MAX = 360 * 1024;
const TOO_LARGE = `the event's effect alone does not fit ${DELTA_BYTES_MAX} bytes`;
/** Entries of one commit where a gate decides: each may change a key, and all of them are put when it is applied. */
const GATED_ENTRIES_MAX = 1_000;

export const createWindowBatcher = (
  job: WindowJob,
  ports: BatchPorts,
  settings: EngineSettings,
): Batcher => ({
  build: (request) => build(job, ports, settings, request),
  advance: async (stand, why) => quietCommit(job, settings, { stand, why, now: ports.clock.now() }),
});

async function build(
  job: WindowJob,
  ports: BatchPorts,
  settings: EngineSettings,
  request: PrefixRequest,
): Promise<Prefix> {
  const { lane, entries, at } = request;
  const now = ports.clock.now();
  const admitted = await admitRedriven(job, ports.state, settings, request, now);
  const most = job.gate ? Math.min(entries.length, at + GATED_ENTRIES_MAX) : entries.length;
  const gate = await gateStates(job, ports, request, most);
  const range = {
    stream: lane.stream,
    entries,
    from: at,
    isAdmitted: (entry: Entry) => admitted.has(entry),
    ...(gate ? { gate } : {}),
  };
  const context = { job, settings, request, now };
  const start = progressOf(request);
  // By halving, to the longest run whose commit fits.
  for (let to = most; to > at; to = at + Math.floor((to - at) / 2)) {
    const fold = foldWindow(job, start, { ...range, to });
    const deltas = fold.deltas.length > 0 ? encodeDeltas(job, fold) : undefined;
    if (deltas && deltas.length > DELTA_BYTES_MAX) continue;
    return prefixOf(context, to, fold, deltas);
  }
  // Not even the first entry's effect fits, which no retry will change.
  const poison = new Map([[entries[at] as Entry, TOO_LARGE]]);
  const fold = foldWindow(job, start, { ...range, to: at + 1, poison });
  return prefixOf(context, at + 1, fold, undefined);
}

/** What the gate knows of the keys of `entries[at..to)`. */
async function gateStates(
  job: WindowJob,
  { state }: BatchPorts,
  { lane, entries, at }: PrefixRequest,
  to: number,
): Promise<KeyedStates | undefined> {
  if (!job.gate) return undefined;
  const reader = readerOf(job, lane.stream);
  const keys = new Set<string>();
  for (let i = at; i < to; i += 1) {
    const judged = judge(reader, entries[i] as Entry);
    if (judged.kind !== 'taken') continue;
    try {
      keys.add(keyOf(job.gate, judged.event));
    } catch {
      // The fold meets the same throw and makes it a dead letter.
    }
  }
  return readKeyedStates(state, job.id, keys);
}

interface CommitContext {
  readonly job: WindowJob;
  readonly settings: EngineSettings;
  readonly request: PrefixRequest;
  readonly now: ProcessingTime;
}

function prefixOf(
  { job, settings, request, now }: CommitContext,
  to: number,
  fold: Fold,
  deltas: Uint8Array | undefined,
): Prefix {
  const base = commitOf(job, settings, { request, to, now }, fold);
  const hasRedo = fold.redo && fold.redo.states.size > 0;
  const redo = hasRedo
    ? packBlob(request.lane, encodeRedo(fold.redo), base.commit.expiresAt)
    : undefined;
  const commit = {
    ...base.commit,
    ...(deltas ? { deltas } : {}),
    ...(redo ? { redo: redo.reference } : {}),
  };
  return { commit, counts: fold.counts, chunks: [...base.chunks, ...(redo?.chunks ?? [])] };
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
