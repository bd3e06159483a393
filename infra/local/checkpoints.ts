/** How far each event source mapping is on each shard: Lambda's own stream position, kept by the runner. */
import { z } from 'zod';
import type { ShardId } from '../../shared/model/lane.ts';
import { type JsonFile, jsonFile } from './jsonFile.ts';

const checkpoint = z.object({
  /** Everything up to this record is processed. */
  after: z.string().exactOptional(),
  /** The shard is closed and everything in it is processed. */
  drained: z.literal(true).exactOptional(),
});
type Checkpoint = Readonly<z.output<typeof checkpoint>>;

export interface Checkpoints {
  get(mapping: string, shard: ShardId): Checkpoint | undefined;
  set(mapping: string, shard: ShardId, checkpoint: Checkpoint): void;
}

type Stored = Record<string, Checkpoint>;

const REMEDY = 'delete it; what is on the streams is read again, which changes no result';

export const checkpointFile = (path: string): JsonFile<Stored> =>
  jsonFile(path, z.record(z.string(), checkpoint), REMEDY);

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
