/**
 * The stored form of keys and their states, as commits and parts of snapshots hold them: columns, in an order in which keys
 * that are alike are neighbours. What is common costs nothing: a partition key that is the key, or an element of it.
 */

import { InvariantViolation } from '../../errors.ts';
import { OPEN_LIST } from '../../model/ascii.ts';
import { compactId, compareCodePoints } from '../../model/ids.ts';
import type { SequenceNumber } from '../../model/position.ts';
import { arrivalTime, eventTime, watermarkAt } from '../../model/time.ts';
import type { AheadEvent, KeptState } from '../../operators/keyed/keyedState.ts';
import type { Entry } from '../../operators/keyed/keyedStore.ts';
import type { Value } from '../../ports/table.ts';
import { decodeGroups, encodeGroups } from '../columns/groups.ts';

/** A key as it is stored. */
interface StoredKept {
  readonly [name: string]: Value;
  /** The key. */
  readonly k: string;
  /** When it was last touched (ms). */
  readonly a: number;
  /** The last of its timers that has fired (ms). */
  readonly f?: number;
  /** How far the clock that it is kept by was when it was last touched: ahead of when that was (ms), which is the same for many keys. */
  readonly w?: number;
  /** Whether its row was put, or withheld. */
  readonly r?: typeof PUT | typeof WITHHELD;
  /** Events that wait: each with its arrival at its source, and as it stood on the repartition stream, where, and since when. */
  readonly h?: readonly StoredAhead[];
}

type StoredAhead = readonly [
  arrival: number,
  sequence: string,
  index: number,
  forwardedAt: number,
  partitionKey: string,
  raw: string,
];

const PUT = 1;
const WITHHELD = 0;

/** Equal entries give equal bytes, in whatever order they come. */
export function encodeKept(entries: Iterable<Entry>): Uint8Array {
  const placed = Array.from(entries, placedEntry).sort(comparePlaced);
  return encodeGroups(placed.map(({ entry, elements }) => storedForm(entry, elements)));
}

/** Throws InvariantViolation for bytes that `encodeKept` did not write. */
export function* decodeKept(stored: Uint8Array): Generator<Entry> {
  for (const record of decodeGroups(stored)) {
    const isObject = typeof record === 'object' && record !== null;
    const { k: key, a, p, s: state } = (isObject ? record : {}) as StoredKept;
    const partitionKey = typeof key === 'string' ? partitionKeyFrom(key, p) : undefined;
    if (typeof a !== 'number' || partitionKey === undefined || !isOfStatus(record as StoredKept)) {
      throw new InvariantViolation('stored keys hold something else: the item is damaged');
    }
    const arrival = arrivalTime(a);
    const kept = { arrival, partitionKey, ...(state === undefined ? {} : { state }) };
    yield [key, { ...kept, ...statusOf(record as unknown as StoredKept) }];
  }
}

type OfStatus = Pick<KeptState, 'fired' | 'seen' | 'row' | 'ahead'>;

const isNumberOrNone = (value: unknown): boolean =>
  value === undefined || typeof value === 'number';

const isOfStatus = ({ f, w, r, h }: StoredKept): boolean =>
  isNumberOrNone(f) &&
  isNumberOrNone(w) &&
  (r === undefined || r === PUT || r === WITHHELD) &&
  (h === undefined || Array.isArray(h));

const statusOf = ({ a, f, w, r, h }: StoredKept): OfStatus => ({
  ...(f === undefined ? {} : { fired: eventTime(f) }),
  ...(w === undefined ? {} : { seen: watermarkAt(a + w) }),
  ...(r === undefined ? {} : { row: r === PUT ? 'put' : 'withheld' }),
  ...(h === undefined ? {} : { ahead: h.map(aheadFrom) }),
});

const storedAhead = ({ arrival, entry }: AheadEvent): StoredAhead => [
  arrival,
  entry.sequence,
  entry.index,
  entry.arrival,
  entry.partitionKey,
  entry.raw,
];

function aheadFrom([
  arrival,
  sequence,
  index,
  forwardedAt,
  partitionKey,
  raw,
]: StoredAhead): AheadEvent {
  const place = { sequence: sequence as SequenceNumber, index, arrival: arrivalTime(forwardedAt) };
  return { arrival: arrivalTime(arrival), entry: { ...place, partitionKey, raw } };
}

interface Placed {
  readonly entry: Entry;
  /** Of a key that is a list in JSON. */
  readonly elements: readonly unknown[] | undefined;
  /** What the key begins with, where that is a number. */
  readonly first: number;
}

function placedEntry(entry: Entry): Placed {
  const elements = elementsOf(entry[0]);
  const head = elements ? elements[0] : entry[0];
  const first = typeof head === 'string' ? compactId(head) : head;
  return { entry, elements, first: typeof first === 'number' ? first : Number.POSITIVE_INFINITY };
}

const comparePlaced = (a: Placed, b: Placed): number =>
  a.first === b.first ? compareCodePoints(a.entry[0], b.entry[0]) : a.first - b.first;

function elementsOf(key: string): readonly unknown[] | undefined {
  if (key.charCodeAt(0) !== OPEN_LIST) return undefined;
  try {
    const elements: unknown = JSON.parse(key);
    return Array.isArray(elements) ? elements : undefined;
  } catch {
    return undefined;
  }
}

function storedForm(
  [key, { arrival, partitionKey, state, fired, seen, row, ahead }]: Entry,
  elements: readonly unknown[] | undefined,
): StoredKept {
  const p =
    partitionKey === key ? undefined : (elementIndex(elements, partitionKey) ?? partitionKey);
  return {
    k: key,
    ...(p === undefined ? {} : { p }),
    a: arrival,
    ...(state === undefined ? {} : { s: state }),
    ...(fired === undefined ? {} : { f: fired }),
    ...(seen === undefined ? {} : { w: seen - arrival }),
    ...(row === undefined ? {} : { r: row === 'put' ? PUT : WITHHELD }),
    ...(ahead === undefined ? {} : { h: ahead.map(storedAhead) }),
  };
}

function elementIndex(
  elements: readonly unknown[] | undefined,
  partitionKey: string,
): number | undefined {
  const at = elements?.indexOf(partitionKey) ?? -1;
  return at < 0 ? undefined : at;
}

function partitionKeyFrom(key: string, stored: Value | undefined): string | undefined {
  if (stored === undefined) return key;
  const found = typeof stored === 'number' ? elementsOf(key)?.[stored] : stored;
  return typeof found === 'string' ? found : undefined;
}
