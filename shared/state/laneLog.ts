/**
 * The log of a lane: a dense sequence of commits, each the whole effect of one batch.
 *
 * 1. A commit is one item, put only if its slot is absent: the log is the fence, and the commit is the effect.
 * 2. The lane item is put before slot 0, so that whoever lists lanes misses no log.
 * 3. `to` grows from slot to slot; a record at or below the head's `to` is already counted.
 * 4. A commit is born with a time to live; a head that grows old is carried forward by a rest entry.
 */
import { InvariantViolation } from '../errors.ts';
import type { Counts } from '../model/counts.ts';
import type { Lane, ShardId } from '../model/lane.ts';
import { formatPosition, type Position, parsePosition } from '../model/position.ts';
import {
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  watermarkAt,
} from '../model/time.ts';
import type { LaneProgress } from '../operators/windowFold.ts';
import { EXPIRES_AT, type Item, type Table } from '../ports/table.ts';
import { expirySeconds, laneKey, logPartition, slotKey } from './keys.ts';
import type { SideReference } from './sideOutput.ts';

export interface Commit extends LaneProgress {
  readonly slot: number;
  readonly from: Position;
  readonly to: Position;
  /** When the lane's latest valid event was committed; undefined before the first. */
  readonly lastValidAt: ProcessingTime | undefined;
  /** The job's shape; slices of another shape are never mixed in. */
  readonly shape: string;
  readonly expiresAt: ProcessingTime;
  /** Encoded slice contents; absent where the batch changed no slice. */
  readonly deltas?: Uint8Array;
  readonly side?: SideReference;
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

/**
 * Commits in order: from a slot on, where a gap is an InvariantViolation; or all that are still stored, with
 * gaps, because expired ones are deleted in no order.
 */
export async function* readLog(
  table: Table,
  lane: Lane,
  from: number | 'oldest',
): AsyncGenerator<Commit> {
  const stored = table.query({
    pk: logPartition(lane),
    ...(from === 'oldest' ? {} : { from: slotKey(from) }),
    order: 'ascending',
    consistency: 'strong',
  });
  let expected = from === 'oldest' ? undefined : from;
  for await (const item of stored) {
    const commit = commitOf(item);
    if (expected !== undefined && commit.slot !== expected) {
      throw new InvariantViolation(
        `${logPartition(lane)}: slot ${expected} is missing before slot ${commit.slot}; ` +
          'it was deleted, or it expired unread because windows were not closed for too long',
      );
    }
    if (expected !== undefined) expected += 1;
    yield commit;
  }
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

export async function createLane(
  table: Table,
  lane: Lane,
  parents: readonly ShardId[],
): Promise<'created' | 'existed'> {
  const outcome = await table.put({ ...laneKey(lane), parents }, { kind: 'absent' });
  return outcome.kind === 'written' ? 'created' : 'existed';
}

/** The same progress without content: keeps a silent lane's head from expiring. */
export function restAfter(head: Commit, expiresAt: ProcessingTime): Commit {
  const { deltas: _deltas, side: _side, ...progress } = head;
  return { ...progress, slot: head.slot + 1, from: head.to, expiresAt };
}

function itemOf(lane: Lane, commit: Commit): Item {
  const { accepted, filtered, late, dead } = commit.totals;
  return {
    pk: logPartition(lane),
    sk: slotKey(commit.slot),
    from: formatPosition(commit.from),
    to: formatPosition(commit.to),
    totals: [accepted, filtered, late, dead],
    shape: commit.shape,
    [EXPIRES_AT]: expirySeconds(commit.expiresAt),
    ...(commit.greatest === undefined ? {} : { greatest: commit.greatest }),
    ...(commit.watermark === NO_WATERMARK ? {} : { watermark: commit.watermark }),
    ...(commit.lastValidAt === undefined ? {} : { lastValidAt: commit.lastValidAt }),
    ...(commit.deltas ? { deltas: commit.deltas } : {}),
    ...(commit.side ? { side: commit.side } : {}),
  };
}

function commitOf(item: Item): Commit {
  const [accepted, filtered, late, dead] = item['totals'] as number[];
  const totals = { accepted, filtered, late, dead } as Counts;
  const deltas = item['deltas'] as Uint8Array | undefined;
  const side = item['side'] as SideReference | undefined;
  return {
    slot: Number.parseInt(item['sk'] as string, 10),
    from: storedPosition(item, 'from'),
    to: storedPosition(item, 'to'),
    totals,
    shape: item['shape'] as string,
    expiresAt: processingTime((item[EXPIRES_AT] as number) * 1_000),
    greatest: optional(item['greatest'], eventTime) as EventTime | undefined,
    watermark: optional(item['watermark'], watermarkAt) ?? NO_WATERMARK,
    lastValidAt: optional(item['lastValidAt'], processingTime),
    ...(deltas ? { deltas } : {}),
    ...(side ? { side } : {}),
  };
}

function optional<T>(value: unknown, brand: (ms: number) => T): T | undefined {
  return typeof value === 'number' ? brand(value) : undefined;
}

function storedPosition(item: Item, name: string): Position {
  const position = parsePosition(item[name] as string);
  if (position) return position;
  throw new InvariantViolation(`${item['pk']} slot ${item['sk']}: ${name} is no position`);
}
