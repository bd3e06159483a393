/** Rows of a result table on standard output, in any of the formats. */
import type { Item } from '../../shared/ports/table.ts';
import { printCsv } from './csv.ts';
import type { OutputFormat } from './format.ts';
import { jsonLine, publicAttributes, publicNames, type ShownTable } from './rows.ts';
import { rowsTable } from './rowsTable.ts';
import { terminalSize } from './terminal.ts';

export async function printRows(
  rows: readonly Item[],
  table: ShownTable,
  format: OutputFormat,
): Promise<void> {
  switch (format) {
    case 'json':
      for (const row of rows) console.log(jsonLine(row, table));
      return;
    case 'csv':
      return printCsv(publicNames(rows, table), rows.map(publicAttributes));
    case 'table':
      console.log(rowsTable(rows, table, terminalSize(process.stdout)?.columns));
  }
}
