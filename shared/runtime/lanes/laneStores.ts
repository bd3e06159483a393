/**
 * The keyed stores of a keyed job's lanes, warm in memory, and what a lane's next commit says of its store.
 *
 * 1. A store is only used where it stands behind the very head that the commit follows: else it reads on, or is read anew. What an
 *    attempt changes is merged into it once its commit stands.
 * 2. A part is put before the commit that names it, under a name made of its content. It holds the state *before* that commit; so
 *    whoever takes the slot, what it names is true.
 * 3. A child's lane takes over its parents' keys as parts of its own before it takes a record: it needs nothing of them after.
 *
 * What happens if the process dies: parts that no commit names expire; of a child, the next process goes on where the head says.
 */
import { FencedError, InvariantViolation } from '../../errors.ts';
import { takesKeys, WHOLE_RANGE } from '../../model/hashRange.ts';
import { type Lane, laneName } from '../../model/lane.ts';
import { earlier, isAfter } from '../../model/time.ts';
import { HASHES, hashOf } from '../../operators/keyed/coverage.ts';
import { type Changes, type Effects, NO_EFFECTS } from '../../operators/keyed/keyedState.ts';
import {
  type Advanced,
  type Entry,
  type IsForgotten,
  KeyedStore,
  type KeyWaits,
  NO_SLOT,
  NO_WAITS,
} from '../../operators/keyed/keyedStore.ts';
import type { Ports } from '../../ports/ports.ts';
import { encodeKept } from '../../state/keyed/keptColumns.ts';
import { partPartition } from '../../state/keys.ts';
import { encodeAlerts } from '../../state/lane/alertRows.ts';
import { packBlob } from '../../state/lane/blob.ts';
import type { LaneItem } from '../../state/lane/laneItem.ts';
import { type Commit, readHead } from '../../state/lane/laneLog.ts';
import { readRetired } from '../../state/lane/retiredLanes.ts';
import { isAging } from '../../state/retention.ts';
import type { EngineSettings } from '../settings.ts';
import { type CommitDraft, knownItem, type LaneState } from './commitDraft.ts';
import { type LaneRanges, laneRanges } from './laneRanges.ts';
import { type PackedPart, Packing } from './packing.ts';
import { catchUp, coverageAfter, loggedBytes, restoreStore } from './restoreStore.ts';

/** What a part takes, about: DynamoDB stores 400 KB in an item. */
const PART_BYTES = 256 * 1024;
/** A part of so many bytes stands in its commit. */
const PART_INLINE_MAX = 4 * 1024;
/** A part is due once the log since the last one takes so many times what it will: then restoring reads as much more than the store. */
const LOG_PER_PART = 4;
/** And at least so much, since an item has a price of its own. */
const LOGGED_BYTES_MIN = 256 * 1024;
/**
 * About what the keys of one lane may take in memory: restored, they take twice as much, which is what a function of 1,024 MB has. Nothing is
 * refused above it; an alarm tells at half of it.
 */
export const KEYED_STORE_BYTES_MAX = 384 * 1024 * 1024;
/** What the stores of one function may take in memory, beside the one that is worked on. */
const STORES_BYTES_MAX = 256 * 1024 * 1024;

export class LaneStores {
  readonly #ports: Pick<Ports, 'state' | 'shards'>;
  readonly #settings: EngineSettings;
  readonly #rangeOf: LaneRanges;
  readonly #waits: KeyWaits;
  /** By lane, the one that was used last at the end. */
  readonly #stores = new Map<string, KeyedStore>();
  /** What commits that were drafted here do to their stores. */
  readonly #drafted = new WeakMap<Commit, Advanced>();

  constructor(
    ports: Pick<Ports, 'state' | 'shards'>,
    settings: EngineSettings,
    waits: KeyWaits = NO_WAITS,
  ) {
    this.#waits = waits;
    this.#ports = ports;
    this.#settings = settings;
    this.#rangeOf = laneRanges(ports);
  }

