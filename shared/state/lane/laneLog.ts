/**
 * The log of a lane: a dense sequence of commits, each the whole effect of one batch.
 *
 * 1. A commit is one item, put only if its slot is absent: the log is the fence, and the commit is the effect.
 * 2. The lane item is put before slot 0, so that whoever lists lanes misses no log.
 * 3. `to` grows from slot to slot; a record at or below the head's `to` is already counted.
 * 4. The alerts of a commit are put after it, and before slot n+1.
 * 5. A commit is born with a time to live; a head that grows old is carried forward by a recommitted head, until the lane is
 *    retired (`retiredLanes.ts`).
 */
import { InvariantViolation } from '../../errors.ts';
import { countsFrom, storedCounts } from '../../model/counts.ts';
import type { Lane } from '../../model/lane.ts';
import { formatPosition, type Position, parsePosition } from '../../model/position.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  watermarkAt,
} from '../../model/time.ts';
import type { LaneProgress } from '../../operators/intake/progress.ts';
import type { PastWatermark } from '../../operators/status/pastWatermark.ts';
import type { SourceClocks } from '../../operators/status/sourceClocks.ts';
import { type Consistency, EXPIRES_AT, type Item, type Table } from '../../ports/table.ts';
import { readable, STAMP, storedAs } from '../formats.ts';
import { expirySeconds, logPartition, slotKey } from '../keys.ts';
import type { BlobReference } from './blob.ts';
import { type HeldMarks, marksOf, storedMarks } from './heldMarks.ts';
import { type ProducerMarks, producersFrom, storedProducers } from './producerMarks.ts';
import { sourcesFrom, storedSources } from './sourceMarks.ts';
import { type StoreMarks, storedStoreMarks, storeMarksOf } from './storeMarks.ts';

export interface Commit extends LaneProgress, HeldMarks, StoreMarks {
  readonly slot: number;
  /** Of the first and the last event; undefined as long as the lane has read nothing. */
  readonly from: Position | undefined;
  readonly to: Position | undefined;
  /**
   * When the lane was last heard of: its latest valid event was committed, it took over its parents' watermark, or it ended.
   * Undefined before that.
   */
  readonly lastValidAt: ProcessingTime | undefined;
  /** The job's shape; slices of another shape are never mixed in. */
  readonly shape: string;
  readonly expiresAt: ProcessingTime;
  /** Encoded slice contents; absent where the batch changed no slice. */
  readonly deltas?: Uint8Array;
  readonly side?: BlobReference;
  /** The keys whose states changed, with their new ones, of a keyed job. */
  readonly changes?: BlobReference;
  /** Rows of alert tables, of a keyed job. */
  readonly alerts?: BlobReference;
  /** Events and time-outs that this commit brought and left waiting, of a pattern job. */
  readonly held?: BlobReference;
  /** The greatest arrival time of the lane's records, of a keyed job. */
  readonly lastArrival?: ArrivalTime;
  /** What the lane remembers of named producers; absent before the first of their records. */
  readonly producers?: ProducerMarks;
  /** How far the sources of a repartition stream have come, as the lane's shard tells. */
  readonly sources?: SourceClocks;
  /** Nothing that had arrived at its source before this is still on its way to the lane; absent as long as nothing is known of that. */
  readonly frontier?: ArrivalTime;
  /** How far the watermark of a lane that forwards was a while ago. */
  readonly past?: PastWatermark;
  /** The shard is closed and read to its end, or all it held has expired: no record follows this entry. */
  readonly ended?: true;
  /** It is of no record: nobody brings it again whose function died. */
  readonly quiet?: true;
}

/** The newest commit; strongly consistent, so that what was committed before this call is seen. */
export async function readHead(table: Table, lane: Lane): Promise<Commit | undefined> {
  const newest = table.query({
    pk: logPartition(lane),
    order: 'descending',
    limit: 1,
    consistency: 'strong',
  });
  for await (const item of newest) return commitOf(item);
  return undefined;
}

