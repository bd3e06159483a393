/**
 * The stored form of late events and dead letters, by column: what is common to a record once a record, each partition
 * key and each reason once, numbers as steps, and the events' own bytes as they came. Deflated, a record that is garbage
 * throughout takes about its own size.
 */
import { ByteReader, ByteWriter } from '../../model/bytes.ts';
import { formatPosition } from '../../model/position.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import type { SideEvent } from '../../operators/intake/progress.ts';

/** A late event or dead letter as it is stored and shown. */
export interface StoredSideEvent {
  readonly kind: 'late' | 'dead';
  /** `<stream>/<shard>` */
  readonly lane: string;
  readonly position: string;
  readonly arrival: ArrivalTime;
  readonly partitionKey: string;
  /** The lane's watermark just before the event. */
  readonly watermark: Watermark;
  readonly eventTime?: EventTime;
  readonly reason?: string;
  readonly raw: Uint8Array;
}

/** In the order in which they are stored; the raw bytes follow them. */
const COLUMNS = [
  'runs',
  'sequences',
  'indexes',
  'keys',
  'keyTexts',
  'reasons',
  'reasonTexts',
  'watermarks',
  'eventTimes',
  'lengths',
] as const;

type Column = (typeof COLUMNS)[number];

export function encodeSideColumns(events: readonly SideEvent[]): Uint8Array {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, new ByteWriter()])) as Record<
    Column,
    ByteWriter
  >;
  writeRuns(columns, events);
  const keys = new Dictionary(columns.keys, columns.keyTexts);
  const reasons = new Dictionary(columns.reasons, columns.reasonTexts);
  const watermarks = new Steps();
  const eventTimes = new Steps();
  for (const { entry, watermark, ...outcome } of events) {
    keys.write(entry.partitionKey);
    // A late event has no reason; that is what tells it from a dead letter.
    reasons.write(outcome.kind === 'dead' ? outcome.reason : undefined);
    watermarks.write(columns.watermarks, watermark === NO_WATERMARK ? undefined : watermark);
    if (outcome.kind === 'late') eventTimes.write(columns.eventTimes, outcome.eventTime);
    columns.lengths.unsigned(byteLengthOf(entry.raw));
  }
  const parts: Uint8Array[] = [];
  const head = new ByteWriter();
  head.unsigned(events.length);
  for (const name of COLUMNS) {
    const bytes = columns[name].finish();
    head.unsigned(bytes.length);
    parts.push(bytes);
  }
  return Buffer.concat([head.finish(), ...parts, rawBytes(events)]);
}

/** Events of one record, one after the other. */
function writeRuns(
  { runs, sequences, indexes }: Record<Column, ByteWriter>,
  events: readonly SideEvent[],
) {
  const arrivals = new Steps();
  let sequence = '';
  for (let at = 0; at < events.length; ) {
    const { entry } = events[at] as SideEvent;
    const length = runLength(events, at);
    runs.unsigned(length);
    const shared = sharedPrefix(sequence, entry.sequence);
    sequences.unsigned(shared);
    sequences.text(entry.sequence.slice(shared));
    arrivals.write(sequences, entry.arrival);
    sequence = entry.sequence;
    let due = 0;
    for (const end = at + length; at < end; at += 1) {
      const { index } = (events[at] as SideEvent).entry;
      indexes.signed(index - due);
      due = index + 1;
    }
  }
}

