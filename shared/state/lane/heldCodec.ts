/** The stored form of what a commit of a pattern job brought and left waiting. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { PatternJob } from '../../job/patternJob.ts';
import { arrivalTime, eventTime } from '../../model/time.ts';
import type { Reader } from '../../operators/intake/judge.ts';
import { contentOf, type Held, type HeldEvent } from '../../operators/pattern/held.ts';
import type { Entry } from '../../records/entry.ts';

type StoredHeld =
  | readonly ['timer', at: number, key: string, partitionKey: string]
  | readonly [
      'event',
      at: number,
      sequence: string,
      index: number,
      arrival: number,
      partitionKey: string,
      raw: string,
    ];

export const encodeHeld = (held: readonly Held[]): Uint8Array =>
  deflateRawSync(JSON.stringify(held.map(storedForm)));

function storedForm(held: Held): StoredHeld {
  if (held.kind === 'timer') return ['timer', held.at, held.key, held.partitionKey];
  const { sequence, index, arrival, partitionKey, raw } = held.entry;
  return ['event', held.at, sequence, index, arrival, partitionKey, String(raw)];
}

export function decodeHeld(job: PatternJob, reader: Reader, packed: Uint8Array): Held[] {
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredHeld[];
  return stored.map((each) =>
    each[0] === 'timer'
      ? { kind: 'timer', at: eventTime(each[1]), key: each[2], partitionKey: each[3] }
      : heldAgain(job, reader, each),
  );
}

function heldAgain(
  job: PatternJob,
  reader: Reader,
  [, at, sequence, index, arrival, partitionKey, raw]: Extract<
    StoredHeld,
    readonly ['event', ...unknown[]]
  >,
): HeldEvent {
  const entry: Entry = {
    sequence,
    index,
    arrival: arrivalTime(arrival),
    partitionKey,
    raw,
    value: JSON.parse(raw),
  };
  return { kind: 'event', at: eventTime(at), entry, content: contentOf(job, reader, entry) };
}
