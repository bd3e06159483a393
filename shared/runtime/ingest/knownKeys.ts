/**
 * What is kept of the keys of a batch of a status job. A key that the store does not know is read from its row, where all keys have one:
 * strongly, and behind a head whose rows are put. So the row has all that the lane ever said of the key.
 */
import type { StatusJob } from '../../job/statusJob.ts';
import type { KeptState, KeyedStates } from '../../operators/keyed/keyedState.ts';
import type { StatusEntry } from '../../operators/status/statusIntake.ts';
import type { Table } from '../../ports/table.ts';
import { valueWeight } from '../../ports/valueWeight.ts';
import { keptInRow } from '../../state/keyed/statusRows.ts';

/** Rows that are read at a time, and what all that a commit needs may take in memory; the last ones may bring more. */
const ROWS_AT_ONCE = 200;
const ROWS_BYTES_MAX = 16 * 1024 * 1024;

export interface Known {
  readonly states: KeyedStates;
  /** Whether what is kept of the key was read: as far as it takes too much, it was not. */
  isRead(key: string): boolean;
}

/** @param rows the job's results */
export async function knownOf(
  job: StatusJob,
  rows: Table,
  store: KeyedStates,
  events: readonly StatusEntry[],
): Promise<Known> {
  if (job.rows.of !== 'all') return { states: store, isRead: () => true };
  const unknown = new Set(events.map(({ key }) => key).filter((key) => !store.get(key)));
  const read = await readRows(job, rows, [...unknown]);
  return {
    states: { get: (key) => store.get(key) ?? read.states.get(key) },
    isRead: (key) => !unknown.has(key) || read.keys.has(key),
  };
}

async function readRows(job: StatusJob, rows: Table, keys: readonly string[]) {
  const states = new Map<string, KeptState>();
  let upTo = 0;
  for (let bytes = 0; upTo < keys.length && bytes < ROWS_BYTES_MAX; upTo += ROWS_AT_ONCE) {
    const some = keys.slice(upTo, upTo + ROWS_AT_ONCE).map((pk) => ({ pk, sk: '' }));
    for (const item of await rows.batchGet(some, 'strong')) {
      const [key, kept] = keptInRow(job, item);
      states.set(key, kept);
      bytes += valueWeight(kept.state ?? null);
    }
  }
  return { states, keys: new Set(keys.slice(0, upTo)) };
}
