/** What the deployment and the README have to know of each kind of template; everything else is in `templates`. */
import type { IndexName } from '../../shared/ports/rowsReader.ts';
import type { Names } from './names.ts';

export const KINDS = ['window', 'status', 'pattern', 'gate'] as const;
export type Kind = (typeof KINDS)[number];

export interface NewTable {
  readonly names: Names;
  /** Attributes: the partition key, then the sort key. */
  readonly keys: readonly [string] | readonly [string, string];
  readonly index?: IndexName;
}

interface TableFacts {
  /** Beside the key of the stream. */
  readonly sortKey?: string;
  /** What lists the rows. */
  readonly index?: IndexName;
}

export interface KindFacts {
  readonly batches: 'largeBatches' | 'keyedBatches';
  /** For the table in the README. */
  readonly how: string;
  /** By what follows the job's name in the table's. */
  readonly tables: Readonly<Record<string, TableFacts>>;
}

export const FACTS: Readonly<Record<Kind, KindFacts>> = {
  window: {
    batches: 'largeBatches',
    how: 'tumbling window, 1 h',
    tables: { '': { sortKey: 'windowEnd' } },
  },
  status: {
    batches: 'keyedBatches',
    how: 'status per key, 30 min',
    tables: { '': { index: 'problems' } },
  },
  pattern: {
    batches: 'keyedBatches',
    how: 'pattern: 3 events in a row in less than 10 s',
    tables: { '': { sortKey: 'alertId', index: 'latest' } },
  },
  gate: {
    batches: 'keyedBatches',
    how: 'gate per key and day; tumbling window, 1 h',
    tables: {
      '': { sortKey: 'windowEnd' },
      '-blocked': { sortKey: 'day', index: 'latest' },
    },
  },
};
