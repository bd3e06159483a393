/**
 * What a lane remembers of named producers, read when its first named record comes, and what a child takes over.
 *
 * 1. A head, and the page that it names, say all of it; a warm function keeps pages, which never change, so it reads nothing.
 * 2. A child's lane takes its parents' memory over once they are read to their ends, in every kind of job: an event that a parent is still to
 *    take may be put again on the child. Until then its batch waits. A parent's lane that never met a named record has its own parents' memory.
 * 3. What is taken over stands in the child's commit, with the first named record's effect; so a lane takes over once.
 */
import { InvariantViolation, RetryableError } from '../../errors.ts';
import type { HashRange } from '../../model/hashRange.ts';
import { type Lane, laneName, type ShardId } from '../../model/lane.ts';
import { inherited, type ProducerMemory } from '../../operators/intake/producerMemory.ts';
import type { Ports } from '../../ports/ports.ts';
import { type LaneItem, readLane } from '../../state/lane/laneItem.ts';
import { readHead } from '../../state/lane/laneLog.ts';
import { type ProducerMarks, readMarks } from '../../state/lane/producerMarks.ts';
import { readRetired } from '../../state/lane/retiredLanes.ts';
import { nameLifeOf } from '../../state/retention.ts';
import type { EngineSettings } from '../settings.ts';
import type { LaneState } from './commitDraft.ts';

type MemoryPorts = Pick<Ports, 'state' | 'shards' | 'reader' | 'clock'>;

export class LaneMemories {
  readonly #ports: MemoryPorts;
  readonly #settings: EngineSettings;

  constructor(ports: MemoryPorts, settings: EngineSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /**
   * What a lane's next named record meets. Throws RetryableError while a parent is not read to its end.
   * @param range of the lane's shard
   */
  async at(laneState: LaneState, range: HashRange): Promise<ProducerMemory> {
    const { lane, head } = laneState;
    if (head?.producers) return this.#read(lane, head.producers);
    const item = laneState.item ?? (await this.#knownItem(lane));
    if (!item) throw new InvariantViolation(`the item of lane ${laneName(lane)} is gone`);
    const memories = await this.#ofParents(lane, item.parents, new Set());
    return inherited(memories, range, nameLifeOf(this.#settings.streamRetention));
  }

  /** A head that was warm for long may be of a lane that is retired by now. */
  async #knownItem(lane: Lane): Promise<LaneItem | undefined> {
    const { state } = this.#ports;
    return (await readLane(state, lane)) ?? (await readRetired(state, lane))?.item;
  }

  async #ofParents(
    lane: Lane,
    parents: readonly ShardId[],
    seen: Set<ShardId>,
  ): Promise<ProducerMemory[]> {
    const memories: ProducerMemory[] = [];
    for (const shard of parents) {
      if (seen.has(shard)) continue;
      seen.add(shard);
      memories.push(...(await this.#ofEnded({ ...lane, shard }, lane, seen)));
    }
    return memories;
  }

  /** Of a shard that is read to its end. */
  async #ofEnded(lane: Lane, child: Lane, seen: Set<ShardId>): Promise<ProducerMemory[]> {
    const { state, shards, reader } = this.#ports;
    const retired = await readRetired(state, lane);
    const head = retired?.head ?? (await readHead(state, lane));
    const isEnded =
      head?.ended || (await reader.look(lane.stream, lane.shard, head?.to)) === 'ended';
    if (!isEnded) {
      throw new RetryableError(
        `${laneName(child)} waits with the records of a named producer: its parent ${lane.shard} is not read to its end yet`,
      );
    }
    if (head?.producers) return [await this.#read(lane, head.producers)];
    const item = retired?.item ?? (await readLane(state, lane));
    const parents = item?.parents ?? (await shards.parentsOf(lane.stream, lane.shard));
    return this.#ofParents(lane, parents, seen);
  }

  #read(lane: Lane, marks: ProducerMarks): Promise<ProducerMemory> {
    return readMarks(this.#ports.state, lane, marks, this.#ports.clock.now());
  }
}
