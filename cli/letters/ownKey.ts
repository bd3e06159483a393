/** The partition key of an event that a job keeps beside its results. */
import type { Job } from '../../shared/job/job.ts';
import { laneSourceOf } from '../../shared/job/repartition.ts';
import { shardNamed } from '../../shared/model/lane.ts';
import type { StoredSideEvent } from '../../shared/state/lane/sideColumns.ts';

/**
 * An event's own key where it can be read: a record's is that of one of its events. An aggregated record may hold events without a
 * key; these have their lane's name.
 */
export function ownKey(
  job: Job,
  { lane, raw, partitionKey }: Pick<StoredSideEvent, 'lane' | 'raw' | 'partitionKey'>,
): string {
  return keyIn(job, shardNamed(lane).stream, raw) ?? (partitionKey || lane);
}

function keyIn(job: Job, stream: string, raw: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(raw).toString());
    const isObject = typeof value === 'object' && value !== null;
    return isObject ? laneSourceOf(job, stream)?.partitionKeyIn(value) : undefined;
  } catch {
    return undefined;
  }
}
