/** Cells of CSV to attributes: by a header line, as `--columns` says, or in the order that the stream's source declares. */
import type { FileLines } from '../../shared/job/source.ts';
import { UsageError } from '../usageError.ts';
import type { Reading } from './reading.ts';
import { readTime, type TimeUnit, timeRemedy } from './times.ts';

export interface CsvOptions {
  readonly timeUnit: TimeUnit;
  /** One sign; a comma where nobody says. */
  readonly separator?: string;
  /** Names of the columns, in their order; `-` is one that is not read. */
  readonly columns?: readonly string[];
  /** `first`: the first line is a header whatever it says; `none`: nothing is. By default a header is known by its names. */
  readonly header?: 'first' | 'none';
}

/** A column that no attribute is read from. */
const NOT_READ = '-';
const SEPARATORS = [',', ';', '\t', '|'];

export class Columns {
  readonly #lines: FileLines;
  readonly #options: CsvOptions;
  readonly #file: string;
  #names: readonly string[];
  #time: number;
  #isFirst = true;

  /** Throws UsageError where `columns` are not the stream's. */
  constructor(lines: FileLines, options: CsvOptions, file: string) {
    this.#lines = lines;
    this.#options = options;
    this.#file = file;
    this.#names = options.columns ?? lines.columns;
    this.#time = this.#names.indexOf(lines.time);
    checkColumns(this.#names, lines);
  }

  /** Where the time stands. */
  get time(): number {
    return this.#time;
  }

  /**
   * Whether the cells are no event but a header; what comes behind it is read by its names. Throws UsageError for one that lacks
   * the time.
   * @param isEvent whether the cells could be read as one
   */
  takeHeader(cells: readonly string[], isEvent: boolean): boolean {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const isSaid = isFirst && this.#options.header === 'first';
    if (this.#options.header === 'none') return false;
    if (!isSaid && (isEvent || !this.#isNamed(cells))) return false;
    if (this.#options.columns) return true;
    const names = cells.map((cell) => this.#attribute(cell) ?? NOT_READ);
    if (!names.includes(this.#lines.time)) {
      throw new UsageError(
        `the header of ${this.#file} is "${cells.join(',')}" and has no ${this.#lines.time}: name its columns with --columns`,
      );
    }
    this.#names = names;
    this.#time = names.indexOf(this.#lines.time);
    return true;
  }

  /** Where an event has its time, a header has the time's name, and it names another attribute. */
  #isNamed(cells: readonly string[]): boolean {
    if (readTime(cells[this.#time] ?? '', this.#options.timeUnit) !== undefined) return false;
    const names = new Set(cells.map((cell) => this.#attribute(cell)).filter((name) => name));
    return names.has(this.#lines.time) && names.size > 1;
  }

  #attribute(cell: string): string | undefined {
    return this.#lines.columns.find((name) => plain(name) === plain(cell));
  }

  /** Empty columns are absent attributes: an order's txId before it is paid. */
  read(cells: readonly string[], text: string): Reading {
    const names = this.#names;
    if (cells.length !== names.length) {
      const found = `found ${cells.length}${this.#otherSeparator(text)}`;
      return {
        reason: `${NO_CSV} write the ${names.length} columns ${names.join(',')} (${found})`,
      };
    }
    const event: Record<string, unknown> = {};
    for (const [i, name] of names.entries()) {
      const cell = cells[i] ?? '';
      const value = i === this.#time ? readTime(cell, this.#options.timeUnit) : cell;
      if (value === undefined) {
        return { reason: `${name}: ${timeRemedy(this.#options.timeUnit)} (found "${cell}")` };
      }
      if (value !== '' && name !== NOT_READ) event[name] = value;
    }
    return { event };
  }

  #otherSeparator(text: string): string {
    const { separator = ',' } = this.#options;
    const other = SEPARATORS.find(
      (each) => each !== separator && text.split(each).length === this.#names.length,
    );
    if (other === undefined || this.#names.length < 2) return '';
    const shown = other === '\t' ? 'tab' : `'${other}'`;
    return `; --separator ${shown} would give ${this.#names.length}`;
  }
}

export const NO_CSV = 'is neither JSON nor CSV of this stream:';

/** `user_id`, `User ID` and `userId` are one name. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

function checkColumns(names: readonly string[], { columns, time }: FileLines): void {
  const all = columns.join(',');
  const unknown = names.find((name) => name !== NOT_READ && !columns.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `--columns names "${unknown}"; the stream has ${all}, and - is a column that is not read`,
    );
  }
  const twice = names.find((name, i) => name !== NOT_READ && names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--columns names ${twice} twice`);
  if (!names.includes(time)) {
    throw new UsageError(`--columns lacks ${time}, the time of the events; the stream has ${all}`);
  }
}