/** The commit in a slot; undefined where it has expired, or was never put. */
export async function readCommit(
  table: Table,
  lane: Lane,
  slot: number,
): Promise<Commit | undefined> {
  const item = await table.get({ pk: logPartition(lane), sk: slotKey(slot) }, 'strong');
  return item && commitOf(item);
}

/**
 * Commits in order, with those that are put meanwhile: from a slot on, where a gap is an InvariantViolation; or all that are still
 * stored, with gaps, because expired ones are deleted in no order.
 */
export async function* readLog(
  table: Table,
  lane: Lane,
  from: number | 'oldest',
): AsyncGenerator<Commit> {
  let expected = from === 'oldest' ? undefined : from;
  for await (const commit of commitsOf(table, lane, { from, consistency: 'strong' })) {
    if (expected !== undefined && commit.slot !== expected) throw missing(lane, expected);
    if (expected !== undefined) expected += 1;
    yield commit;
  }
}

/**
 * The commits of slots that are known to be taken, in order: read eventually consistently, and strongly from the first one on that a
 * stale replica did not have. One that is gone is an InvariantViolation.
 */
export async function* readTaken(
  table: Pick<Table, 'query'>,
  lane: Lane,
  from: number,
  to: number,
): AsyncGenerator<Commit> {
  let next = from;
  for (const consistency of ['eventual', 'strong'] as const) {
    for await (const commit of commitsOf(table, lane, { from: next, to, consistency })) {
      if (commit.slot !== next) break;
      next += 1;
      yield commit;
    }
    if (next > to) return;
  }
  throw missing(lane, next);
}

const missing = (lane: Lane, slot: number): InvariantViolation =>
  new InvariantViolation(
    `${logPartition(lane)}: slot ${slot} is missing; ` +
      'it was deleted, or it expired because nothing read or renewed it for too long',
  );

interface Slots {
  readonly from: number | 'oldest';
  readonly to?: number;
  readonly consistency: Consistency;
}

async function* commitsOf(
  table: Pick<Table, 'query'>,
  lane: Lane,
  { from, to, consistency }: Slots,
): AsyncGenerator<Commit> {
  const stored = table.query({
    pk: logPartition(lane),
    ...(from === 'oldest' ? {} : { from: slotKey(from) }),
    ...(to === undefined ? {} : { to: slotKey(to) }),
    order: 'ascending',
    consistency,
  });
  for await (const item of stored) yield commitOf(item);
}

/** Takes the commit's slot if nobody has. */
export async function appendCommit(
  table: Table,
  lane: Lane,
  commit: Commit,
): Promise<'appended' | 'taken'> {
  const outcome = await table.put(itemOf(lane, commit), { kind: 'absent' });
  return outcome.kind === 'written' ? 'appended' : 'taken';
}

/** How far the lane is, without what this commit brought. */
export function withoutContent(commit: Commit): Commit {
  const { deltas: _deltas, side: _side, held: _held, ...rest } = commit;
  const { changes: _changes, alerts: _alerts, part: _part, ...progress } = rest;
  return progress;
}

/** The same progress without content: keeps a silent lane's head from expiring. */
export function recommittedHead(head: Commit, expiresAt: ProcessingTime): Commit {
  return { ...withoutContent(head), slot: head.slot + 1, from: head.to, expiresAt };
}

export function itemOf(lane: Lane, commit: Commit): Item {
  return {
    pk: logPartition(lane),
    sk: slotKey(commit.slot),
    ...STAMP,
    from: storedPosition(commit.from),
    to: storedPosition(commit.to),
    totals: storedCounts(commit.totals),
    shape: commit.shape,
    [EXPIRES_AT]: expirySeconds(commit.expiresAt),
    ...(commit.greatest === undefined ? {} : { greatest: commit.greatest }),
    ...(commit.watermark === NO_WATERMARK ? {} : { watermark: commit.watermark }),
    ...(commit.lastValidAt === undefined ? {} : { lastValidAt: commit.lastValidAt }),
    ...(commit.deltas ? { deltas: commit.deltas } : {}),
    ...(commit.side ? { side: commit.side } : {}),
    ...(commit.changes ? { changes: commit.changes } : {}),
    ...(commit.alerts ? { alerts: commit.alerts } : {}),
    ...(commit.held ? { held: commit.held } : {}),
    ...storedMarks(commit),
    ...storedStoreMarks(commit),
    ...storedReach(commit),
    ...(commit.ended ? { ended: true } : {}),
    ...(commit.quiet ? { quiet: true } : {}),
  };
}

