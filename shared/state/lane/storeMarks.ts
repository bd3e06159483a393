/**
 * What a commit says of the keyed store of its lane: which part of a snapshot was put before it, and from where on the log and
 * the parts that it names are still needed.
 */
import { InvariantViolation } from '../../errors.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type EventTime,
  eventTime,
  type ProcessingTime,
  processingTime,
} from '../../model/time.ts';
import { HASHES, type Stretch } from '../../operators/keyed/coverage.ts';
import type { Item, Value } from '../../ports/table.ts';
import type { BlobReference } from './blob.ts';

/** All keys of a stretch of hashes, as they were before the commit that names it. */
export interface Part extends Stretch {
  /** Absent where the stretch has no key. */
  readonly content?: BlobReference;
}

export interface StoreMarks {
  readonly part?: Part;
  /** The oldest slot that restoring reads. */
  readonly keptFrom?: number;
  /** When the commit of that slot may be deleted. */
  readonly keptExpires?: ProcessingTime;
  /** The hash from which on the lane has yet to take over its parents' keys. */
  readonly adopting?: number;
  /** The earliest timer of the store that has not fired. */
  readonly nextTimer?: EventTime;
  /** How far the frontier has to be for the first event of the store that waits for it. */
  readonly nextAhead?: ArrivalTime;
}

export function storedStoreMarks(marks: StoreMarks): Item {
  const { part, keptFrom, keptExpires, adopting, nextTimer, nextAhead } = marks;
  return {
    ...(part ? { part: storedPart(part) } : {}),
    ...(keptFrom === undefined ? {} : { keptFrom }),
    ...(keptExpires === undefined ? {} : { keptExpires }),
    ...(adopting === undefined ? {} : { adopting }),
    ...(nextTimer === undefined ? {} : { nextTimer }),
    ...(nextAhead === undefined ? {} : { nextAhead }),
  };
}

export function storeMarksOf(item: Item): StoreMarks {
  const { part, keptFrom, keptExpires, adopting, nextTimer, nextAhead } = item as StoredMarks;
  return {
    ...(part ? { part: partFrom(part) } : {}),
    ...(keptFrom === undefined ? {} : { keptFrom }),
    ...(keptExpires === undefined ? {} : { keptExpires: processingTime(keptExpires) }),
    ...(typeof adopting === 'number' ? { adopting } : {}),
    ...(nextTimer === undefined ? {} : { nextTimer: eventTime(nextTimer) }),
    ...(nextAhead === undefined ? {} : { nextAhead: arrivalTime(nextAhead) }),
  };
}

type StoredPart = readonly [from: number, to: number, content?: BlobReference];

interface StoredMarks {
  readonly part?: StoredPart;
  readonly keptFrom?: number;
  readonly keptExpires?: number;
  /** A list in format 2. */
  readonly adopting?: unknown;
  readonly nextTimer?: number;
  readonly nextAhead?: number;
}

const storedPart = ({ from, to, content }: Part): Value =>
  content ? [from, to, content] : [from, to];

function partFrom([from, to, content]: StoredPart): Part {
  if (!(from >= 0 && from < to && to <= HASHES)) {
    throw new InvariantViolation(`a part of a snapshot is from hash ${from} to ${to}`);
  }
  return { from, to, ...(content ? { content } : {}) };
}
