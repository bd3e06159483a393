/**
 * One line of a file as an event of a stream. A line that is no event goes on exactly as it is, so that it
 * becomes a dead letter with its reason instead of disappearing here.
 */
import { SINK_LIMITS } from '../../shared/producer/recordSink.ts';
import { type StreamFormat, TIME_ATTRIBUTE, type TimeUnit } from './formats.ts';

/** An event as it goes to a stream: what a `Producer`'s `put` takes. */
export interface InputEvent {
  /** One line of JSON; of anything, where the file's line is no event; bytes, where they are not text. */
  readonly line: string | Uint8Array;
  readonly partitionKey: string;
  /** Absent where the line does not say. */
  readonly eventTimeMs?: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** `text` has no line end and is not blank. JSON is recognised by its first character. */
export function parseLine(text: string, format: StreamFormat, timeUnit: TimeUnit): InputEvent {
  if (JSON_START.test(text)) return jsonEvent(text, format);
  const event =
    format.lines === 'csv' ? fromColumns(text, format, timeUnit) : fromWebLog(text, format);
  return event ? describe(JSON.stringify(event), event, format) : unreadable(text);
}

const JSON_START = /^\s*[{[]/;

/** A line that cannot be read goes to a shard of its own choice: always the same one for the same line. */
export function unreadable(line: string | Uint8Array): InputEvent {
  const text = typeof line === 'string' ? line : Buffer.from(line).toString('latin1');
  return { line, partitionKey: text.slice(0, SINK_LIMITS.partitionKeyLengthMax).toWellFormed() };
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
  const key = event[format.partitionKey];
  const time = event[TIME_ATTRIBUTE];
  return {
    line,
    partitionKey: isPartitionKey(key) ? key : unreadable(line).partitionKey,
    ...(typeof time === 'number' ? { eventTimeMs: time } : {}),
  };
}

const isPartitionKey = (key: unknown): key is string =>
  typeof key === 'string' &&
  key.length > 0 &&
  key.length <= SINK_LIMITS.partitionKeyLengthMax &&
  key.isWellFormed();

/** Empty columns are absent attributes: an order's txId before it is paid. */
function fromColumns(text: string, format: StreamFormat, unit: TimeUnit): Attributes | undefined {
  const cells = text.split(',');
  if (cells.length !== format.columns.length) return undefined;
  const event: Record<string, unknown> = {};
  for (const [i, name] of format.columns.entries()) {
    const cell = cells[i] ?? '';
    const value = name === TIME_ATTRIBUTE ? epochMs(cell, unit) : cell;
    if (value === undefined) return undefined;
    if (value !== '') event[name] = value;
  }
  return event;
}

const EPOCH = /^-?\d{1,15}$/;

function epochMs(cell: string, unit: TimeUnit): number | undefined {
  if (!EPOCH.test(cell)) return undefined;
  const value = Number.parseInt(cell, 10) * (unit === 's' ? 1_000 : 1);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** ip, `-`, user, dd/MM/yyyy:HH:mm:ss, zone, method, url. */
const WEB_LOG =
  /^(\S+) \S+ \S+ (\d{2})\/(\d{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2}) (\S+) (\S+)$/;

function fromWebLog(text: string, { columns }: StreamFormat): Attributes | undefined {
  const match = WEB_LOG.exec(text);
  if (!match) return undefined;
  const [, ip, day, month, year, time, zoneHours, zoneMinutes, method, url] = match;
  const at = Date.parse(`${year}-${month}-${day}T${time}${zoneHours}:${zoneMinutes}`);
  if (Number.isNaN(at)) return undefined;
  const cells = [ip, at, method, url];
  return Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
}
