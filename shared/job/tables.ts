/** The tables that a job's answers are written to. */
import { JobDefinitionError } from '../errors.ts';
import { INDEXES } from '../ports/rowsReader.ts';
import type { Value } from '../ports/table.ts';

/** A result row's own attributes, its table's key attributes among them. */
export type Row = { readonly [attribute: string]: Value };

interface NamedTable {
  readonly name: string;
  readonly partitionKey: string;
  /** The attributes of rows that say who somebody is: whoever may not know gets pseudonyms instead. */
  readonly personal?: readonly string[];
}

/** The table of a window job: its rows' partition key attribute; the sort key is `windowEnd`. */
export interface WindowTable extends NamedTable {
  /** The attribute that tells which rows of a window are alike: a text, or a list of texts. Its index lists them. */
  readonly groupedBy?: string;
}

/** The table of a status job: one row per key. */
export interface StatusTable extends NamedTable {}

/** A table of facts: both key attributes are the job's own, and name the fact for ever. */
export interface AlertTable extends NamedTable {
  readonly sortKey: string;
  /** The attribute that rows are listed by, newest first: a time that each row holds, as `isoTime` writes it. */
  readonly listedBy?: string;
}

/** Any of them, as a reader finds it. */
export interface ResultTable extends NamedTable {
  readonly sortKey?: string;
  readonly listedBy?: string;
  readonly groupedBy?: string;
}

export const WINDOW_END = 'windowEnd';
/** Says how things stand, on a row of a status table. */
export const STATUS = 'status';

/** True on the row of a window that is none any more: later content left it out. */
export const WITHDRAWN = 'withdrawn';

/** What the engine says of a window on its rows. */
export const WINDOW_ATTRIBUTES = ['windowStart', WINDOW_END, 'revision', 'final'] as const;

/** Whether the row is a result: it was not withdrawn. */
export const isResult = (row: { readonly [attribute: string]: unknown }): boolean =>
  row[WITHDRAWN] !== true;

/** What the engine keeps on rows for itself: fence, state, time to live, and the keys of indexes. */
export const PRIVATE_ATTRIBUTES = [
  'fence',
  'engine',
  'expiresAt',
  ...Object.values(INDEXES).flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]),
];

const ENGINE_ATTRIBUTES: readonly string[] = [...WINDOW_ATTRIBUTES, ...PRIVATE_ATTRIBUTES];

/**
 * @param written attributes that the engine writes on rows of this kind besides
 * @throws JobDefinitionError
 */
export function checkTable(job: string, table: ResultTable, written: readonly string[] = []): void {
  const { name, partitionKey, sortKey } = table;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new JobDefinitionError(
      `${job}: table "${name}" is not kebab-case; write it like hot-items`,
    );
  }
  if (partitionKey === sortKey) {
    throw new JobDefinitionError(
      `${job}: both keys of ${name} are ${sortKey}; name two attributes`,
    );
  }
  for (const key of [partitionKey, ...(sortKey === undefined ? [] : [sortKey])]) {
    if (key === '')
      throw new JobDefinitionError(`${job}: a key of ${name} has no name; give it one`);
    if (ENGINE_ATTRIBUTES.includes(key) || written.includes(key)) {
      throw new JobDefinitionError(
        `${job}: a key of ${name} cannot be ${key}, which the engine writes itself`,
      );
    }
  }
  checkNamed(job, table, written);
  checkPersonal(job, table);
}

/** `listedBy` and `personal` name attributes of the job's own. */
function checkNamed(job: string, table: ResultTable, written: readonly string[]): void {
  const { name, listedBy, groupedBy, personal = [] } = table;
  for (const [option, named] of [
    ['listedBy', listedBy === undefined ? [] : [listedBy]],
    ['groupedBy', groupedBy === undefined ? [] : [groupedBy]],
    ['personal', personal],
  ] as const) {
    const wrong = named.find((attribute) => !isOwn(attribute, written));
    if (wrong === undefined) continue;
    throw new JobDefinitionError(
      `${job}: ${option} of ${name} names "${wrong}", which is no attribute of the job's own; name one that its rows have`,
    );
  }
}

const isOwn = (attribute: string, written: readonly string[]): boolean =>
  typeof attribute === 'string' &&
  attribute !== '' &&
  !ENGINE_ATTRIBUTES.includes(attribute) &&
  !written.includes(attribute);

/** A pseudonym stands in no order, so rows could not be asked for by what they are sorted by. */
function checkPersonal(job: string, { name, sortKey, listedBy, personal = [] }: ResultTable): void {
  for (const [what, attribute] of [
    ['the sort key', sortKey],
    ['what its rows are listed by', listedBy],
  ] as const) {
    if (attribute === undefined || !personal.includes(attribute)) continue;
    throw new JobDefinitionError(
      `${job}: ${attribute} of ${name} cannot be personal, since it is ${what}; keep what is personal in another attribute`,
    );
  }
}
