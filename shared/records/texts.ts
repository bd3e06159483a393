/**
 * From text to entries: JSON a line or over several lines, and what a JSON text may be besides an event. Which texts there are is
 * a matter of this file; what data they come from is that of `decode.ts`.
 */
import type { Entry } from './entry.ts';
import { decodedValue, decodeRedriven, looksRedriven, type Redriven } from './envelopes.ts';
import { concatenated, itemsOf } from './jsonPieces.ts';
import {
  isBlank,
  isJson,
  mayBeConcatenated,
  mayBeJson,
  opensDocument,
  parseProblem,
  sizeProblem,
} from './jsonText.ts';
import { linesOfBytes, linesOfText } from './lines.ts';
import { isLogEnvelope, type LogEnvelope, messageOf } from './logEnvelope.ts';
import { LOG_ENVELOPE, textLook } from './looksLike.ts';
import { controlEntry, damagedEntry, type Origin, readableEntry } from './origin.ts';

/** @param raw what stands for the text where it is blank */
export function entriesOfText(
  origin: Origin,
  raw: string | Uint8Array,
  text: string,
  first: number,
): Iterable<Entry> {
  if (!text.includes('\n') && !isBlank(text)) return entriesOfLine(origin, first, text);
  if (opensDocument(text)) {
    const found = entryOf(origin, first, text);
    if (!('problem' in found)) return entriesOf(found);
  }
  return entriesOfLines(origin, raw, text, first);
}

function* entriesOfLines(
  origin: Origin,
  raw: string | Uint8Array,
  text: string,
  first: number,
): Iterable<Entry> {
  let index = first;
  for (const line of linesOfText(text)) {
    for (const entry of entriesOfLine(origin, index, line)) {
      yield entry;
      index += 1;
    }
  }
  if (index === first) {
    yield damagedEntry(origin, first, raw, 'the record holds only white space');
  }
}

/** The data have invalid UTF-8 somewhere: only the lines that hold it are lost. */
export function* entriesOfLinesOfBytes(
  origin: Origin,
  data: Buffer,
  first: number,
): Iterable<Entry> {
  let index = first;
  for (const line of linesOfBytes(data)) {
    const entries =
      typeof line === 'string'
        ? entriesOfLine(origin, index, line)
        : [damagedEntry(origin, index, line, 'the bytes are not UTF-8 text')];
    for (const entry of entries) {
      yield entry;
      index += 1;
    }
  }
}

/** @param line not blank, and without a line end */
export const entriesOfLine = (origin: Origin, index: number, line: string): Iterable<Entry> =>
  entriesOf(entryOf(origin, index, line));

const BYTE_ORDER_MARK = 0xfeff;

