/**
 * What `tidemark run` makes of what streams hold: the same run in process, with nothing broken, over the shards as they
 * are. Lateness is decided shard by shard, so a run over other shards would be another one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RunResult, runRounds } from '../../../cli/runJob.ts';
import type { LaneBatch } from '../../../inputs/laneBatches.ts';
import type { Job } from '../../../shared/job/job.ts';
import { streamsOf } from '../../../shared/job/spec.ts';
import { laneName, type ShardId, type StreamName } from '../../../shared/model/lane.ts';
import { type ArrivalTime, arrivalTime, processingTime } from '../../../shared/model/time.ts';
import type { BatchRecord } from '../../../shared/records/entry.ts';
import type { ShardContent, StreamContent } from './streamContent.ts';

export type Contents = ReadonlyMap<StreamName, StreamContent>;

/** Of all lanes together. */
const ROUND_RECORDS = 200;

interface Arrived {
  readonly stream: StreamName;
  readonly shard: ShardId;
  readonly record: BatchRecord & { readonly arrival: ArrivalTime };
}

export function undisturbedRun(job: Job, contents: Contents): Promise<RunResult> {
  const arrived = arrivalsOf(job, contents);
  const left = Map.groupBy(arrived, laneName) as ReadonlyMap<string, readonly Arrived[]>;
  const unread = new Map([...left].map(([lane, records]) => [lane, records.length]));
  let now = processingTime(arrived[0]?.record.arrival ?? 0);
  const find = (stream: StreamName, shard: ShardId): ShardContent | undefined =>
    contents.get(stream)?.find((each) => each.shard === shard);

  async function* rounds(): AsyncGenerator<readonly LaneBatch[]> {
    for (let from = 0; from < arrived.length; from += ROUND_RECORDS) {
      const some = arrived.slice(from, from + ROUND_RECORDS);
      now = processingTime(some.at(-1)?.record.arrival ?? now);
      for (const each of some) {
        unread.set(laneName(each), (unread.get(laneName(each)) ?? 0) - 1);
      }
      yield batchesOf(some);
      // Whoever looks at the stack meanwhile gets an answer.
      await nextTurn();
    }
  }

  return runRounds(job, rounds(), {
    atEnd: 'flush',
    clock: { now: () => now },
    shards: {
      parentsOf: async (stream, shard) => find(stream, shard)?.parents ?? [],
      rangeOf: async (stream, shard) => find(stream, shard)?.range,
      async look(stream, shard) {
        if ((unread.get(laneName({ stream, shard })) ?? 0) > 0) return 'hasMore';
        return find(stream, shard)?.isClosed ? 'ended' : 'drained';
      },
    },
  });
}

/** In the order in which they arrived; of those of one millisecond a parent's come before its children's. */
function arrivalsOf(job: Job, contents: Contents): Arrived[] {
  return streamsOf(job)
    .flatMap((stream) =>
      (contents.get(stream) ?? []).flatMap(({ shard, records }) =>
        records.map(({ arrivalSeconds, ...record }) => ({
          stream,
          shard,
          record: { ...record, arrival: arrivalTime(Math.round(arrivalSeconds * 1_000)) },
        })),
      ),
    )
    .sort((a, b) => a.record.arrival - b.record.arrival);
}

function batchesOf(arrived: readonly Arrived[]): readonly LaneBatch[] {
  return [...Map.groupBy(arrived, laneName).values()].map((own) => {
    const { stream = '', shard = '' } = own[0] ?? {};
    return { stream, shard, records: own.map(({ record }) => record) };
  });
}
