/** Events as files give them, and lines that are none. */
import { keyOfText, partitionKeyOfLine } from '../shared/operators/intake/partitionKey.ts';
import { encodeUnreadable } from '../shared/records/envelopes.ts';
import type { StreamFormat } from './formats.ts';

/** An event as it goes to a stream: what a `Producer`'s `put` takes. */
export interface InputEvent {
  /** One line of JSON; of anything, where a line of JSON is damaged; bytes, where they are not text. */
  readonly line: string | Uint8Array;
  /** What the line parses into, where it is text and its reader knows. */
  readonly value?: unknown;
  readonly partitionKey: string;
  /** Absent where the line does not say. */
  readonly eventTimeMs?: number;
  /** Where it begins in its file, from 1; absent where it comes from none. */
  readonly lineNumber?: number;
}

/** A line that cannot be read goes to a shard of its own choice: always the same one for the same line. */
export function unreadable(line: string | Uint8Array, lineNumber: number): InputEvent {
  return { line, partitionKey: keyOfText(line), lineNumber };
}

/** A longer line might not fit a record once it is in an envelope; it goes as it is. */
const EXPLAINED_LENGTH_MAX = 16_384;

export function explained(text: string, reason: string, lineNumber: number): InputEvent {
  const plain = unreadable(text, lineNumber);
  if (text.length > EXPLAINED_LENGTH_MAX) return plain;
  return { ...plain, line: encodeUnreadable(text, reason) };
}

/** @param line what `event` is parsed from, without a line end */
export function described(
  line: string,
  event: object,
  format: StreamFormat,
  lineNumber: number,
): InputEvent {
  const eventTimeMs = format.eventTimeIn(event);
  return {
    line,
    value: event,
    partitionKey: partitionKeyOfLine(format, event, line),
    ...(eventTimeMs === undefined ? {} : { eventTimeMs }),
    lineNumber,
  };
}
