/** Decoded entries, for tests of operators that see no bytes. */
import { arrivalTime } from '../../shared/model/time.ts';
import type { Entry } from '../../shared/records/entry.ts';
import { CLOCK_START } from './clock.ts';
import { sequenceNumber } from './records.ts';

/** One entry per value, in order; a string is what could not be decoded, with its reason. */
export function entriesOf(values: readonly unknown[], extra: Partial<Entry> = {}): Entry[] {
  return values.map((value, i) => ({
    sequence: sequenceNumber(i),
    index: 0,
    arrival: arrivalTime(CLOCK_START),
    partitionKey: 'key',
    raw: JSON.stringify(value) ?? '',
    ...(typeof value === 'string' ? { problem: value } : { value }),
    ...extra,
  }));
}

/** What was read, where something was. */
export const jsonOf = (entry: Entry | undefined): unknown =>
  entry && 'value' in entry ? entry.value : undefined;

export const problemOf = (entry: Entry | undefined): string | undefined =>
  entry && 'problem' in entry ? entry.problem : undefined;
