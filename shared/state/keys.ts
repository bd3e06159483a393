/** Keys of the state table: one place, so that `docs/data-model.md` and the code cannot drift apart. */
import { type JobId, type Lane, laneName } from '../model/lane.ts';
import type { Item, Key, TableDescription } from '../ports/table.ts';

const SLOT_DIGITS = 12;

export const stateTable = (name: string): TableDescription => ({
  name,
  partitionKey: 'pk',
  sortKey: 'sk',
});

/** The key of an item of any table. */
export const itemKey = ({ partitionKey, sortKey }: TableDescription, item: Item): Key => ({
  pk: String(item[partitionKey]),
  sk: sortKey === undefined ? '' : String(item[sortKey]),
});

export const CLOSING = 'closing';
export const LANE_PREFIX = 'lane#';

export const laneKey = (lane: Lane) => ({ pk: lane.job, sk: `${LANE_PREFIX}${laneName(lane)}` });
export const closingKey = (job: JobId) => ({ pk: job, sk: CLOSING });
export const logPartition = (lane: Lane): string => `${lane.job}#log#${laneName(lane)}`;
export const slotKey = (slot: number): string => String(slot).padStart(SLOT_DIGITS, '0');
export const sidePartition = (lane: Lane): string => `${lane.job}#side#${laneName(lane)}`;
export const pagePartition = (job: JobId): string => `${job}#page`;
export const admissionPartition = (job: JobId): string => `${job}#redriven`;

/** DynamoDB's time to live wants epoch seconds. */
export const expirySeconds = (atMs: number): number => Math.ceil(atMs / 1_000);
