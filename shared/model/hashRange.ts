/**
 * Kinesis's hash keys: numbers of 128 bits. A record goes by the MD5 of its partition key, or by a hash key that its
 * producer gave instead, and every shard owns a range of them, which never changes.
 */
import { hash } from 'node:crypto';

/** First and last hash key of a shard, both inclusive. */
export interface HashRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** How many there are. */
export const HASH_KEYS = 2n ** 128n;

export const WHOLE_RANGE: HashRange = { start: 0n, end: HASH_KEYS - 1n };

/** What Kinesis makes of a partition key. */
export const hashKeyOf = (partitionKey: string): bigint =>
  BigInt(`0x${hash('md5', partitionKey, 'hex')}`);

/** A hash key as producers write it; undefined where the text is none. */
export function parseHashKey(text: string): bigint | undefined {
  if (!/^\d{1,39}$/.test(text)) return undefined;
  const hashKey = BigInt(text);
  return hashKey < HASH_KEYS ? hashKey : undefined;
}

export const isWithin = ({ start, end }: HashRange, hashKey: bigint): boolean =>
  hashKey >= start && hashKey <= end;

export const isSameRange = (a: HashRange, b: HashRange): boolean =>
  a.start === b.start && a.end === b.end;

export const containsRange = (outer: HashRange, inner: HashRange): boolean =>
  outer.start <= inner.start && inner.end <= outer.end;

/** What two ranges have in common; undefined where that is nothing. */
export function commonRange(a: HashRange, b: HashRange): HashRange | undefined {
  const start = a.start > b.start ? a.start : b.start;
  const end = a.end < b.end ? a.end : b.end;
  return start <= end ? { start, end } : undefined;
}

/** Whether records of a partition key belong to a range; by text, since numbers of 128 bits take longer to make. */
export function takesKeys(range: HashRange): (partitionKey: string) => boolean {
  if (isSameRange(range, WHOLE_RANGE)) return () => true;
  const [first, last] = [hexOf(range.start), hexOf(range.end)];
  return (partitionKey) => {
    const digest = hash('md5', partitionKey, 'hex');
    return digest >= first && digest <= last;
  };
}

const hexOf = (hashKey: bigint): string => hashKey.toString(16).padStart(32, '0');

/** `<start>-<end>`, in decimal. */
export const formatHashRange = ({ start, end }: HashRange): string => `${start}-${end}`;

/** The inverse of `formatHashRange`; undefined where the text is no range. */
export function parseHashRange(text: string): HashRange | undefined {
  const [start, end] = text.split('-').map(parseHashKey);
  return start === undefined || end === undefined ? undefined : { start, end };
}
