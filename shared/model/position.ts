/**
 * Where an event sits in its shard: the record's sequence number, and the event's index in that record
 * when several are packed into it. Sequence numbers are decimal strings of differing lengths (56 digits on
 * AWS, fewer elsewhere) and compare as integers, never as text.
 */

export type SequenceNumber = string;

export interface Position {
  readonly sequence: SequenceNumber;
  readonly index: number;
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareSequences(first: SequenceNumber, second: SequenceNumber): number {
  const a = withoutLeadingZeros(first);
  const b = withoutLeadingZeros(second);
  // Equal-length decimal strings without sign order like the integers they spell; that spares a BigInt.
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function comparePositions(a: Position, b: Position): number {
  return compareSequences(a.sequence, b.sequence) || a.index - b.index;
}

export const formatPosition = (p: Position): string => `${p.sequence}/${p.index}`;

/** The inverse of `formatPosition`; undefined where the text is not a position. */
export function parsePosition(text: string): Position | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  return match?.[1] && match[2]
    ? { sequence: match[1], index: Number.parseInt(match[2], 10) }
    : undefined;
}

const withoutLeadingZeros = (digits: string): string =>
  digits.startsWith('0') ? digits.replace(/^0+/, '') : digits;
