/** The effect of the longest run of entries that fits one item, as the next commit of a lane. */
import type { WindowJob } from '../job/job.ts';
import { addCounts, type Counts, NO_COUNTS } from '../model/counts.ts';
import type { Lane } from '../model/lane.ts';
import { type ProcessingTime, processingTime } from '../model/time.ts';
import { encodeAccumulator, encodeContents } from '../operators/sliceContent.ts';
import { type Fold, foldWindow, NO_PROGRESS } from '../operators/windowFold.ts';
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import type { Entry } from '../records/entry.ts';
import type { RedriveOrigin } from '../records/redrive.ts';
import { admit, originName } from '../state/admissions.ts';
import type { Commit } from '../state/laneLog.ts';
import { packSideOutput } from '../state/sideOutput.ts';
import type { EngineSettings } from './settings.ts';

/** A commit's slice contents stay below this: 400 KB less keys, numbers and inline side output. */
const DELTA_BYTES_MAX = 370 * 1024;
const TOO_LARGE = `the event's effect alone does not fit ${DELTA_BYTES_MAX} bytes`;
/** One after the other, a batch of nothing but redriven events would outlast the function's time limit. */
const ADMISSIONS_AT_ONCE = 8;

export interface Prefix {
  readonly commit: Commit;
  readonly counts: Counts;
  readonly chunks: Parameters<Table['batchPut']>[0];
}

export interface PrefixRequest {
  readonly lane: Lane;
  readonly head: Commit | undefined;
  readonly entries: readonly Entry[];
  readonly at: number;
}

/** The longest run of entries, by halving, whose commit fits an item. */
export async function buildCommit(
  job: WindowJob,
  ports: { readonly state: Table; readonly clock: Clock },
  settings: EngineSettings,
  request: PrefixRequest,
): Promise<Prefix> {
  const { head, entries, at } = request;
  const now = ports.clock.now();
  // Twice, because an admission must outlive its dead letter, and time to live deletes in no order.
  const admittedUntil = processingTime(now + 2 * settings.logRetention);
  const admitted = await admitRedriven(job, ports.state, request, admittedUntil);
  const isAdmitted = (entry: Entry) => admitted.has(entry);
  const context = { job, settings, request, now };
  for (let to = entries.length; to > at; to = at + Math.floor((to - at) / 2)) {
    const fold = foldWindow(job, head ?? NO_PROGRESS, { entries, from: at, to, isAdmitted });
    const deltas = fold.deltas.length > 0 ? encodeDeltas(job, fold) : undefined;
    if (deltas && deltas.length > DELTA_BYTES_MAX) continue;
    return prefixOf(context, to, fold, deltas);
  }
  // Not even the first entry's effect fits, which no retry will change.
  const poison = new Map([[entries[at] as Entry, TOO_LARGE]]);
  const range = { entries, from: at, to: at + 1, isAdmitted, poison };
  return prefixOf(context, at + 1, foldWindow(job, head ?? NO_PROGRESS, range), undefined);
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
  const { lane, head, entries, at } = request;
  const expiresAt = processingTime(now + settings.logRetention);
  const side = fold.side.length > 0 ? packSideOutput(lane, fold.side, expiresAt) : undefined;
  const commit: Commit = {
    slot: head ? head.slot + 1 : 0,
    from: positionOf(entries[at] as Entry),
    to: positionOf(entries[to - 1] as Entry),
    greatest: fold.greatest,
    watermark: fold.watermark,
    totals: addCounts(head?.totals ?? NO_COUNTS, fold.counts),
    lastValidAt: fold.hasValid ? now : head?.lastValidAt,
    shape: job.shape,
    expiresAt,
    ...(deltas ? { deltas } : {}),
    ...(side ? { side: side.reference } : {}),
  };
  return { commit, counts: fold.counts, chunks: side?.chunks ?? [] };
}

const positionOf = ({ sequence, index }: Entry) => ({ sequence, index });

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

/** Of the job's redriven entries, those that count: of each origin the first copy, unless another lane had it first. */
async function admitRedriven(
  job: WindowJob,
  table: Table,
  { lane, entries, at }: PrefixRequest,
  expiresAt: ProcessingTime,
): Promise<ReadonlySet<Entry>> {
  const copies = new Map<string, { entry: Entry; origin: RedriveOrigin }>();
  for (let i = at; i < entries.length; i += 1) {
    const entry = entries[i] as Entry;
    const origin = entry.redriven;
    if (origin?.job !== job.id) continue;
    const name = originName(origin);
    if (!copies.has(name)) copies.set(name, { entry, origin });
  }
  const admitted = new Set<Entry>();
  const waiting = [...copies.values()];
  while (waiting.length > 0) {
    const group = waiting.splice(0, ADMISSIONS_AT_ONCE);
    const outcomes = await Promise.all(
      group.map(({ entry, origin }) => admit(table, origin, lane, entry, expiresAt)),
    );
    for (const [i, { entry }] of group.entries())
      if (outcomes[i] === 'admitted') admitted.add(entry);
  }
  return admitted;
}
