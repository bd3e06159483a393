/** How far each event source mapping is on each shard: Lambda's own stream position, kept by the runner. */
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';
import type { JsonFile } from './jsonFile.ts';

interface Checkpoint {
  /** Everything up to this record is processed. */
  readonly after?: SequenceNumber;
  /** The shard is closed and everything in it is processed. */
  readonly drained?: true;
}

export interface Checkpoints {
  get(mapping: string, shard: ShardId): Checkpoint | undefined;
  set(mapping: string, shard: ShardId, checkpoint: Checkpoint): void;
}

type Stored = Record<string, Checkpoint>;

/** @param file where they are kept; without it they last as long as the process. */
export function checkpoints(file?: JsonFile<Stored>): Checkpoints {
  const stored: Stored = file?.read() ?? {};
  const keyOf = (mapping: string, shard: ShardId): string => `${mapping}/${shard}`;
  return {
    get: (mapping, shard) => stored[keyOf(mapping, shard)],
    set(mapping, shard, checkpoint) {
      stored[keyOf(mapping, shard)] = checkpoint;
      file?.write(stored);
    },
  };
}
