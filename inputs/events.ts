/**
 * Pieces of a file as events of a stream. What is no event goes on too, so that it becomes a dead letter with its reason instead
 * of disappearing here: JSON exactly as it is, since every reader of the stream can say what is wrong with it; a line of CSV
 * or of the web log in an envelope with the reason, which is known only here.
 */
import { isUtf8 } from 'node:buffer';
import type { FileLines } from '../shared/job/source.ts';
import { shownName } from './files/bytes.ts';
import type { Piece } from './files/pieces.ts';
import type { StreamFormat } from './formats.ts';
import { described, explained, type InputEvent, unreadable } from './inputEvent.ts';
import { Columns, type CsvOptions, NO_CSV } from './lines/columns.ts';
import { type CsvRecord, CsvRecords, type TextLine } from './lines/csvRecords.ts';
import type { Reading } from './lines/reading.ts';
import { looksLike, UNIT_NAMES } from './lines/times.ts';
import { fromWebLog } from './lines/webLog.ts';

export interface InputOptions extends CsvOptions {
  /** Hears of what is read and yet looks wrong; one line, at most one a file. */
  readonly notice?: (text: string) => void;
}

export class PieceReader {
  readonly #format: StreamFormat;
  readonly #options: InputOptions;
  readonly #file: string;
  readonly #csv: CsvRecords;
  readonly #columns: Columns | undefined;
  readonly #webLog: FileLines | undefined;
  /** Whether the unit of times is known to be right, or has been spoken of. */
  #isUnitClear = false;
  #events: InputEvent[] = [];

  /** Throws UsageError where the options do not fit the stream. */
  constructor(format: StreamFormat, options: InputOptions, file: string) {
    const { fileLines } = format;
    this.#format = format;
    this.#options = options;
    this.#file = shownName(file);
    this.#csv = new CsvRecords(options.separator ?? ',');
    const isCsv = fileLines?.form === 'csv';
    this.#columns = isCsv ? new Columns(fileLines, options, this.#file) : undefined;
    this.#webLog = isCsv ? undefined : fileLines;
  }

  /** The events that the pieces make whole, in order. Throws UsageError for a header that lacks the time. */
  take(pieces: readonly Piece[]): InputEvent[] {
    this.#events = [];
    let lines: TextLine[] = [];
    for (const { bytes, line } of pieces) {
      const content = isUtf8(bytes) ? contentOf(bytes.toString('utf8')) : Buffer.from(bytes);
      if (this.#columns && typeof content === 'string') {
        lines.push({ text: content, line });
        continue;
      }
      this.#endRecords(lines);
      lines = [];
      this.#takeContent(content, line);
    }
    if (lines.length > 0) this.#takeRecords(this.#csv.take(lines));
    return this.#events;
  }

  /** What follows is no CSV, and so in no record of it. */
  #endRecords(lines: readonly TextLine[]): void {
    if (this.#columns) this.#takeRecords([...this.#csv.take(lines), ...this.#csv.end()]);
  }

  end(): InputEvent[] {
    this.#events = [];
    this.#takeRecords(this.#csv.end());
    return this.#events;
  }

  #takeJson({ line, value }: Json, lineNumber: number): void {
    const event = described(line, value, this.#format, lineNumber);
    this.#events.push(event);
    if (!this.#isUnitClear && event.eventTimeMs !== undefined) {
      this.#checkUnit(String(event.eventTimeMs), lineNumber, 'json');
    }
  }

  #takeContent(content: string | Buffer | Json, lineNumber: number): void {
    if (Buffer.isBuffer(content)) this.#events.push(unreadable(content, lineNumber));
    else if (typeof content === 'object') this.#takeJson(content, lineNumber);
    else if (content.trim() !== '') this.#takeLine(content, lineNumber);
  }

  #takeLine(text: string, lineNumber: number): void {
    if (this.#webLog) this.#takeReading(fromWebLog(text, this.#webLog), text, lineNumber);
    else this.#events.push(unreadable(text, lineNumber));
  }

  #takeRecords(records: readonly CsvRecord[]): void {
    const columns = this.#columns;
    if (!columns) return;
    for (const record of records) {
      if ('problem' in record) {
        const reason = `${NO_CSV} ${record.problem}`;
        this.#takeReading({ reason }, record.text, record.line);
        continue;
      }
      const { cells, text, line } = record;
      const reading = columns.read(cells, text);
      if (columns.takeHeader(cells, 'event' in reading)) continue;
      if (!this.#isUnitClear) this.#checkUnit(cells[columns.time] ?? '', line, 'csv');
      this.#takeReading(reading, text, line);
    }
  }

  #takeReading(reading: Reading, text: string, line: number): void {
    if ('event' in reading) {
      const { event } = reading;
      this.#events.push(described(JSON.stringify(event), event, this.#format, line));
    } else if (isJsonStart(text)) this.#events.push(unreadable(text, line));
    else this.#events.push(explained(text, reading.reason, line));
  }

  /** Of the first time that can be told apart. */
  #checkUnit(time: string, line: number, form: 'csv' | 'json'): void {
    const { timeUnit, notice } = this.#options;
    const unit = looksLike(time);
    const expected = form === 'csv' ? timeUnit : 'ms';
    if (unit === undefined) return;
    this.#isUnitClear = true;
    if (unit === expected) return;
    const what = `${this.#file}:${line}: the time "${time}" looks like ${UNIT_NAMES[unit]}`;
    const remedy = form === 'csv' ? `give --time-unit ${unit}` : 'times in JSON are milliseconds';
    notice?.(`${what}, and is read as ${UNIT_NAMES[expected]}: ${remedy}`);
  }
}

interface Json {
  /** Without a line end. */
  readonly line: string;
  readonly value: object;
}

const OPEN = 0x7b;
const OPEN_LIST = 0x5b;
const SPACE = 0x20;

function isJsonStart(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first > SPACE && first !== OPEN && first !== OPEN_LIST) return false;
  return /^\s*[{[]/.test(text);
}

/** The text itself where it only begins like JSON: a line that is cut short, or CSV whose first id is in braces. */
function contentOf(text: string): string | Json {
  if (!isJsonStart(text)) return text;
  try {
    const value = JSON.parse(text) as object;
    if (!text.includes('\n')) return { line: text, value };
    const line = JSON.stringify(value);
    return { line, value: JSON.parse(line) as object };
  } catch {
    return text;
  }
}
