/** A job's result tables, by logical name. */
import { InvariantViolation } from '../errors.ts';
import type { Table } from '../ports/table.ts';

export type ResultTables = (table: string) => Table;

export function tableNamed(tables: ReadonlyMap<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (table) return table;
  throw new InvariantViolation(`the job has no result table ${name}`);
}
