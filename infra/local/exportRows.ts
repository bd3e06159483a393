/** Result tables as files: one JSON row a line, as the command line prints them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLine, sortRows } from '../../cli/output/rows.ts';
import type { Stack } from './stack.ts';

const STATE_TABLE = 'state';

/** Writes `<folder>/<table>.jsonl` for every result table; a table without rows makes an empty file. */
export async function exportRows(
  stack: Pick<Stack, 'definitions' | 'rows'>,
  folder: string,
): Promise<string[]> {
  const tables = stack.definitions.tables.filter(({ name }) => name !== STATE_TABLE);
  return Promise.all(
    tables.map(async (table) => {
      const file = join(folder, `${table.name}.jsonl`);
      const rows = sortRows(await stack.rows(table.name), table);
      await writeFile(file, rows.map((row) => `${jsonLine(row, table)}\n`).join(''));
      return file;
    }),
  );
}
