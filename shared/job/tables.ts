/** The tables that a job's answers are written to. */
import { JobDefinitionError } from '../errors.ts';
import type { Value } from '../ports/table.ts';

/** A result row's own attributes, its table's key attributes among them. */
export type Row = { readonly [attribute: string]: Value };

/** The table of a window job: its rows' partition key attribute; the sort key is `windowEnd`. */
export interface WindowTable {
  readonly name: string;
  readonly partitionKey: string;
}

/** The table of a status job: one row per key. */
export interface StatusTable {
  readonly name: string;
  readonly partitionKey: string;
}

/** A table of facts: both key attributes are the job's own, and name the fact for ever. */
export interface AlertTable {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** The attribute that rows are listed by, newest first: a time that each row holds, as `isoTime` writes it. */
  readonly listedBy?: string;
}

/** Any of them, as a reader finds it. */
export interface ResultTable {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export const WINDOW_END = 'windowEnd';
/** Says how things stand, on a row of a status table. */
export const STATUS = 'status';

/** What the engine says of a window on its rows. */
export const WINDOW_ATTRIBUTES = ['windowStart', WINDOW_END, 'revision', 'final'] as const;

/** What the engine keeps on rows for itself: fence, state, time to live, and the keys of the index of problems. */
export const PRIVATE_ATTRIBUTES = ['fence', 'engine', 'expiresAt', 'problem', 'problemAt'] as const;

const ENGINE_ATTRIBUTES: readonly string[] = [...WINDOW_ATTRIBUTES, ...PRIVATE_ATTRIBUTES];

/**
 * @param written attributes that the engine writes on rows of this kind besides
 * @throws JobDefinitionError
 */
export function checkTable(
  job: string,
  { name, partitionKey, sortKey }: ResultTable,
  written: readonly string[] = [],
): void {
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
}
