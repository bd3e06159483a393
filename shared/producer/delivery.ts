/**
 * The sending half of a producer: places events in shards' queues, sends queue heads, tries again, and starts
 * over with new ranges after a resharding. Its rules are those of `producer.ts` and `namedProducer.ts`.
 */
import { type ShardRange, type ShardRanges, shardOf, shardOfHash } from '../model/shardRanges.ts';
import { SINK_LIMITS } from '../ports/recordSink.ts';
import type { Ledger } from './ledger.ts';
import type { ProducerSettings, ProducerTotals } from './options.ts';
import type { PackedRecord, PutEvent } from './packing.ts';
import { ForAll, isOriginal, StoredOffsets } from './planned.ts';
import { listRanges, type Outcome, putHeads, reasonOf } from './requests.ts';
import { ShardQueue } from './shardQueue.ts';

export class Delivery {
  readonly #options: ProducerSettings;
  readonly #ledger: Ledger;
  /** Unknown until the first event; looked up again when a record lands elsewhere. */
  #ranges: ShardRanges | 'unknown' | 'lookingUp' = 'unknown';
  #queues = new Map<string, ShardQueue>();
  readonly #stored: StoredOffsets;
  /** What every shard is to get, until all have it. */
  #forAll: ForAll | undefined;
  /** Events put while the ranges are not known, in put order. */
  #unplaced: PutEvent[] = [];
  /** Names of the shards that were listed last, and how often in a row a named producer was told the same ones again. */
  #listed = '';
  #inVain = 0;
  /** Why a named producer has ended; nothing is sent any more. */
  #endedBy: string | undefined;
  #requests = 0;
  #whenNoRequests: (() => void) | undefined;
  #isSendDue = false;

  constructor(options: ProducerSettings, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
    this.#stored = new StoredOffsets(options.after);
  }

  /** Undefined as long as it goes on. */
  get endedBy(): string | undefined {
    return this.#endedBy;
  }