  /** The store behind a lane's head. It may have moved on before a draft is made from it: `withStore` then refuses that. */
  async at(laneState: LaneState): Promise<KeyedStore> {
    const { lane, head } = laneState;
    const name = laneName(lane);
    const warm = this.#stores.get(name);
    if (warm && warm.slot === (head?.slot ?? NO_SLOT)) {
      this.#keep(name, warm);
      return warm;
    }
    this.#stores.delete(name);
    const store =
      warm && head && this.#canCatchUp(warm, head)
        ? await this.#caughtUp(lane, warm, head)
        : await this.#restored(laneState);
    this.#keep(name, store);
    return store;
  }

  /** About what the keys of a lane take in memory here. */
  bytesOf(lane: Lane): number {
    return this.#stores.get(laneName(lane))?.weight ?? 0;
  }

  /** What a commit changes that was drafted here; undefined for any other. */
  changesOf(commit: Commit): Changes | undefined {
    return this.#drafted.get(commit)?.changes;
  }

  /** The commit stands. */
  appended({ lane }: Pick<LaneState, 'lane'>, commit: Commit): void {
    const name = laneName(lane);
    const store = this.#stores.get(name);
    const advanced = this.#drafted.get(commit);
    if (store && advanced && store.slot + 1 === advanced.slot) store.advance(advanced);
  }

  /** Nothing stays warm. */
  forget(): void {
    this.#stores.clear();
  }

  /** The draft with what changes in the store, and with a part of its snapshot where one is due. */
  withStore(
    base: CommitDraft,
    lane: Lane,
    { store, effects, isForgotten }: StoreEffects,
  ): CommitDraft {
    const { slot } = base.commit;
    if (store.slot + 1 !== slot) {
      throw new FencedError(
        `slot ${slot} was drafted on a store that is behind slot ${store.slot} now`,
      );
    }
    const { changes, alerts } = effects;
    const changed = changes.size > 0 ? encodeKept(changes) : undefined;
    const part = this.#isPartDue(base.commit, store)
      ? this.#nextPart(lane, base.commit, store, store.coverage?.oldest.from ?? 0, isForgotten)
      : undefined;
    const packing = new Packing(lane, base);
    const blobs = {
      ...(changed ? { changes: packing.pack(changed) } : {}),
      ...(alerts.length > 0 ? { alerts: packing.pack(encodeAlerts(alerts)) } : {}),
    };
    const draft = packing.with({ ...base.commit, ...blobs }, part);
    return this.#complete(draft, store, changes, changed?.length ?? 0);
  }

  /** Whether the lane has still to take over its parents' keys, or some of them. */
  isAdopting({ head, item }: LaneState): boolean {
    return head ? head.adopting !== undefined : item.parents.length > 0;
  }

  /** The last entries of the lanes that a child's lane takes over from. */
  headsOfParents(laneState: LaneState): Promise<readonly Commit[]> {
    const { parents } = knownItem(laneState);
    return Promise.all(parents.map((shard) => this.#endedHead({ ...laneState.lane, shard })));
  }

  /** The draft with the next part of what the lane takes over. @param add what follows from its keys */
  adopt(
    base: CommitDraft,
    { lane, head }: LaneState,
    store: KeyedStore,
    add: (base: CommitDraft, entries: readonly Entry[]) => CommitDraft = (draft) => draft,
  ): CommitDraft {
    const from = head?.adopting ?? 0;
    const part = this.#nextPart(lane, base.commit, store, from, () => false);
    const added = add(base, part.entries);
    const { adopting: _adopting, ...commit } = added.commit;
    const { to } = part.part;
    const marked = to === HASHES ? commit : { ...commit, adopting: to };
    const draft = new Packing(lane, added).with(marked, part);
    return this.#complete(draft, store, NO_EFFECTS.changes, 0);
  }

  #isPartDue({ expiresAt }: Commit, store: KeyedStore): boolean {
    const { coverage } = store;
    if (!coverage) return false;
    const { logRetention } = this.#settings;
    const now = earlier(expiresAt, logRetention);
    if (isAging(coverage.oldest.expiresAt, logRetention, now)) return true;
    const partBytes = Math.min(PART_BYTES, store.snapshotBytes);
    return store.loggedBytes >= Math.max(LOGGED_BYTES_MIN, LOG_PER_PART * partBytes);
  }

  #nextPart(
    lane: Lane,
    { slot, expiresAt }: Commit,
    store: KeyedStore,
    from: number,
    isForgotten: IsForgotten,
  ): PackedPart {
    const { stretch, entries, weight } = store.partFrom(from, PART_BYTES, isForgotten);
    if (entries.length === 0) return { part: stretch, chunks: [], entries };
    const bytes = encodeKept(entries);
    store.measure(weight, bytes.length);
    const partition = partPartition(lane, { slot, from });
    const packed = packBlob(lane, bytes, expiresAt, { partition, inlineMax: PART_INLINE_MAX });
    return { part: { ...stretch, content: packed.reference }, chunks: packed.chunks, entries };
  }

