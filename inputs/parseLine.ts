/**
 * One line of a file as an event of a stream. A line that is no event goes on too, so that it becomes a dead letter
 * with its reason instead of disappearing here: JSON exactly as it is, since every reader of the stream can say what
 * is wrong with it; a line of CSV or of the web log in an envelope with the reason, which is known only here.
 */
import type { FileLines } from '../shared/job/source.ts';
import { asPartitionKey } from '../shared/ports/recordSink.ts';
import { encodeUnreadable } from '../shared/records/envelopes.ts';
import type { StreamFormat, TimeUnit } from './formats.ts';

/** An event as it goes to a stream: what a `Producer`'s `put` takes. */
export interface InputEvent {
  /** One line of JSON; of anything, where a line of JSON is damaged; bytes, where they are not text. */
  readonly line: string | Uint8Array;
  /** What the line parses into, where it is text and its reader knows. */
  readonly value?: unknown;
  readonly partitionKey: string;
  /** Absent where the line does not say. */
  readonly eventTimeMs?: number;
}

type Attributes = Readonly<Record<string, unknown>>;
/** What a line holds, or why it cannot be read. */
type Reading = { readonly event: Attributes } | { readonly reason: string };

/** `text` has no line end and is not blank. JSON is recognised by its first character. */
export function parseLine(text: string, format: StreamFormat, timeUnit: TimeUnit): InputEvent {
  const { fileLines } = format;
  if (JSON_START.test(text)) return jsonEvent(text, format);
  if (!fileLines) return unreadable(text);
  const reading =
    fileLines.form === 'csv' ? fromColumns(text, fileLines, timeUnit) : fromWebLog(text, fileLines);
  return 'event' in reading
    ? describe(JSON.stringify(reading.event), reading.event, format)
    : explained(text, reading.reason);
}

const JSON_START = /^\s*[{[]/;

/** A line that cannot be read goes to a shard of its own choice: always the same one for the same line. */
export function unreadable(line: string | Uint8Array): InputEvent {
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('latin1');
  return { line, partitionKey: asPartitionKey(text) };
}

/** A longer line might not fit a record once it is in an envelope; it goes as it is. */
const EXPLAINED_LENGTH_MAX = 16_384;

function explained(text: string, reason: string): InputEvent {
  const plain = unreadable(text);
  if (text.length > EXPLAINED_LENGTH_MAX) return plain;
  return { ...plain, line: encodeUnreadable(text, reason) };
}

function jsonEvent(text: string, format: StreamFormat): InputEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(text);
  }
  return typeof value === 'object' && value !== null
    ? describe(text, value as Attributes, format)
    : unreadable(text);
}

function describe(line: string, event: Attributes, format: StreamFormat): InputEvent {
  const eventTimeMs = format.eventTimeIn(event);
  return {
    line,
    value: event,
    partitionKey: format.partitionKeyIn(event) ?? unreadable(line).partitionKey,
    ...(eventTimeMs === undefined ? {} : { eventTimeMs }),
  };
}

/** Empty columns are absent attributes: an order's txId before it is paid. */
function fromColumns(text: string, { columns, time }: FileLines, unit: TimeUnit): Reading {
  const cells = text.split(',');
  if (cells.length !== columns.length) {
    return {
      reason: `is neither JSON nor CSV of this stream: write the ${columns.length} columns ${columns.join(',')} (found ${cells.length})`,
    };
  }
  const event: Record<string, unknown> = {};
  for (const [i, name] of columns.entries()) {
    const cell = cells[i] ?? '';
    const value = name === time ? epochMs(cell, unit) : cell;
    if (value === undefined) {
      return {
        reason: `${name}: must be a whole number of epoch ${UNITS[unit]} (found "${cell}")`,
      };
    }
    if (value !== '') event[name] = value;
  }
  return { event };
}

const UNITS: Readonly<Record<TimeUnit, string>> = { s: 'seconds', ms: 'milliseconds' };

const EPOCH = /^-?\d{1,15}$/;

function epochMs(cell: string, unit: TimeUnit): number | undefined {
  if (!EPOCH.test(cell)) return undefined;
  // Plus 0, since JSON has no negative one.
  const value = Number.parseInt(cell, 10) * (unit === 's' ? 1_000 : 1) + 0;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** ip, `-`, user, time, zone, method, url. */
const WEB_LOG = /^(\S+) \S+ \S+ (\S+) (\S+) (\S+) (\S+)$/;

function fromWebLog(text: string, { columns, time: timeName }: FileLines): Reading {
  const match = WEB_LOG.exec(text);
  if (!match) {
    return {
      reason:
        'is neither JSON nor a line of the web log: write IP - USER dd/MM/yyyy:HH:mm:ss +0000 METHOD URL',
    };
  }
  const [, ip, time = '', zone = '', method, url] = match;
  const at = webLogTime(time, zone);
  if (at === undefined) {
    return {
      reason: `${timeName}: must be a time that exists, written dd/MM/yyyy:HH:mm:ss +0000 (found "${time} ${zone}")`,
    };
  }
  const cells = [ip, at, method, url];
  return { event: Object.fromEntries(columns.map((name, i) => [name, cells[i]])) };
}

function webLogTime(time: string, zone: string): number | undefined {
  const date = /^(\d{2})\/(\d{2})\/(\d{4}):(\d{2}:\d{2}:\d{2})$/.exec(time);
  const offset = /^([+-]\d{2})(\d{2})$/.exec(zone);
  if (!date || !offset) return undefined;
  const [, day, month, year, clock] = date;
  // The 31st of a shorter month would be read as a day of the next one.
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (midnight.getUTCDate() !== Number(day)) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${clock}${offset[1]}:${offset[2]}`);
  return Number.isNaN(at) ? undefined : at;
}
