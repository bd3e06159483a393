/**
 * By what a line's producer chose its shard, as far as the line itself tells: the partition key that its stream's source declares; of a list
 * of events that have one key, that one; of what has none, its own text. Readers of files choose it so (`inputs/inputEvent.ts`).
 */
import type { Source } from '../../job/source.ts';
import { asPartitionKey } from '../../ports/recordSink.ts';
import type { Entry } from '../../records/entry.ts';
import { unreadableLine } from '../../records/envelopes.ts';

type Keyed = Pick<Source<unknown>, 'partitionKeyIn'>;

/** Of a named producer's entry: that of its line, which may hold others. */
export function partitionKeyOf(source: Keyed, { raw, produced, ...entry }: Entry): string {
  const line = produced?.line ?? raw;
  if (line !== raw) return partitionKeyOfLine(source, parsed(line), line);
  return partitionKeyOfLine(source, 'value' in entry ? entry.value : undefined, raw);
}

/** @param value what the text is parsed into; undefined where it is no JSON */
export function partitionKeyOfLine(
  source: Keyed,
  value: unknown,
  text: string | Uint8Array,
): string {
  const found = Array.isArray(value) ? keyOfAll(source, value) : keyIn(source, value);
  return found ?? keyOfText(text);
}

function keyOfAll(source: Keyed, values: readonly unknown[]): string | undefined {
  const [first, ...others] = new Set(values.map((value) => keyIn(source, value)));
  return others.length === 0 ? first : undefined;
}

/** Undefined also where the source's own code throws. */
function keyIn({ partitionKeyIn }: Keyed, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return partitionKeyIn(value) ?? keyOfUnreadable(value);
  } catch {
    return undefined;
  }
}

function keyOfUnreadable(value: object): string | undefined {
  const line = unreadableLine(value);
  return line === undefined ? undefined : keyOfText(line);
}

/** @param text bytes where it is no UTF-8 */
export const keyOfText = (text: string | Uint8Array): string =>
  asPartitionKey(typeof text === 'string' ? text : Buffer.from(text).toString('latin1'));

function parsed(line: string | Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return undefined;
  }
}
