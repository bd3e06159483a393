/**
 * The stored form of what a commit of a pattern job brought and left waiting: columns of the events' own JSON, where that is how
 * `JSON.stringify` writes it; else their text as it came. Either way an event is read again byte for byte.
 */
import type { PatternJob } from '../../job/patternJob.ts';
import { arrivalTime, eventTime } from '../../model/time.ts';
import type { Reader } from '../../operators/intake/judge.ts';
import { contentOf, type Held, type HeldEvent } from '../../operators/pattern/held.ts';
import type { Value } from '../../ports/table.ts';
import type { Entry } from '../../records/entry.ts';
import { decodeGroups, encodeGroups } from '../columns/groups.ts';

/** Time-out: when, key, partition key. Event: when, sequence, index, arrival, partition key, then its value or its text. */
type StoredHeld =
  | readonly [at: number, key: string, partitionKey: string]
  | readonly [
      at: number,
      sequence: string,
      index: number,
      arrival: number,
      partitionKey: string,
      value: Value,
      text?: string,
    ];

export const encodeHeld = (held: readonly Held[]): Uint8Array =>
  encodeGroups(held.map((each) => storedForm(each) as readonly Value[]));

function storedForm(held: Held): StoredHeld {
  if (held.kind === 'timer') return [held.at, held.key, held.partitionKey];
  const { sequence, index, arrival, partitionKey, raw } = held.entry;
  const text = String(raw);
  const place = [held.at, sequence, index, arrival, partitionKey] as const;
  const value = 'value' in held.entry ? (held.entry.value as Value) : null;
  return JSON.stringify(value) === text ? [...place, value] : [...place, null, text];
}

export const decodeHeld = (job: PatternJob, reader: Reader, packed: Uint8Array): Held[] =>
  Array.from(decodeGroups(packed), (record) => {
    const stored = record as unknown as StoredHeld;
    if (stored.length > 3) return heldAgain(job, reader, stored as StoredEvent);
    const [at, key, partitionKey] = stored as StoredTimer;
    return { kind: 'timer', at: eventTime(at), key, partitionKey };
  });

type StoredTimer = Extract<StoredHeld, readonly [number, string, string]>;
type StoredEvent = Exclude<StoredHeld, StoredTimer>;

function heldAgain(
  job: PatternJob,
  reader: Reader,
  [at, sequence, index, arrival, partitionKey, value, text]: StoredEvent,
): HeldEvent {
  const entry: Entry = {
    sequence,
    index,
    arrival: arrivalTime(arrival),
    partitionKey,
    raw: text ?? JSON.stringify(value),
    value: text === undefined ? value : JSON.parse(text),
  };
  return { kind: 'event', at: eventTime(at), entry, content: contentOf(job, reader, entry) };
}