  /** One event that every shard gets, behind those that were added; nothing is added until it is settled. */
  addForAll(event: PutEvent): void {
    this.#forAll = new ForAll(event);
    this.#placeForAll();
    if (this.#ranges === 'unknown') void this.#lookUpRanges();
  }

  add(event: PutEvent): void {
    if (typeof this.#ranges === 'object') {
      this.#place(event, this.#ranges);
      return;
    }
    this.#unplaced.push(event);
    if (this.#ranges === 'unknown') void this.#lookUpRanges();
  }

  /** Lets open records go without waiting for more events. */
  closeRecords(): void {
    for (const queue of this.#queues.values()) queue.close();
    this.#sendSoon();
  }

  #place(event: PutEvent, ranges: ShardRanges): void {
    const range =
      event.explicitHashKey === undefined
        ? shardOf(event.partitionKey, ranges)
        : shardOfHash(event.explicitHashKey, ranges);
    this.#placeOn(range, event);
  }

  #placeOn(range: ShardRange, event: PutEvent): void {
    const queue = this.#queues.get(range.shard) ?? this.#begin(range);
    this.#queues.set(range.shard, queue);
    const opened = queue.add(event, this.#options.recordBytesMax);
    if (opened && queue.isOpen(opened)) void this.#closeAfterLinger(queue, opened);
    if (queue.isReady) this.#sendSoon();
  }

  #begin(range: ShardRange): ShardQueue {
    return new ShardQueue(range, this.#options.name, this.#stored.of(range));
  }

  /** On every shard that has not stored it yet. */
  #placeForAll(): void {
    if (!this.#forAll || typeof this.#ranges !== 'object') return;
    const left = this.#forAll.leftIn(this.#ranges.list);
    for (const range of left) this.#placeOn(range, this.#forAll.copy);
    if (left.length === 0) this.#settleForAll('acknowledged');
  }

  #settleForAll(outcome: keyof ProducerTotals): void {
    if (!this.#forAll) return;
    const { event } = this.#forAll;
    this.#forAll = undefined;
    this.#ledger.settle([event], outcome);
  }

  async #closeAfterLinger(queue: ShardQueue, record: PackedRecord): Promise<void> {
    await this.#options.sleep(this.#options.lingerMs);
    if (!queue.isOpen(record)) return;
    queue.close();
    this.#sendSoon();
  }

  /** Once per turn, so that shards that become ready together share a request. */
  #sendSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    queueMicrotask(() => {
      this.#isSendDue = false;
      if (typeof this.#ranges === 'object') this.#sendHeads();
    });
  }

  #sendHeads(): void {
    let batch: ShardQueue[] = [];
    let bytes = 0;
    for (const queue of this.#queues.values()) {
      if (!queue.isReady) continue;
      const more = queue.head?.bytes ?? 0;
      if (batch.length === SINK_LIMITS.recordsMax || bytes + more > SINK_LIMITS.requestBytesMax) {
        void this.#send(batch);
        batch = [];
        bytes = 0;
      }
      queue.state = 'sending';
      batch.push(queue);
      bytes += more;
    }
    if (batch.length > 0) void this.#send(batch);
  }

  async #send(queues: readonly ShardQueue[]): Promise<void> {
    this.#requests += 1;
    const outcomes = await putHeads(this.#options.sink, queues);
    this.#requests -= 1;
    const moved = queues.filter((queue, i) => this.#settle(queue, outcomes[i] as Outcome));
    if (moved.length > 0 && typeof this.#ranges === 'object') void this.#lookUpRanges();
    if (this.#requests === 0) this.#whenNoRequests?.();
    this.#sendSoon();
  }

  /** Returns whether the record landed on another shard than expected. */
  #settle(queue: ShardQueue, outcome: Outcome): boolean {
    const record = queue.head as PackedRecord;
    if (outcome.kind === 'stored') {
      const { shard, sequence } = outcome;
      const isMoved = shard !== queue.range.shard;
      if (isMoved && queue.plan) return this.#putAgain(queue, record);
      queue.removeHead();
      this.#options.onAcknowledged({ shard, sequence, events: record.events.length });
      this.#acknowledge(queue, record);
      return isMoved;
    }
    const [oldest] = record.events;
    const isOver = this.#endedBy !== undefined || outcome.kind === 'hopeless';
    if (isOver || (oldest && this.#isOverdue(oldest))) {
      queue.removeHead();
      this.#giveUp(record.events, reasonOf(outcome));
    } else {
      const { reason } = outcome;
      if (outcome.kind === 'unknown') {
        this.#options.onRepeated({ events: record.events.length, reason });
      }
      void this.#backOff(queue);
    }
    return false;
  }

  #acknowledge({ range }: ShardQueue, { events }: PackedRecord): void {
    this.#ledger.settle(events.filter(isOriginal), 'acknowledged');
    if (!this.#forAll || events.every(isOriginal)) return;
    this.#forAll.storedOn(range);
    // In the middle of a look for ranges, that decides once they are known.
    if (typeof this.#ranges !== 'object') return;
    if (this.#forAll.leftIn(this.#ranges.list).length === 0) this.#settleForAll('acknowledged');
  }

  /**
   * What a named producer finds on another shard than planned goes with the next plan, before anything behind it. What counted where it
   * landed is dropped there.
   */
  #putAgain(queue: ShardQueue, { events }: PackedRecord): boolean {
    const [oldest] = events;
    if (this.#endedBy === undefined && !(oldest && this.#isOverdue(oldest))) {
      queue.state = 'idle';
      return true;
    }
    queue.removeHead();
    this.#giveUp(events, this.#endedBy ?? STRAYED);
    return false;
  }

  async #backOff(queue: ShardQueue): Promise<void> {
    queue.state = 'backingOff';
    queue.attempts += 1;
    await this.#wait(queue.attempts);
    queue.state = 'idle';
    this.#sendSoon();
  }

  /** Waits for the answers on their way, learns the ranges, and packs what was not sent anew. */
  async #lookUpRanges(): Promise<void> {
    this.#ranges = 'lookingUp';
    await this.#noRequests();
    if (this.#endedBy !== undefined) return;
    const unsent = this.#takeUnsent();
    this.#unplaced = unsent.concat(this.#unplaced).sort((a, b) => a.order - b.order);
    // The list may lag behind the stream: then what is put again lands elsewhere again.
    if (this.#inVain > 0) await this.#wait(this.#inVain);
    const ranges = await this.#rangesOrGiveUp();
    this.#ranges = ranges ?? 'unknown';
    if (!ranges) return;
    const listed = ranges.list.map(({ shard }) => shard).join();
    const isNamed = this.#options.name !== undefined;
    this.#inVain = isNamed && listed === this.#listed ? this.#inVain + 1 : 0;
    this.#listed = listed;
    this.#stored.planFor(ranges.list);
    for (const event of this.#unplaced.splice(0)) this.#place(event, ranges);
    this.#placeForAll();
    if (this.#ledger.isFlushing) this.closeRecords();
  }

  #takeUnsent(): PutEvent[] {
    const unsent: PutEvent[] = [];
    for (const queue of this.#queues.values()) {
      unsent.push(...queue.takeAll().filter(isOriginal));
      this.#stored.note(queue.range, queue.after);
    }
    this.#queues.clear();
    return unsent;
  }

  async #noRequests(): Promise<void> {
    if (this.#requests === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenNoRequests = resolve;
    });
    this.#whenNoRequests = undefined;
  }

  /** Undefined when every event that waits for the ranges had to be given up. */
  async #rangesOrGiveUp(): Promise<ShardRanges | undefined> {
    for (let attempts = 1; ; attempts += 1) {
      const found = await listRanges(this.#options.sink);
      if ('list' in found) return found;
      const isHopeless = found.kind === 'hopeless';
      const lost = new Set(this.#unplaced.filter((each) => isHopeless || this.#isOverdue(each)));
      this.#unplaced = this.#unplaced.filter((each) => !lost.has(each));
      this.#giveUp([...lost], found.reason);
      if (this.#unplaced.length === 0) return undefined;
      await this.#wait(attempts);
    }
  }

  #isOverdue(event: PutEvent): boolean {
    return this.#options.now() - event.since >= this.#options.deliveryTimeoutMs;
  }

  /** With them, a named producer gives up all that is not on its way: nothing may overtake what it gave up. */
  #giveUp(events: readonly PutEvent[], reason: string): void {
    if (events.length === 0) return;
    const isEnd = this.#options.name !== undefined && this.#endedBy === undefined;
    const lost = (isEnd ? this.#end(events, reason) : events).filter(isOriginal);
    this.#settleForAll('undelivered');
    if (lost.length === 0) return;
    this.#options.onUndelivered({ reason, events: lost });
    this.#ledger.settle(lost, 'undelivered');
  }

  #end(events: readonly PutEvent[], reason: string): PutEvent[] {
    this.#endedBy = reason;
    const unsent = [...this.#queues.values()].flatMap((queue) => queue.takeUnsent());
    const all = [...events, ...unsent, ...this.#unplaced.splice(0)];
    return all.sort((a, b) => a.order - b.order);
  }

  async #wait(attempts: number): Promise<void> {
    const longest = Math.min(BACKOFF_MS.first * 2 ** (attempts - 1), BACKOFF_MS.max);
    await this.#options.sleep(longest * (0.5 + this.#options.random() / 2));
  }
}

const BACKOFF_MS = { first: 50, max: 5_000 } as const;

const STRAYED = 'its record landed on another shard than the one that is listed for it';
