/** Records of a named producer that landed on other shards than planned, until it is known which shards there are. Sends nothing. */
import { containsRange } from '../model/hashRange.ts';
import type { ShardId } from '../model/lane.ts';
import type { ShardRange } from '../model/shardRanges.ts';
import type { PackedRecord, PutEvent } from './packing.ts';
import type { ShardQueue } from './shardQueue.ts';

/** Why events are given up that went from shard to shard. */
export const STRAYED = 'its record landed on another shard than the one that is listed for it';

/** A record that is stored, and of which queue it was. */
export interface Landed {
  readonly queue: ShardQueue;
  readonly record: PackedRecord;
  readonly shard: ShardId;
  readonly sequence: string;
}

export class Strayed {
  #records: Landed[] = [];

  add(landed: Landed): void {
    this.#records.push(landed);
  }

  /**
   * Takes all off; gives those that count where they landed, since the shard takes all that they were planned for: put again, they would be
   * copies. Of what was given up meanwhile, none.
   */
  takeCounted(listed: readonly ShardRange[], waiting: readonly PutEvent[]): Landed[] {
    const isWaiting = new Set(waiting);
    return this.#records.splice(0).filter(({ queue, record, shard }) => {
      const found = listed.find((each) => each.shard === shard);
      const isWhole = found !== undefined && containsRange(found, queue.range);
      return isWhole && record.events.every((event) => isWaiting.has(event));
    });
  }
}
