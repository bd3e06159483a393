/** What a simulated process learns about shards beside the records that it is given. */
import { RetryableError } from '../../../shared/errors.ts';
import type { ShardId, StreamName } from '../../../shared/model/lane.ts';
import { comparePositions, type Position } from '../../../shared/model/position.ts';
import type { ShardDirectory, ShardReader, ShardRemainder } from '../../../shared/ports/shards.ts';
import type { Random } from '../random.ts';
import type { Host, Surroundings } from './host.ts';
import { hashRangeOf, nameOfShard, type Shard, type Stream } from './stream.ts';
import { isTimerRun } from './watchKeyed.ts';

/** So long that the record may be committed meanwhile. */
const STALL_MS: readonly [number, number] = [100, 5_000];

interface Inside {
  readonly streams: readonly Stream[];
  readonly host: Host;
  readonly around: Surroundings;
  readonly random: Random;
  /** Makes a record come to the shard. */
  provoke(shard: Shard): void;
}

/** With some luck parents are forgotten; not by those who must know them. */
export function shardDirectory(
  { streams, host, around, random }: Inside,
  parents: 'known' | 'mayBeForgotten',
): ShardDirectory {
  const areForgotten =
    random.chance(around.faults.parentsForgotten) && parents === 'mayBeForgotten';
  return {
    shardsOf: (stream) =>
      host.operate({
        label: `shards of ${stream}`,
        perform: () =>
          streams
            .filter(({ name }) => name === stream)
            .flatMap(({ shards }) => shards.map(({ id, parents }) => ({ shard: id, parents }))),
      }),
    parentsOf: (stream, id) =>
      host.operate({
        label: `parents of ${nameOfShard({ stream, id })}`,
        perform: () => (areForgotten ? [] : shardIn(streams, stream, id).parents),
      }),
    childrenOf: (stream, id) =>
      host.operate({
        label: `children of ${nameOfShard({ stream, id })}`,
        perform: () => childrenIn(streams, stream, id),
      }),
    rangeOf: (stream, id) =>
      host.operate({
        label: `range of ${nameOfShard({ stream, id })}`,
        perform: () => hashRangeOf(shardIn(streams, stream, id)),
      }),
  };
}

export const shardReader = (inside: Inside): ShardReader => ({
  look: (stream, id, after) =>
    inside.host.operate({
      label: `look into ${nameOfShard({ stream, id })} after ${after?.sequence}/${after?.index}`,
      perform: () => look(inside, shardIn(inside.streams, stream, id), after),
    }),
});

function look(
  { host, around, random, provoke }: Inside,
  shard: Shard,
  after: Position | undefined,
): ShardRemainder {
  const { faults, situations } = around;
  if (random.chance(faults.throttle)) {
    throw new RetryableError('simulated: the shard is read too often');
  }
  if (random.chance(faults.lookUnsure)) return 'hasMore';
  const rest = restOf(shard, after);
  if (rest === 'drained' && random.chance(faults.recordAfterLook)) {
    provoke(shard);
    host.standStill(random.between(...STALL_MS));
  }
  const isChild = !isTimerRun(host.name);
  if (isChild && rest !== 'ended') situations.meet('child before its parents ended');
  situations.meet(`looked into a shard: ${rest}`);
  return rest;
}

function restOf(shard: Shard, after: Position | undefined): ShardRemainder {
  const last = shard.records.at(-1);
  const end = last && { sequence: last.sequence, index: last.facts.length - 1 };
  if (end && (!after || comparePositions(after, end) < 0)) return 'hasMore';
  return shard.isClosed ? 'ended' : 'drained';
}

const childrenIn = (streams: readonly Stream[], name: StreamName, id: ShardId): ShardId[] =>
  streams
    .filter((stream) => stream.name === name)
    .flatMap(({ shards }) => shards.filter(({ parents }) => parents.includes(id)))
    .map((shard) => shard.id);

function shardIn(streams: readonly Stream[], name: StreamName, id: ShardId): Shard {
  const shard = streams.find((stream) => stream.name === name)?.shard(id);
  if (!shard) throw new Error(`there is no shard ${name}/${id}`);
  return shard;
}
