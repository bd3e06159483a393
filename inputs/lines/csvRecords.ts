/**
 * Lines of CSV to records. A library reads what is quoted; a line without any quote is cut at its separators, which gives the
 * same and takes a fifth of the time. A record ends where its quotes are even in number, and a quote that is never
 * closed costs its own line only: the lines behind it are looked at anew.
 */
import { type CsvError, type Options, parse } from 'csv-parse/sync';

export interface TextLine {
  readonly text: string;
  /** Of the file, from 1. */
  readonly line: number;
}

/** `text` is all of it; `line` is where it begins. */
export type CsvRecord = TextLine &
  ({ readonly cells: readonly string[] } | { readonly problem: string });

const QUOTE = '"';
/** A cell of an event has no more lines: what would is a quote that nobody closed. */
const RECORD_LINES_MAX = 100;

export class CsvRecords {
  readonly #separator: string;
  readonly #strict: Options;
  /** Lines of a record whose quotes are not closed yet. */
  #open: TextLine[] = [];

  constructor(separator: string) {
    this.#separator = separator;
    // A lone carriage return ends no record, whatever the library would make of the first one.
    const record_delimiter = '\n';
    this.#strict = { delimiter: separator, record_delimiter, trim: true, relax_column_count: true };
  }

  /** The records that the lines make whole, in order. */
  take(lines: readonly TextLine[]): CsvRecord[] {
    if (this.#open.length === 0 && !lines.some(hasQuote)) return lines.flatMap(this.#plain);
    const waiting = this.#open.concat(lines);
    const { groups, open } = grouped(waiting);
    this.#open = open;
    return this.#read(groups);
  }

  /** The records that are left, as whole as they are. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#open.length > 0) {
      const [first, ...rest] = this.#open as [TextLine, ...TextLine[]];
      this.#open = [];
      records.push(...this.#alone(first), ...this.take(rest));
    }
    return records;
  }

  #plain = ({ text, line }: TextLine): CsvRecord[] => {
    if (text.trim() === '') return [];
    return [{ text, line, cells: text.split(this.#separator).map(trimmed) }];
  };

  #read(groups: readonly (readonly TextLine[])[]): CsvRecord[] {
    const records = groups.map(joined).filter(({ text }) => text.trim() !== '');
    const rows = this.#rowsOf(records.map(({ text }) => text).join('\n'), this.#strict);
    const isRead = 'cells' in rows && rows.cells.length === records.length;
    if (!isRead) return groups.flatMap((group) => this.#readGroup(group));
    return records.map((record, i) => ({ ...record, cells: rows.cells[i] ?? [] }));
  }

  #readGroup(group: readonly TextLine[]): CsvRecord[] {
    const [first, ...rest] = group;
    if (!first) return [];
    const record = joined(group);
    const rows = this.#rowsOf(record.text, this.#strict);
    const [cells, ...more] = 'cells' in rows ? rows.cells : [];
    if (cells && more.length === 0) return [{ ...record, cells }];
    const { groups, open } = grouped(rest);
    return [
      ...this.#alone(first),
      ...groups.flatMap((each) => this.#readGroup(each)),
      ...(open.length > 0 ? this.#readGroup(open) : []),
    ];
  }

  /** A quote within a cell that does not begin with one is a sign like others: 5" pipe. */
  #alone(line: TextLine): CsvRecord[] {
    if (line.text.trim() === '') return [];
    const rows = this.#rowsOf(line.text, { ...this.#strict, relax_quotes: true });
    return 'problem' in rows
      ? [{ ...line, problem: rows.problem }]
      : [{ ...line, cells: rows.cells[0] ?? [] }];
  }

  #rowsOf(text: string, options: Options): { cells: string[][] } | { problem: string } {
    try {
      return { cells: parse(text, options) as unknown as string[][] };
    } catch (error) {
      return { problem: PROBLEMS[(error as CsvError).code] ?? (error as Error).message };
    }
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed: close it, or write it twice in quotes',
  CSV_INVALID_CLOSING_QUOTE: 'a cell goes on behind its closing quote: write quotes in it twice',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE:
    'a cell goes on behind its closing quote: write quotes in it twice',
};

const hasQuote = ({ text }: TextLine): boolean => text.includes(QUOTE);

const SPACE = 0x20;
const LAST_ASCII = 0x7f;

/** White space as the library has it, which is JavaScript's. */
function trimmed(cell: string): string {
  const isClean = isSign(cell.charCodeAt(0)) && isSign(cell.charCodeAt(cell.length - 1));
  return isClean ? cell : cell.trim();
}

const isSign = (code: number): boolean => code > SPACE && code <= LAST_ASCII;

/** Lines whose quotes are even together, and those at the end that wait for more. */
function grouped(lines: readonly TextLine[]): { groups: TextLine[][]; open: TextLine[] } {
  const groups: TextLine[][] = [];
  let open: TextLine[] = [];
  let isOpen = false;
  for (const line of lines) {
    open.push(line);
    if (countQuotes(line.text) % 2 === 1) isOpen = !isOpen;
    if (isOpen && open.length < RECORD_LINES_MAX) continue;
    groups.push(open);
    open = [];
    isOpen = false;
  }
  return { groups, open };
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf(QUOTE); at >= 0; at = text.indexOf(QUOTE, at + 1)) count += 1;
  return count;
}

const joined = (group: readonly TextLine[]): TextLine => ({
  text: group.map(({ text }) => text).join('\n'),
  line: group[0]?.line ?? 1,
});
