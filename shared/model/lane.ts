/** A lane is one job on one shard of one stream. Its log is written by one shard's records only. */

export type StreamName = string;
export type ShardId = string;

/** `<job>@<version>`: a new version starts with empty state beside the old one. */
export type JobId = string;

export interface Lane {
  readonly job: JobId;
  /** The stream's logical name, without stage. Part of the lane, so that two streams' shards never share one. */
  readonly stream: StreamName;
  readonly shard: ShardId;
}

export const laneName = (lane: Pick<Lane, 'stream' | 'shard'>): string =>
  `${lane.stream}/${lane.shard}`;

/** The inverse of `laneName`: a shard's id holds no slash. */
export const laneNamed = (job: JobId, name: string): Lane => ({ job, ...shardNamed(name) });

/** Which shard of which stream a lane's name names. */
export function shardNamed(name: string): Pick<Lane, 'stream' | 'shard'> {
  const separator = name.lastIndexOf('/');
  return { stream: name.slice(0, separator), shard: name.slice(separator + 1) };
}
