/**
 * What a commit of a pattern job says of what waits on its lane: where it is, and how far it has been let go. What waits is
 * itself in the commits that brought it (`waiting.ts`).
 */
import { InvariantViolation } from '../../errors.ts';
import { formatPosition, parsePosition } from '../../model/position.ts';
import { eventTime, type ProcessingTime, processingTime } from '../../model/time.ts';
import type { Place } from '../../operators/pattern/held.ts';
import type { Item, Value } from '../../ports/table.ts';

export interface HeldMarks {
  /** The earliest slot that brought something that still waits; absent where nothing does. */
  readonly heldFrom?: number;
  /** In that slot, what is at or before this place has been recommitted by a later one. */
  readonly heldAfter?: Place;
  /** When the commit of that slot may be deleted. */
  readonly heldExpires?: ProcessingTime;
  /** Where letting go stopped; without it, all that the watermark has passed is let go. */
  readonly letGo?: Place;
}

export function withoutMarks<Marked extends HeldMarks>(
  marked: Marked,
): Omit<Marked, keyof HeldMarks> {
  const {
    heldFrom: _from,
    heldAfter: _after,
    heldExpires: _expires,
    letGo: _letGo,
    ...rest
  } = marked;
  return rest;
}

export function storedMarks(marks: HeldMarks): Item {
  const { heldFrom, heldAfter, heldExpires, letGo } = marks;
  return {
    ...(heldFrom === undefined ? {} : { heldFrom }),
    ...(heldAfter ? { heldAfter: storedPlace(heldAfter) } : {}),
    ...(heldExpires === undefined ? {} : { heldExpires }),
    ...(letGo ? { letGo: storedPlace(letGo) } : {}),
  };
}

export function marksOf(item: Item): HeldMarks {
  const { heldFrom, heldAfter, heldExpires, letGo } = item as StoredMarks;
  return {
    ...(heldFrom === undefined ? {} : { heldFrom }),
    ...(heldAfter ? { heldAfter: placeFrom(heldAfter) } : {}),
    ...(heldExpires === undefined ? {} : { heldExpires: processingTime(heldExpires) }),
    ...(letGo ? { letGo: placeFrom(letGo) } : {}),
  };
}

/** An event by its position, a time-out by its key. */
type StoredPlace = readonly [at: number, kind: Place['kind'], name: string];

interface StoredMarks {
  readonly heldFrom?: number;
  readonly heldAfter?: StoredPlace;
  readonly heldExpires?: number;
  readonly letGo?: StoredPlace;
}

const storedPlace = (place: Place): Value => [
  place.at,
  place.kind,
  place.kind === 'event' ? formatPosition(place.entry) : place.key,
];

function placeFrom([ms, kind, name]: StoredPlace): Place {
  const at = eventTime(ms);
  if (kind === 'timer') return { kind, at, key: name };
  const entry = parsePosition(name);
  if (!entry) throw new InvariantViolation(`a place of what is held is at ${name}`);
  return { kind, at, entry };
}