/** How far those are that the lane hears of. */
const storedReach = ({ lastArrival, producers, sources, frontier, past }: Commit): Item => ({
  ...(lastArrival === undefined ? {} : { lastArrival }),
  ...(producers ? { producers: storedProducers(producers) } : {}),
  ...(sources ? { sources: storedSources(sources) } : {}),
  ...(frontier === undefined ? {} : { frontier }),
  ...(past ? { past: storedPast(past) } : {}),
});

export function commitOf(item: Item): Commit {
  const totals = countsFrom(readable(item)['totals'] as number[]);
  const deltas = item['deltas'] as Uint8Array | undefined;
  return {
    slot: Number.parseInt(item['sk'] as string, 10),
    from: positionIn(item, 'from'),
    to: positionIn(item, 'to'),
    totals,
    shape: item['shape'] as string,
    expiresAt: processingTime((item[EXPIRES_AT] as number) * 1_000),
    greatest: storedAs(item['greatest'], eventTime) as EventTime | undefined,
    watermark: storedAs(item['watermark'], watermarkAt) ?? NO_WATERMARK,
    lastValidAt: storedAs(item['lastValidAt'], processingTime),
    ...(deltas ? { deltas } : {}),
    ...blobsOf(item),
    ...marksOf(item),
    ...storeMarksOf(item),
    ...reachOf(item),
    ...(item['ended'] === true ? { ended: true } : {}),
    ...(item['quiet'] === true ? { quiet: true } : {}),
  };
}

function reachOf({ lastArrival, producers, sources, frontier, past }: Item): Partial<Commit> {
  const arrival = storedAs(lastArrival, arrivalTime);
  const forwarded = storedAs(frontier, arrivalTime);
  return {
    ...(arrival === undefined ? {} : { lastArrival: arrival }),
    ...(producers === undefined ? {} : { producers: producersFrom(producers) }),
    ...(sources === undefined ? {} : { sources: sourcesFrom(sources) }),
    ...(forwarded === undefined ? {} : { frontier: forwarded }),
    ...(past === undefined ? {} : { past: pastFrom(past as StoredPast) }),
  };
}

type StoredPast = readonly [step: number, last: number | null, before: number | null];

const storedPast = ({ step, last, before }: PastWatermark): StoredPast => [
  step,
  last === NO_WATERMARK ? null : last,
  before === NO_WATERMARK ? null : before,
];

const pastFrom = ([step, last, before]: StoredPast): PastWatermark => ({
  step,
  last: last === null ? NO_WATERMARK : watermarkAt(last),
  before: before === null ? NO_WATERMARK : watermarkAt(before),
});

function blobsOf(item: Item): Pick<Commit, BlobName> {
  const blobs = item as Pick<Commit, BlobName>;
  return Object.fromEntries(BLOBS.flatMap((name) => (blobs[name] ? [[name, blobs[name]]] : [])));
}

const BLOBS = ['side', 'changes', 'alerts', 'held'] as const;
type BlobName = (typeof BLOBS)[number];

/** No position of a stream: sequence numbers are above zero. */
const NOTHING_READ = '0/0';

const storedPosition = (position: Position | undefined): string =>
  position ? formatPosition(position) : NOTHING_READ;

function positionIn(item: Item, name: string): Position | undefined {
  const stored = item[name] as string;
  if (stored === NOTHING_READ) return undefined;
  const position = parsePosition(stored);
  if (position) return position;
  throw new InvariantViolation(`${item['pk']} slot ${item['sk']}: ${name} is no position`);
}
