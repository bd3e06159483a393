/**
 * Reads what waits on a lane of a pattern job: it is in the commits that brought it. Commit by commit, so that what is read
 * at a time is bounded, however much waits.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { hashKeyOf, isWithin } from '../../model/hashRange.ts';
import type { Lane, ShardId } from '../../model/lane.ts';
import { isBehind, type ProcessingTime } from '../../model/time.ts';
import { readerOf } from '../../operators/intake/judge.ts';
import {
  comparePlaces,
  type Held,
  isWaiting,
  type LettingGo,
  placeOf,
} from '../../operators/pattern/held.ts';
import {
  type LogPlace,
  lastEventOf,
  NOTHING_WAITS,
  type Run,
  runOf,
  type Waits,
  weightOf,
  withNear,
} from '../../operators/pattern/waits.ts';
import type { KeyedStates } from '../../operators/redo.ts';
import type { ShardDirectory } from '../../ports/shards.ts';
import type { Table } from '../../ports/table.ts';
import { readStatesWithin } from '../../state/keyed/keyedStates.ts';
import { readBlob } from '../../state/lane/blob.ts';
import { decodeHeld } from '../../state/lane/heldCodec.ts';
import type { Adopting } from '../../state/lane/heldMarks.ts';
import { type Commit, readHead, readLog } from '../../state/lane/laneLog.ts';
import { readRetired } from '../../state/lane/retiredLanes.ts';

/** What a commit brought and is not let go. */
interface Brought {
  readonly slot: number;
  readonly expiresAt: ProcessingTime;
  readonly held: readonly Held[];
}

/** A lane's log up to a head, and how far what it brought is let go. */
interface Bounds extends LettingGo {
  readonly lane: Lane;
  readonly from: LogPlace;
  readonly to: number;
}

async function* readBrought(
  table: Table,
  job: PatternJob,
  { lane, from, to, ...lettingGo }: Bounds,
): AsyncGenerator<Brought> {
  const reader = readerOf(job, lane.stream);
  for await (const { slot, expiresAt, held: reference } of readLog(table, lane, from.slot, to)) {
    if (!reference) continue;
    const after = slot === from.slot ? from.after : undefined;
    const held = decodeHeld(job, reader, await readBlob(table, lane, reference)).filter(
      (each) => isWaiting(each, lettingGo) && !(after && comparePlaces(each, after) <= 0),
    );
    if (held.length > 0) yield { slot, expiresAt, held };
  }
}

function boundsOf(lane: Lane, head: Commit): Bounds | undefined {
  if (head.heldFrom === undefined) return undefined;
  const after = head.heldAfter ? { after: head.heldAfter } : {};
  return { ...head, lane, from: { slot: head.heldFrom, ...after }, to: head.slot };
}

/** Read commits are sorted in when they are so many things, or so many characters. */
const GATHERED_MAX = 4_000;
const GATHERED_BYTES_MAX = 4 * 1024 * 1024;

/** Whatever the log brought since `heldFrom` and did not let go. */
export async function readWaits(
  table: Table,
  job: PatternJob,
  lane: Lane,
  head: Commit,
): Promise<Waits> {
  const bounds = boundsOf(lane, head);
  if (!bounds) return NOTHING_WAITS;
  const runs: Run[] = [];
  let known: Waits = NOTHING_WAITS;
  let gathered: Held[] = [];
  let bytes = 0;
  let lastEvent = known.lastEvent;
  for await (const { slot, expiresAt, held } of readBrought(table, job, bounds)) {
    const run = runOf(slot, expiresAt, held);
    if (run) runs.push(run);
    lastEvent = lastEventOf(held, lastEvent);
    for (const each of held) {
      gathered.push(each);
      bytes += weightOf(each);
    }
    if (gathered.length < GATHERED_MAX && bytes < GATHERED_BYTES_MAX) continue;
    known = withNear(known, gathered);
    gathered = [];
    bytes = 0;
  }
  return {
    ...withNear(known, gathered),
    runs,
    ...afterIn(runs, head),
    ...(lastEvent !== undefined && !isBehind(lastEvent, head.watermark) ? { lastEvent } : {}),
  };
}

/** `heldAfter` holds for the slot `heldFrom` only. */
const afterIn = ([first]: readonly Run[], head: Commit): Pick<Waits, 'after'> =>
  head.heldAfter && first?.slot === head.heldFrom ? { after: head.heldAfter } : {};

/** What is let go next, of a lane whose runs are known: those are read that it may be in. */
export async function readOn(
  table: Table,
  job: PatternJob,
  lane: Lane,
  { head, waits }: { head: Commit; waits: Waits },
): Promise<Waits> {
  const { end: _end, near: _near, ...others } = waits;
  let known: Pick<Waits, 'near' | 'end'> = { near: [] };
  for (const { slot, first } of waits.runs.toSorted((a, b) => comparePlaces(a.first, b.first))) {
    if (known.end && comparePlaces(first, known.end) > 0) break;
    const after = slot === waits.runs[0]?.slot && waits.after ? { after: waits.after } : {};
    const bounds = { ...head, lane, from: { slot, ...after }, to: slot };
    for await (const { held } of readBrought(table, job, bounds)) known = withNear(known, held);
  }
  return { ...others, ...known };
}

