/**
 * Columns of texts that are all of one form, as what that form stands for.
 *
 * Invariant: what is read is of the form again, or the bytes are damaged. So a text never comes back as another.
 */
import { DASH } from '../../model/ascii.ts';
import { compactId } from '../../model/ids.ts';
import { eventTime, isoTime } from '../../model/time.ts';
import {
  FORM,
  type Form,
  isHex,
  isLongNumber,
  UUID_BYTES,
  UUID_LENGTH,
  writeUuid,
} from './forms.ts';
import { readLongNumbers, writeLongNumbers } from './longNumbers.ts';
import { readCounts, readNumbers, sumOf, writeNumbers } from './numberColumn.ts';
import { readRows, writeRows } from './planes.ts';
import { damaged, type Sink, type Source } from './sections.ts';
import { isTime, timeOf } from './times.ts';

/** The least number that takes more than 15 digits. */
const NUMBER_END = 1e15;
/** Of the budget: each takes a `Date` where no two are in one minute. */
const UNITS_OF_TIME = 3;
/** Of bytes in hexadecimal, up to which they are stored plane by plane. */
const HEX_PLANES_MAX = 64;
const HEX_BYTES_MAX = 2 ** 28;

const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1');

/** How to write texts that are all of the form; undefined where one of them is not. */
export function writerOf(form: Form, texts: readonly string[]): ((to: Sink) => void) | undefined {
  switch (form) {
    case FORM.number:
      return writerOfNumbers(numbersOf(texts));
    case FORM.time:
      return writerOfTimes(timesOf(texts));
    case FORM.uuid:
      return writerOfUuids(texts);
    case FORM.hex:
      return texts.every(isHex) ? (to) => writeHexTexts(to, texts) : undefined;
    case FORM.long:
      return texts.every(isLongNumber) ? (to) => writeLongNumbers(to, texts) : undefined;
    default:
      return undefined;
  }
}

const writerOfNumbers = (values: Float64Array | undefined) =>
  values && ((to: Sink): void => writeNumbers(to, values));

const writerOfTimes = (values: Float64Array | undefined) =>
  values &&
  ((to: Sink): void => {
    to.budget.spend(values.length * UNITS_OF_TIME);
    writeNumbers(to, values);
  });

function numbersOf(texts: readonly string[]): Float64Array | undefined {
  const values = new Float64Array(texts.length);
  for (let i = 0; i < texts.length; i += 1) {
    const number = compactId(texts[i] as string);
    if (typeof number !== 'number') return undefined;
    values[i] = number;
  }
  return values;
}

function timesOf(texts: readonly string[]): Float64Array | undefined {
  const values = new Float64Array(texts.length);
  for (let i = 0; i < texts.length; i += 1) {
    const text = texts[i] as string;
    if (!isTime(text)) return undefined;
    values[i] = timeOf(text);
  }
  return values;
}

function writerOfUuids(texts: readonly string[]): ((to: Sink) => void) | undefined {
  const rows = new Uint8Array(texts.length * UUID_BYTES);
  for (let i = 0; i < texts.length; i += 1) {
    if (!writeUuid(texts[i] as string, rows, i * UUID_BYTES)) return undefined;
  }
  return (to) => {
    to.budget.characters(texts.length * UUID_LENGTH);
    writeRows(to, rows, texts.length, UUID_BYTES);
  };
}

export function readForm(from: Source, form: number, count: number): string[] {
  switch (form) {
    case FORM.number:
      return Array.from(readCounts(from, count, NUMBER_END - 1), String);
    case FORM.time:
      from.budget.spend(count * UNITS_OF_TIME);
      return Array.from(readNumbers(from, count), timeText);
    case FORM.uuid:
      from.budget.characters(count * UUID_LENGTH);
      return uuidTexts(readRows(from, count, UUID_BYTES), count);
    case FORM.hex:
      return readHexTexts(from, count);
    case FORM.long:
      return readLongNumbers(from, count);
    default:
      throw damaged('its texts are of no form');
  }
}

function timeText(ms: number): string {
  try {
    return isoTime(eventTime(ms));
  } catch {
    throw damaged('a time is none');
  }
}

/** All characters at once, of which each text is then a part. */
function uuidTexts(rows: Uint8Array, count: number): string[] {
  const characters = Buffer.allocUnsafe(count * UUID_LENGTH);
  let at = 0;
  for (let i = 0; i < rows.length; i += 1) {
    const place = i % UUID_BYTES;
    if (place === 4 || place === 6 || place === 8 || place === 10) {
      characters[at] = DASH;
      at += 1;
    }
    const byte = rows[i] as number;
    characters[at] = HEX_DIGITS[byte >> 4] as number;
    characters[at + 1] = HEX_DIGITS[byte & 15] as number;
    at += 2;
  }
  return cut(characters.toString('latin1'), count, UUID_LENGTH);
}

function cut(all: string, count: number, length: number): string[] {
  const texts = new Array<string>(count);
  for (let i = 0; i < count; i += 1) texts[i] = all.slice(i * length, (i + 1) * length);
  return texts;
}

function writeHexTexts(to: Sink, texts: readonly string[]): void {
  const lengths = Float64Array.from(texts, ({ length }) => length / 2);
  const width = lengths[0] as number;
  const isEven = width <= HEX_PLANES_MAX && lengths.every((length) => length === width);
  writeNumbers(to, lengths);
  const bytes = Buffer.from(texts.join(''), 'hex');
  to.budget.characters(2 * bytes.length);
  if (isEven) writeRows(to, bytes, texts.length, width);
  else to.body.bytes(bytes);
}

function readHexTexts(from: Source, count: number): string[] {
  const lengths = readCounts(from, count, HEX_BYTES_MAX);
  from.budget.characters(2 * sumOf(lengths));
  const width = lengths[0] as number;
  if (width <= HEX_PLANES_MAX && lengths.every((length) => length === width)) {
    return cut(Buffer.from(readRows(from, count, width)).toString('hex'), count, width * 2);
  }
  return Array.from(lengths, (length) => Buffer.from(from.body.bytes(length)).toString('hex'));
}
