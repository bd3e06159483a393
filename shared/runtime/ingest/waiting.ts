/**
 * Reads what waits on a lane of a pattern job: it is in the commits that brought it. Commit by commit, so that what is read
 * at a time is bounded, however much waits.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import type { Lane } from '../../model/lane.ts';
import { isBehind, type ProcessingTime } from '../../model/time.ts';
import { readerOf } from '../../operators/intake/judge.ts';
import {
  comparePlaces,
  type Held,
  isWaiting,
  type LettingGo,
  type Place,
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
import type { Table } from '../../ports/table.ts';
import { readBlob } from '../../state/lane/blob.ts';
import { decodeHeld } from '../../state/lane/heldCodec.ts';
import { type Commit, readTaken } from '../../state/lane/laneLog.ts';

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
  for await (const { slot, expiresAt, held: reference } of readTaken(table, lane, from.slot, to)) {
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

/** Things that one commit recommits: as many as those that a commit may bring of its own. */
const PORTION_MAX = 10_000;
const PORTION_BYTES_MAX = 4 * 1024 * 1024;

/** Part of what waits, to be stored anew. */
export interface Portion {
  readonly held: readonly Held[];
  /** Where the rest begins. */
  readonly next?: LogPlace;
}

/** What stands in the log before a slot, in the order of slots, then of letting go: as far as one commit takes it. */
export async function recommit(table: Table, job: PatternJob, bounds: Bounds): Promise<Portion> {
  const taken: Held[] = [];
  let bytes = 0;
  for await (const { slot, held } of readBrought(table, job, bounds)) {
    let after: Place | undefined;
    for (const each of held.toSorted(comparePlaces)) {
      bytes += weightOf(each);
      if (taken.length > 0 && (taken.length >= PORTION_MAX || bytes > PORTION_BYTES_MAX)) {
        return { held: taken, next: { slot, ...(after ? { after } : {}) } };
      }
      taken.push(each);
      after = placeOf(each);
    }
  }
  return { held: taken };
}