  /** With what is needed from now on. */
  #complete(
    { commit, ...draft }: CommitDraft,
    store: KeyedStore,
    changes: Changes,
    changedBytes: number,
  ): CommitDraft {
    const coverage = coverageAfter(store.coverage, commit);
    const { slot: keptFrom, expiresAt: keptExpires } = coverage.oldest;
    const marked: Commit = { ...commit, keptFrom, keptExpires };
    const part = commit.part ? 'named' : 'none';
    const logged = loggedBytes(marked, changedBytes);
    const { slot } = commit;
    this.#drafted.set(marked, { slot, changes, loggedBytes: logged, coverage, part });
    return { ...draft, commit: marked };
  }

  #canCatchUp(warm: KeyedStore, { slot, keptFrom = 0 }: Commit): boolean {
    return warm.slot < slot && warm.slot + 1 >= keptFrom;
  }

  async #caughtUp(lane: Lane, store: KeyedStore, head: Commit): Promise<KeyedStore> {
    await catchUp(this.#ports.state, lane, store, head);
    return store;
  }

  async #restored(laneState: LaneState): Promise<KeyedStore> {
    const { lane, head } = laneState;
    const store = new KeyedStore(this.#waits);
    if (head) await restoreStore(this.#ports.state, lane, head, store);
    if (this.isAdopting(laneState)) await this.#inherit(store, lane, knownItem(laneState), head);
    return store;
  }

  /** What is not taken over yet: of the parents' keys those that come to this shard. */
  async #inherit(
    store: KeyedStore,
    lane: Lane,
    { parents }: LaneItem,
    head: Commit | undefined,
  ): Promise<void> {
    const from = head?.adopting ?? 0;
    const takes = takesKeys((await this.#rangeOf(lane)) ?? WHOLE_RANGE);
    for (const shard of parents) {
      const parentStore = await this.#storeOfEnded({ ...lane, shard });
      for (const entry of parentStore.entries()) {
        const [key, kept] = entry;
        if (hashOf(key) >= from && takes(kept.partitionKey)) takeOver(store, entry);
      }
    }
  }

  async #storeOfEnded(lane: Lane): Promise<KeyedStore> {
    return restoreStore(this.#ports.state, lane, await this.#endedHead(lane));
  }

  async #endedHead(lane: Lane): Promise<Commit> {
    const { state } = this.#ports;
    const head = (await readRetired(state, lane))?.head ?? (await readHead(state, lane));
    if (head?.ended) return head;
    throw new InvariantViolation(`${laneName(lane)} has not ended, and a child takes over from it`);
  }

  /** Makes it the one that was used last, and drops what is too much. */
  #keep(name: string, store: KeyedStore): void {
    this.#stores.delete(name);
    let weight = 0;
    for (const each of this.#stores.values()) weight += each.weight;
    for (const [other, each] of this.#stores) {
      if (weight <= STORES_BYTES_MAX) break;
      this.#stores.delete(other);
      weight -= each.weight;
    }
    this.#stores.set(name, store);
  }
}

interface StoreEffects {
  readonly store: KeyedStore;
  readonly effects: Effects;
  readonly isForgotten: IsForgotten;
}

/** Of equal keys the later arrival wins: events of one key are on one shard, but for those of before a lane knew its range. */
function takeOver(store: KeyedStore, entry: Entry): void {
  const [key, kept] = entry;
  const other = store.get(key);
  if (!other || isAfter(kept.arrival, other.arrival)) store.load([entry]);
}
