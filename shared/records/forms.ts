/**
 * What the data of a record may be besides JSON, an event a line; and how one stream's is read. Owns the names of the forms and
 * the limits on them, not the reading itself.
 */

/**
 * - `gzip`, `zlib`: a compressed payload. One level: what is compressed twice is dead.
 * - `cloudWatchLogs`: the envelope of a CloudWatch Logs subscription; each log event's message is data of its own.
 * - `array`: a JSON array in which some item is an object; each item is an event.
 * - `concatenated`: JSON objects without a line end in between, as Firehose and its agents put them together.
 */
export type Form = 'gzip' | 'zlib' | 'cloudWatchLogs' | 'array' | 'concatenated';

/** In the order in which they are looked for. */
export const FORMS: readonly Form[] = ['gzip', 'zlib', 'cloudWatchLogs', 'array', 'concatenated'];

/**
 * Reads a producer's own format: the events in the data of a record, or of one event in an aggregate, as values that JSON
 * can hold; undefined for data of another format, which is then read as any stream's. What it throws makes a dead letter of the
 * data. It must be pure: the same bytes give the same events, in the same order, whenever and however often they come.
 */
export type Decode = (data: Uint8Array) => readonly unknown[] | undefined;

/** How a stream's data are read. */
export interface Reading {
  readonly forms: ReadonlySet<Form>;
  readonly decode?: Decode;
}

/** What reading has taken so far, beyond the bytes that came. */
export interface Effort {
  /** Bytes that compressed payloads inflated to. */
  inflated: number;
}

export const ANY_FORM: Reading = { forms: new Set(FORMS) };

/** What a compressed payload may inflate to, in bytes. */
export const INFLATED_MAX = 16 * 1024 * 1024;
/** It may be so many times as large as what came, beyond an allowance for small ones. */
export const INFLATED_RATIO_MAX = 100;
export const INFLATED_ALLOWANCE = 128 * 1024;
/** One JSON text in a compressed payload, in characters: all of it is parsed at once. */
export const INFLATED_TEXT_MAX = 8 * 1024 * 1024;
/** Brackets that open in one that is larger than a record: lists in each other take thirty times the memory of their text. */
export const INFLATED_BRACKETS_MAX = 200_000;
/** A text of up to so many characters could have come as a record by itself, and is parsed whatever it is. */
export const RECORD_TEXT_MAX = 1024 * 1024;