function entryOf(origin: Origin, index: number, line: string): Found {
  const text = line.charCodeAt(0) === BYTE_ORDER_MARK ? line.slice(1) : line;
  if (!mayBeJson(text)) return noSingleText(origin, index, line, 'none begins and ends like this');
  const tooLarge = origin.inside && sizeProblem(text);
  if (tooLarge)
    return noSingleText(origin, index, line, `inside ${origin.inside.form}, ${tooLarge}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return noSingleText(origin, index, line, parseProblem(error as Error));
  }
  return entryOfValue(origin, index, line, value);
}

/** So many objects one behind the other are looked at for one that is JSON. */
const CONCATENATED_LOOK = 8;

function noSingleText(origin: Origin, index: number, line: string, why: string): Found {
  if (mayBeConcatenated(line)) {
    const isConcatenated = hasJsonAmong(concatenated(line), line);
    if (isConcatenated && origin.decoding.reading.forms.has('concatenated')) {
      return { kind: 'several', entries: entriesOfObjects(origin, index, line) };
    }
    if (isConcatenated) {
      return damagedEntry(origin, index, line, 'is several JSON objects without a line end');
    }
  }
  const look = textLook(line);
  const reason = look === undefined ? why : `it looks like ${look}`;
  return damagedEntry(origin, index, line, `is not JSON: ${reason}`);
}

function hasJsonAmong(pieces: Iterable<string>, whole: string): boolean {
  let looked = 0;
  for (const piece of pieces) {
    if (piece.length < whole.length && isJson(piece)) return true;
    looked += 1;
    if (looked === CONCATENATED_LOOK) return false;
  }
  return false;
}

function* entriesOfObjects(origin: Origin, first: number, text: string): Iterable<Entry> {
  let index = first;
  for (const piece of concatenated(text)) {
    for (const entry of entriesOf(entryOf(origin, index, piece))) {
      yield entry;
      index += 1;
    }
  }
}

/** Of a text that is parsed already. */
export const entriesOfValue = (origin: Origin, line: string, value: unknown): Iterable<Entry> =>
  entriesOf(entryOfValue(origin, 0, line, value));

function entryOfValue(origin: Origin, index: number, line: string, value: unknown): Found {
  if (typeof value !== 'object' || value === null) {
    return readableEntry(origin, index, line, value);
  }
  if (looksRedriven(value)) return openEnvelope(origin, index, line, value);
  if (Array.isArray(value)) return entryOfArray(origin, index, line, value);
  if (mayBeLogs(origin, line) && isLogEnvelope(value)) {
    return openLogs(origin, index, line, value);
  }
  const given = origin.decoding.reading.decode ? decodedValue(value) : value;
  return readableEntry(origin, index, line, given);
}

function entryOfArray(origin: Origin, index: number, line: string, items: unknown[]): Found {
  const isOfEvents = origin.decoding.reading.forms.has('array') && items.some(isObject);
  return isOfEvents
    ? { kind: 'several', entries: entriesOfItems(origin, index, line, items) }
    : readableEntry(origin, index, line, items);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* entriesOfItems(
  origin: Origin,
  first: number,
  line: string,
  items: readonly unknown[],
): Iterable<Entry> {
  let index = first;
  const texts = itemsOf(line);
  for (const item of items) {
    const text = texts.next().value ?? '';
    const found =
      isObject(item) && looksRedriven(item)
        ? openEnvelope(origin, index, text, item)
        : readableEntry(origin, index, text, item);
    for (const entry of entriesOf(found)) {
      yield entry;
      index += 1;
    }
  }
}

/** A look at the last bytes, which costs plain events nothing: an envelope ends with its list. */
const mayBeLogs = ({ inside }: Origin, line: string): boolean =>
  inside !== undefined || line.endsWith(']}');

function openLogs(origin: Origin, index: number, line: string, envelope: LogEnvelope): Found {
  if (!origin.decoding.reading.forms.has('cloudWatchLogs'))
    return deadLogs(origin, index, line, '');
  if (envelope.messageType === 'CONTROL_MESSAGE') return controlEntry(origin, index, line);
  return envelope.logEvents.length === 0
    ? deadLogs(origin, index, line, ' that holds no events')
    : { kind: 'several', entries: entriesOfLogs(origin, index, envelope) };
}

/** Kept as it came, if it is all that came. */
function deadLogs(origin: Origin, index: number, line: string, what: string): Entry {
  const { inside } = origin;
  const isAll = inside && Buffer.byteLength(line) + 1 >= inside.length;
  const form = inside ? `${inside.form} of ` : '';
  const problem = `is ${form}${LOG_ENVELOPE}${what}`;
  return damagedEntry(origin, index, isAll ? inside.payload : line, problem);
}

function* entriesOfLogs(
  origin: Origin,
  first: number,
  { logEvents }: LogEnvelope,
): Iterable<Entry> {
  const within = { ...origin, inside: undefined };
  let index = first;
  for (const logEvent of logEvents) {
    const message = messageOf(logEvent);
    const entries =
      message === undefined
        ? [
            damagedEntry(
              origin,
              index,
              JSON.stringify(logEvent),
              'is a log event without a message',
            ),
          ]
        : entriesOfText(within, message, message, index);
    for (const entry of entries) {
      yield entry;
      index += 1;
    }
  }
}

function openEnvelope(origin: Origin, index: number, line: string, value: object): Found {
  const letter = decodeRedriven(value);
  if (!letter) {
    return damagedEntry(origin, index, line, 'is a damaged redrive envelope; redrive it again');
  }
  if (origin.redriven) {
    return damagedEntry(origin, index, line, 'is a redrive envelope within another one');
  }
  const redriven: Redriven = { ...letter, first: index, envelope: line };
  const within: Origin = { ...origin, hashKey: undefined, inside: undefined, redriven };
  return { kind: 'several', entries: origin.decoding.entriesIn(within, redriven.payload, index) };
}

/** What a JSON text is. */
type Found = Entry | Several;

interface Several {
  readonly kind: 'several';
  readonly entries: Iterable<Entry>;
}

const entriesOf = (found: Found): Iterable<Entry> => ('kind' in found ? found.entries : [found]);