function runLength(events: readonly SideEvent[], from: number): number {
  const { entry: first } = events[from] as SideEvent;
  let to = from + 1;
  for (; to < events.length; to += 1) {
    const { entry } = events[to] as SideEvent;
    if (entry.sequence !== first.sequence || entry.arrival !== first.arrival) break;
  }
  return to - from;
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

const byteLengthOf = (raw: string | Uint8Array): number =>
  typeof raw === 'string' ? Buffer.byteLength(raw) : raw.length;

function rawBytes(events: readonly SideEvent[]): Buffer {
  const bytes = Buffer.allocUnsafe(
    events.reduce((sum, { entry }) => sum + byteLengthOf(entry.raw), 0),
  );
  let at = 0;
  for (const { entry } of events) {
    if (typeof entry.raw === 'string') at += bytes.write(entry.raw, at);
    else {
      bytes.set(entry.raw, at);
      at += entry.raw.length;
    }
  }
  return bytes;
}

/** The events, one at a time. */
export function* decodeSideColumns(stored: Uint8Array, lane: string): Generator<StoredSideEvent> {
  const { count, columns, raws } = columnsOf(stored);
  const places = new Places(columns);
  const keys = new DictionaryReader(columns.keys, columns.keyTexts);
  const reasons = new DictionaryReader(columns.reasons, columns.reasonTexts);
  const watermarks = new Steps();
  const eventTimes = new Steps();
  for (let i = 0; i < count; i += 1) {
    places.next();
    const partitionKey = keys.read() ?? '';
    const reason = reasons.read();
    const watermark = watermarks.read(columns.watermarks);
    const common = {
      lane,
      position: formatPosition(places),
      arrival: arrivalTime(places.arrival),
      partitionKey,
      watermark: watermark === undefined ? NO_WATERMARK : watermarkAt(watermark),
      raw: raws.bytes(columns.lengths.unsigned()),
    };
    if (reason !== undefined) yield { kind: 'dead', ...common, reason };
    else
      yield {
        kind: 'late',
        ...common,
        eventTime: eventTime(eventTimes.read(columns.eventTimes) ?? 0),
      };
  }
}

/** Where each event stands, and when its record arrived. */
class Places {
  sequence = '';
  index = 0;
  arrival = 0;
  readonly #columns: Record<Column, ByteReader>;
  readonly #arrivals = new Steps();
  #left = 0;

  constructor(columns: Record<Column, ByteReader>) {
    this.#columns = columns;
  }

  next(): void {
    const { runs, sequences, indexes } = this.#columns;
    if (this.#left === 0) {
      this.#left = runs.unsigned();
      this.sequence = this.sequence.slice(0, sequences.unsigned()) + sequences.text();
      this.arrival = this.#arrivals.read(sequences) ?? 0;
      this.index = -1;
    }
    this.#left -= 1;
    this.index += 1 + indexes.signed();
  }
}

function columnsOf(stored: Uint8Array) {
  const reader = new ByteReader(stored);
  const count = reader.unsigned();
  const lengths = COLUMNS.map(() => reader.unsigned());
  const columns = Object.fromEntries(
    COLUMNS.map((name, i) => [name, new ByteReader(reader.bytes(lengths[i] ?? 0))]),
  ) as Record<Column, ByteReader>;
  return { count, columns, raws: reader };
}

/** Of a dictionary: no text; one that was not met before, which then stands among the texts; the first of them. */
const NO_TEXT = 0;
const NEW_TEXT = 1;
const FIRST_TEXT = 2;

class Dictionary {
  readonly #numbers = new Map<string, number>();
  readonly #to: ByteWriter;
  readonly #texts: ByteWriter;

  constructor(to: ByteWriter, texts: ByteWriter) {
    this.#to = to;
    this.#texts = texts;
  }

  write(text: string | undefined): void {
    const number = text === undefined ? NO_TEXT : (this.#numbers.get(text) ?? NEW_TEXT);
    this.#to.unsigned(number);
    if (number !== NEW_TEXT || text === undefined) return;
    this.#numbers.set(text, FIRST_TEXT + this.#numbers.size);
    this.#texts.text(text);
  }
}

class DictionaryReader {
  readonly #known: string[] = [];
  readonly #from: ByteReader;
  readonly #texts: ByteReader;

  constructor(from: ByteReader, texts: ByteReader) {
    this.#from = from;
    this.#texts = texts;
  }

  read(): string | undefined {
    const number = this.#from.unsigned();
    if (number !== NEW_TEXT) return this.#known[number - FIRST_TEXT];
    const text = this.#texts.text();
    this.#known.push(text);
    return text;
  }
}

const NONE = 0;
const IN_FULL = 1;
const STEP = 2;
const STEP_MAX = 2 ** 50;

/** Numbers as steps from the one before: 0 for none, 1 for one that no exact step leads to. */
class Steps {
  #last = 0;

  write(to: ByteWriter, value: number | undefined): void {
    if (value === undefined) {
      to.unsigned(NONE);
      return;
    }
    const step = value - this.#last;
    if (Number.isSafeInteger(value) && Number.isSafeInteger(step) && Math.abs(step) < STEP_MAX) {
      to.unsigned(STEP + (step < 0 ? -2 * step - 1 : 2 * step));
    } else {
      to.unsigned(IN_FULL);
      to.float64(value);
    }
    this.#last = value;
  }

  read(from: ByteReader): number | undefined {
    const code = from.unsigned();
    if (code === NONE) return undefined;
    if (code === IN_FULL) this.#last = from.float64();
    else {
      const zigzag = code - STEP;
      this.#last += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    return this.#last;
  }
}
