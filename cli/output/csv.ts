/**
 * Rows as CSV for programs: values as they are, so that a reader gets back what was stored. A spreadsheet takes a text such as
 * `=A1` for a formula, whoever wrote it. It stays as it is all the same, since an id with a sign before it is another id; that
 * there are some is said.
 */
import { stringify } from 'csv-stringify/sync';
import { counted } from '../../shared/model/counted.ts';
import type { Item, Value } from '../../shared/ports/table.ts';
import { inParts } from '../collect.ts';
import { printableLines } from './printable.ts';
import { say } from './say.ts';

/** However many rows there are, the text of so many is in memory. */
const PART_MAX = 1_000;

/** A header, and a line for each row; what a row does not have is empty. A terminal has no reader but people, and is to obey nobody. */
export async function printCsv(
  names: readonly string[],
  rows: AsyncIterable<Item> | Iterable<Item>,
): Promise<void> {
  const print = (text: string) => console.log(process.stdout.isTTY ? printableLines(text) : text);
  let formulas = 0;
  print(lines([names]));
  for await (const part of inParts(rows, PART_MAX)) {
    const cells = part.map((row) => names.map((name) => cellText(row[name])));
    print(lines(cells));
    formulas += formulasIn(part);
  }
  if (formulas > 0) say(`note: ${formulaNote(formulas)}`);
}

/** Without the end of the last line. */
const lines = (cells: readonly (readonly string[])[]): string =>
  stringify([...cells], { eof: false });

/** A list or a map is JSON. */
function cellText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Full-width forms too: spreadsheets take them for the same signs. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

const formulasIn = (rows: readonly Item[]): number =>
  rows
    .flatMap((row) => Object.values(row))
    .filter((value) => typeof value === 'string' && FORMULA.test(value)).length;

const formulaNote = (count: number): string =>
  `a spreadsheet would take ${counted(count, 'value')} of this CSV for formulas; import the columns as text`;
