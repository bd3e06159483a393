/** Rows as the API shows them: without what the engine keeps on them, and with pseudonyms for personal data. */
import { PRIVATE_ATTRIBUTES } from '../../shared/job/tables.ts';
import { INDEXES } from '../../shared/ports/rowsReader.ts';
import type { Item, Value } from '../../shared/ports/table.ts';
import type { Seal } from './sealed.ts';
import type { ApiTable } from './tables.ts';

const PRIVATE: ReadonlySet<string> = new Set(PRIVATE_ATTRIBUTES);
/** Kept by the engine for an index, and worth knowing. */
const PROBLEM_AT = INDEXES.problems.sortKey;

export interface RowView {
  /** Whether personal data get pseudonyms. */
  readonly hidesPersons: boolean;
  show(table: ApiTable, row: Item): Item;
  /** Of the row as it is shown, in what Lambda returns: an answer stands there as a text in JSON, which is JSON itself. */
  bytes(table: ApiTable, row: Item): number;
  /** The id as tables have it; undefined for what is nobody's pseudonym. */
  ofViewer(table: ApiTable, id: string): string | undefined;
}

export function rowViewOf(pseudonyms: Seal | undefined): RowView {
  const hidden = (table: ApiTable): readonly string[] =>
    pseudonyms === undefined ? [] : (table.personal ?? []);
  /** Each row is measured first, and shown then. */
  const shownRows = new WeakMap<Item, Item>();
  const show = (table: ApiTable, row: Item): Item => {
    const before = shownRows.get(row);
    if (before) return before;
    const shown = shownOf(table, row);
    shownRows.set(row, shown);
    return shown;
  };
  const shownOf = (table: ApiTable, row: Item): Item => {
    const personal = hidden(table);
    const entries = Object.entries(row).filter(
      ([name]) => !PRIVATE.has(name) || (name === PROBLEM_AT && table.rows === 'statuses'),
    );
    return Object.fromEntries(
      entries.map(([name, value]) => {
        const isHidden = pseudonyms !== undefined && personal.includes(name);
        return [name, isHidden ? sealed(value, pseudonyms) : plain(value)];
      }),
    );
  };
  return {
    hidesPersons: pseudonyms !== undefined,
    show,
    bytes: (table, row) => Buffer.byteLength(JSON.stringify(JSON.stringify(show(table, row)))),
    ofViewer(table, id) {
      if (pseudonyms === undefined || !hidden(table).includes(table.partitionKey)) return id;
      return pseudonyms.open(id)?.toString();
    },
  };
}

/** Lists stay lists, so that a screen shows as many pseudonyms as there were values. */
function sealed(value: Value, pseudonyms: Seal): Value {
  if (typeof value === 'string') return pseudonyms.seal(value);
  if (Array.isArray(value)) return value.map((each: Value) => sealed(each, pseudonyms));
  return pseudonyms.seal(JSON.stringify(value));
}

/** JSON has no bytes. */
function plain(value: Value): Value {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
