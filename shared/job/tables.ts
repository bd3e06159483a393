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
}

/** Any of them, as a reader finds it. */
export interface ResultTable {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export const WINDOW_END = 'windowEnd';

/** Attributes that the engine writes on rows itself. */
const ENGINE_ATTRIBUTES = [
  'windowStart',
  WINDOW_END,
  'revision',
  'final',
  'fence',
  'engine',
  'expiresAt',
  'problem',
  'problemAt',
];

/** Throws JobDefinitionError. */
export function checkTable(job: string, { name, partitionKey, sortKey }: ResultTable): void {
  for (const key of [partitionKey, ...(sortKey === undefined ? [] : [sortKey])]) {
    if (ENGINE_ATTRIBUTES.includes(key)) {
      throw new JobDefinitionError(
        `${job}: a key of ${name} cannot be ${key}, which the engine writes itself`,
      );
    }
  }
}
