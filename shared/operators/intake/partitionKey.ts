/**
 * By what an entry's producer chose its shard, as far as the entry itself tells: the partition key that its stream's source declares, and
 * of what has none, its own text. That is how readers of files choose it, too (`inputs/inputEvent.ts`).
 */
import type { Source } from '../../job/source.ts';
import { asPartitionKey } from '../../ports/recordSink.ts';
import type { Entry } from '../../records/entry.ts';
import { unreadableLine } from '../../records/envelopes.ts';

export function partitionKeyOf(
  { partitionKeyIn }: Pick<Source<unknown>, 'partitionKeyIn'>,
  entry: Entry,
): string {
  const { raw } = entry;
  const value = 'value' in entry ? entry.value : undefined;
  if (typeof value !== 'object' || value === null) return keyOfText(raw);
  return asPartitionKey(keyIn(partitionKeyIn, value) ?? unreadableLine(value) ?? textOf(raw));
}

/** Undefined also where the source's own code throws. */
function keyIn(
  partitionKeyIn: Source<unknown>['partitionKeyIn'],
  value: object,
): string | undefined {
  try {
    return partitionKeyIn(value);
  } catch {
    return undefined;
  }
}

/** @param text bytes where it is no UTF-8 */
export const keyOfText = (text: string | Uint8Array): string => asPartitionKey(textOf(text));

const textOf = (text: string | Uint8Array): string =>
  typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