/** Things that one commit recommits, or takes over: as many as those that a commit may bring of its own. */
const PORTION_MAX = 4_000;
const PORTION_BYTES_MAX = 4 * 1024 * 1024;

/** Part of what waits, to be stored anew. */
export interface Portion<Next extends LogPlace> {
  readonly held: readonly Held[];
  /** What the time-outs among them will need: it is put again as well, and so kept as long as they wait. */
  readonly states: KeyedStates;
  /** Where the rest begins. */
  readonly next?: Next;
}

export const NO_PORTION: Portion<never> = { held: [], states: new Map() };

interface Placed<Source> {
  readonly source: Source;
  readonly slot: number;
  readonly held: Held;
}

/** What stands in the log before a slot, in the order of slots, then of letting go. */
export async function recommit(
  table: Table,
  job: PatternJob,
  bounds: Bounds,
): Promise<Portion<LogPlace>> {
  const { held, states, next } = await portionOf(
    table,
    job,
    placed(table, job, bounds, bounds.lane),
  );
  return { held, states, ...(next ? { next: next.cursor } : {}) };
}

/**
 * The time-outs that a lane takes over before its first event: those that wait on the ended lanes of its shard's
 * parents, for the keys that come to this shard. (Events do not wait there any more.)
 */
export async function adoptTimeOuts(
  job: PatternJob,
  { state, shards }: { state: Table; shards: ShardDirectory },
  lane: Lane,
  { parents, from }: Adoption,
): Promise<Portion<Adopting>> {
  if (parents.length === 0) return NO_PORTION;
  const range = await shards.rangeOf(lane.stream, lane.shard);
  const owns = (key: string) => range !== undefined && isWithin(range, hashKeyOf(key));
  const isOwn = ({ held }: Placed<ShardId>) => held.kind === 'timer' && owns(held.partitionKey);
  const waiting = waitingOn(job, state, lane, { parents, from });
  const { held, states, next } = await portionOf(state, job, waiting, isOwn);
  return { held, states, ...(next ? { next: { shard: next.source, ...next.cursor } } : {}) };
}

interface Adoption {
  readonly parents: readonly ShardId[];
  /** Where to go on. */
  readonly from: Adopting | undefined;
}

async function* waitingOn(
  job: PatternJob,
  state: Table,
  lane: Lane,
  { parents, from }: Adoption,
): AsyncGenerator<Placed<ShardId>> {
  for (const shard of parents.slice(from ? parents.indexOf(from.shard) : 0)) {
    const parent = { ...lane, shard };
    // Nothing waits on a retired lane, whatever is left of its log.
    if (await readRetired(state, parent)) continue;
    const head = await readHead(state, parent);
    const bounds = head && boundsOf(parent, head);
    if (!bounds) continue;
    // What is recommitted meanwhile moves to the end of the log, and is found there once more.
    const isFurther = from?.shard === shard && from.slot >= bounds.from.slot;
    yield* placed(state, job, isFurther ? { ...bounds, from } : bounds, shard);
  }
}

async function* placed<Source>(
  table: Table,
  job: PatternJob,
  bounds: Bounds,
  source: Source,
): AsyncGenerator<Placed<Source>> {
  for await (const { slot, held } of readBrought(table, job, bounds)) {
    for (const each of held.toSorted(comparePlaces)) yield { source, slot, held: each };
  }
}

/** The first of these, as far as they and the states of their keys may take. */
async function portionOf<Source>(
  table: Table,
  job: PatternJob,
  waiting: AsyncIterable<Placed<Source>>,
  isWanted: (placed: Placed<Source>) => boolean = () => true,
) {
  const found: Placed<Source>[] = [];
  let bytes = 0;
  // The last one, where there are too many, only says where to go on.
  let length = 0;
  for await (const each of waiting) {
    if (!isWanted(each)) continue;
    found.push(each);
    bytes += weightOf(each.held);
    if (length > 0 && (length >= PORTION_MAX || bytes > PORTION_BYTES_MAX)) break;
    length = found.length;
  }
  const keys = found
    .slice(0, length)
    .flatMap(({ held }) => (held.kind === 'timer' ? [held.key] : []));
  const { states, missing } = await readStatesWithin(table, job.id, keys);
  const unknown = found.findIndex(({ held }) => held.kind === 'timer' && missing.has(held.key));
  const end = unknown < 0 ? length : Math.min(unknown, length);
  const held = found.slice(0, end).map((each) => each.held);
  const first = found[end];
  return { held, states, next: first && { source: first.source, cursor: cursorAt(found, end) } };
}

function cursorAt(found: readonly Placed<unknown>[], index: number): LogPlace {
  const slot = found[index]?.slot ?? 0;
  const before = found[index - 1];
  const isSame = before?.slot === slot && before.source === found[index]?.source;
  return { slot, ...(isSame && before ? { after: placeOf(before.held) } : {}) };
}
