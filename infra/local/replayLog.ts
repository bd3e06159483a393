/**
 * Remembers how much of an input is on a stream, so that a replay that was killed goes on where it stopped:
 * nothing twice, nothing lost.
 *
 * 1. Per shard, the number of events acknowledged and the last acknowledged record are stored with every
 *    acknowledgement. Which shard an event goes to is a function of its partition key.
 * 2. A producer has one record per shard on its way, in order. So after a kill at most one record per shard is
 *    stored and not counted: it is found by reading the shard on, and compared with the input.
 */
import { z } from 'zod';
import { UsageError } from '../../inputs/usageError.ts';
import type { ShardId } from '../../shared/model/lane.ts';
import type { SequenceNumber } from '../../shared/model/position.ts';
import type { Acknowledged } from '../../shared/producer/options.ts';
import { type JsonFile, jsonFile } from './jsonFile.ts';
import { recordsAfter, type ShardSource } from './shardSource.ts';

const shardProgress = z.object({
  events: z.int().min(0),
  /** Undefined where the shard was empty. */
  after: z.string().optional(),
});
type ShardProgress = Readonly<z.output<typeof shardProgress>>;

/** By input, by shard. */
const replayLog = z.record(z.string(), z.record(z.string(), shardProgress));
export type ReplayLog = Record<string, Record<ShardId, ShardProgress>>;

const REMEDY =
  'nobody knows any more what of the input is on the streams; give another --data-dir, or delete it and have the input put again, in part twice';

export const replayLogFile = (path: string): JsonFile<ReplayLog> =>
  jsonFile(path, replayLog, REMEDY);

export interface Replayed {
  /** Whether the next event of this shard, with this content, is on the stream already. Ask in input order. */
  isStored(shard: ShardId, line: string): boolean;
  acknowledged(record: Acknowledged): void;
  /** The input has no more events: those that were found on the stream count as well. */
  ended(): void;
  /** The last record of the shard that is known to be there; undefined where it was empty. */
  endOf(shard: ShardId): SequenceNumber | undefined;
}

/** All replays of a data folder: they share one file. */
export interface ReplayLogs {
  readonly log: ReplayLog;
  save(): void;
}

export function replayLogs(file: JsonFile<ReplayLog>): ReplayLogs {
  const log = file.read() ?? {};
  return { log, save: () => file.write(log) };
}

/** How many events a name's replay has put for sure. */
export const countedOf = (name: string, { log }: Pick<ReplayLogs, 'log'>): number =>
  Object.values(log[name] ?? {}).reduce((sum, { events }) => sum + events, 0);

/** What a name's replay has put so far; opened anew for every replay. */
export async function openReplayLog(
  name: string,
  { log, save }: ReplayLogs,
  source: ShardSource,
): Promise<Replayed> {
  const begun = log[name];
  if (begun) await refuseResharded(name, begun, source);
  const progress = begun ?? (await endsOfShards(source));
  log[name] = progress;
  if (!begun) save();
  const uncounted = begun ? await linesBehind(begun, source) : new Map<ShardId, string[]>();
  /** Counted events still to be passed over, by shard. */
  const counted = new Map(Object.entries(progress).map(([shard, { events }]) => [shard, events]));
  /** Found events, which count with the next acknowledgement of their shard, or with the end of the input. */
  const found = new Map<ShardId, number>();
  return {
    isStored(shard, line) {
      const left = counted.get(shard) ?? 0;
      if (left > 0) {
        counted.set(shard, left - 1);
        return true;
      }
      const lines = uncounted.get(shard) ?? [];
      const at = lines.indexOf(line);
      if (at === -1) {
        uncounted.delete(shard);
        return false;
      }
      lines.splice(0, at + 1);
      found.set(shard, (found.get(shard) ?? 0) + 1);
      return true;
    },
    acknowledged({ shard, sequence, events }) {
      const before = (progress[shard]?.events ?? 0) + (found.get(shard) ?? 0);
      found.delete(shard);
      progress[shard] = { events: before + events, after: sequence };
      save();
    },
    ended() {
      if (found.size === 0) return;
      for (const [shard, events] of found) {
        const before = progress[shard];
        progress[shard] = { ...before, events: (before?.events ?? 0) + events };
      }
      found.clear();
      save();
    },
    endOf: (shard) => progress[shard]?.after,
  };
}

/** After a resharding an event's shard is another one, so what was counted per shard no longer says which are there. */
async function refuseResharded(
  name: string,
  begun: Readonly<Record<ShardId, ShardProgress>>,
  source: ShardSource,
): Promise<void> {
  const added = (await source.listShards()).find(({ shard }) => !begun[shard]);
  if (added) {
    throw new UsageError(
      `${name}: the stream got ${added.shard} since its replay was interrupted, so it cannot go on; start with another --data-dir`,
    );
  }
}

/** Where the shards end before the first put: what follows can only be ours, or a stranger's. */
async function endsOfShards(source: ShardSource): Promise<Record<ShardId, ShardProgress>> {
  const ends: Record<ShardId, ShardProgress> = {};
  for (const { shard } of await source.listShards()) {
    const records = await recordsAfter(source, shard, undefined);
    ends[shard] = { events: 0, after: records.at(-1)?.sequence };
  }
  return ends;
}

async function linesBehind(
  progress: Readonly<Record<ShardId, ShardProgress>>,
  source: ShardSource,
): Promise<Map<ShardId, string[]>> {
  const lines = new Map<ShardId, string[]>();
  for (const { shard } of await source.listShards()) {
    const records = await recordsAfter(source, shard, progress[shard]?.after);
    lines.set(
      shard,
      records.flatMap(({ data }) => Buffer.from(data).toString('utf8').split('\n')),
    );
  }
  return lines;
}
