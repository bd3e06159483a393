/** Keys of the state table: one place, so that `docs/data-model.md` and the code cannot drift apart. */
import { type JobId, type Lane, laneName } from '../model/lane.ts';
import type { ProcessingTime } from '../model/time.ts';
import type { TableDescription } from '../ports/table.ts';

const SLOT_DIGITS = 12;

export const stateTable = (name: string): TableDescription => ({
  name,
  partitionKey: 'pk',
  sortKey: 'sk',
});

/** Who owns a result table. A partition each, so that a job's role reaches its own alone. */
export const tableOwnerKey = (table: string) => ({ pk: `table#${table}`, sk: 'owner' });
export const CLOSING = 'closing';
export const LANE_PREFIX = 'lane#';

export const laneKey = (lane: Lane) => ({ pk: lane.job, sk: `${LANE_PREFIX}${laneName(lane)}` });
/** The job watermark of a job that closes no windows. */
export const clockKey = (job: JobId) => ({ pk: job, sk: 'clock' });
export const closingKey = (job: JobId) => ({ pk: job, sk: CLOSING });
export const logPartition = (lane: Lane): string => `${lane.job}#log#${laneName(lane)}`;
export const slotKey = (slot: number): string => String(slot).padStart(SLOT_DIGITS, '0');
export const chunkPartition = (lane: Lane): string => `${lane.job}#chunk#${laneName(lane)}`;
/** A part of a lane's snapshot: a partition for each, so that reading them is not bound by what one takes. */
export const partPartition = (
  lane: Lane,
  { slot, from }: { readonly slot: number; readonly from: number },
): string => `${lane.job}#part#${laneName(lane)}#${slotKey(slot)}#${from}`;
export const pagePartition = (job: JobId): string => `${job}#page`;
/** Which rows a window has, of a job that takes rows away. */
export const rowListKey = (job: JobId, windowEnd: string) => ({ pk: `${job}#rows`, sk: windowEnd });
/** What is kept of lanes that have ended, apart from those that every run lists. */
export const retiredPartition = (job: JobId): string => `${job}#retired`;
/** What people decided about the dead letters of a lane's commits. */
export const marksPartition = (lane: Lane): string => `${lane.job}#marks#${laneName(lane)}`;
/** What may come in the place of dead letters of a lane's commits. */
export const editsPartition = (lane: Lane): string => `${lane.job}#edits#${laneName(lane)}`;
export const admissionPartition = (job: JobId): string => `${job}#redriven`;
/** Why each of the job's functions failed last. */
export const failurePartition = (job: JobId): string => `${job}#failure`;

/** DynamoDB's time to live wants epoch seconds. */
export const expirySeconds = (at: ProcessingTime): number => Math.ceil(at / 1_000);
