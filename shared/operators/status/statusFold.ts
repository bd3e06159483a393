/**
 * Merges events into what a lane keeps of their keys, one after the other, and lets timers fire. Pure; every attempt starts from the
 * store anew.
 *
 * 1. What becomes of an event depends on the events before it on the lane alone: not on where batches end, nor on timers.
 * 2. An event on which the job's own code throws, or whose row could not be stored, is left out, and the others go on.
 * 3. Where an event begins a key anew, the life of before is over. What its events and its timers come to is said by a commit of
 *    its own first, whenever they would have fired; where all keys have rows, the row of the new life is all that is left anyway.
 */
import { isDeepStrictEqual } from 'node:util';
import { PoisonEventError } from '../../errors.ts';
import type { Source } from '../../job/source.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import { type ArrivalTime, type EventTime, latest, type Watermark } from '../../model/time.ts';
import { itemBytes } from '../../ports/itemSize.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { SideEvent } from '../intake/progress.ts';
import {
  type AheadEvent,
  aheadBytes,
  type KeptState,
  type KeyedStates,
} from '../keyed/keyedState.ts';
import type { KeyedStore } from '../keyed/keyedStore.ts';
import { RunEffects } from '../keyed/runEffects.ts';
import { earliestOf } from '../keyed/timeQueue.ts';
import { isTooMuch, mayTake, NO_FRONTIER, nextTakenFrom, withAhead } from './ahead.ts';
import type { Reread } from './forwardedIntake.ts';
import {
  ALL_PASSED,
  firedUpTo,
  isForgottenAt,
  type LaneClocks,
  liveTimers,
  touchedAt,
  viewOf,
} from './keptStatus.ts';
import type { StatusEntry } from './statusIntake.ts';
import { type Asked, checkRow } from './statusView.ts';

/** Of those whose timers one commit lets fire; the last may bring more bytes. */
const DUE_MAX = { keysMax: 2_500, bytesMax: 8 * 1024 * 1024 };

/** What there is to know of a lane. */
export interface FoldedLane extends Pick<Source<unknown>, 'partitionKey'> {
  readonly watermark: Watermark;
  readonly reread: Reread;
}

export class StatusFold {
  readonly #job: StatusJob;
  readonly #lane: FoldedLane;
  readonly #partitionKey: Source<unknown>['partitionKey'];
  /** Of the states that were merged. Not kept with them: in a store it would be half as much again. */
  readonly #asked = new Map<string, Asked>();
  readonly effects: RunEffects;
  /** Events that were no use, or too late: in order. */
  readonly side: SideEvent[] = [];

  /** @param before what the lane keeps of keys, and what stands in rows of those that it does not */
  constructor(job: StatusJob, lane: FoldedLane, before: KeyedStates) {
    this.#job = job;
    this.#lane = lane;
    this.#partitionKey = lane.partitionKey;
    this.effects = new RunEffects(before);
  }

  /** Takes the event in; 'cut' where it has to be left to the next commit, as a key begins anew. */
  merge(event: StatusEntry): 'taken' | 'cut' {
    const { key, entry, frontier } = event;
    if (frontier === undefined || entry.redriven) return this.#take(event);
    const { ahead } = this.effects.get(key) ?? {};
    if (!ahead && this.#mayTake(key, event.clocks.arrival, frontier)) return this.#take(event);
    return this.#takeAhead(key, frontier, event);
  }

  /** Takes of the key's events ahead what may be taken, as far as that goes in one commit. */
  release(key: string, frontier: ArrivalTime): void {
    this.#takeAhead(key, frontier);
  }

  /** @param added one that is not among them yet */
  #takeAhead(key: string, frontier: ArrivalTime, added?: StatusEntry): 'taken' | 'cut' {
    const own = added && aheadFrom(added);
    const before = this.effects.get(key)?.ahead ?? [];
    const read = (each: AheadEvent) => (each === own ? added : this.#reread(key, each));
    const ahead = own ? withAhead(before, own) : before;
    const { left, stopped } = this.#drain(key, ahead, frontier, read);
    const isLeft = own !== undefined && stopped === 'cut' && left.includes(own);
    this.#keepAhead(key, isLeft ? left.filter((each) => each !== own) : left, added);
    return isLeft ? 'cut' : 'taken';
  }

  /** In the order of their arrivals. */
  #drain(
    key: string,
    ahead: readonly AheadEvent[],
    frontier: ArrivalTime,
    read: (each: AheadEvent) => StatusEntry | undefined,
  ): { readonly left: readonly AheadEvent[]; readonly stopped: 'cut' | 'waiting' } {
    for (const [at, first] of ahead.entries()) {
      const left = ahead.slice(at);
      if (!isTooMuch(left) && !this.#mayTake(key, first.arrival, frontier))
        return { left, stopped: 'waiting' };
      const event = read(first);
      if (event && this.#take(event) === 'cut') return { left, stopped: 'cut' };
    }
    return { left: [], stopped: 'waiting' };
  }

  /** How far the frontier has to be for what waits, if anything does. */
  nextAhead(store: KeyedStore): ArrivalTime | undefined {
    const { changes } = this.effects;
    const none = { keysMax: 0, bytesMax: 0, bytesOf: () => 0, except: changes };
    let { next } = store.dueAhead({ ...none, upTo: NO_FRONTIER });
    for (const kept of changes.values()) {
      if (kept.ahead) next = earliestOf(next, nextTakenFrom(this.#job, kept));
    }
    return next;
  }

  #mayTake(key: string, arrival: ArrivalTime, frontier: ArrivalTime): boolean {
    return mayTake(this.#job, this.effects.get(key), arrival, frontier);
  }

  /** Undefined for one that is no use any more. */
  #reread(key: string, ahead: AheadEvent): StatusEntry | undefined {
    const { reread, watermark } = this.#lane;
    const event = reread(key, ahead);
    if (!('reason' in event)) return event;
    this.side.push({ kind: 'dead', entry: event.entry, watermark, reason: event.reason });
    return undefined;
  }

  #keepAhead(key: string, left: readonly AheadEvent[], added: StatusEntry | undefined): void {
    const kept = this.effects.get(key) ?? (added && this.#beginning(added));
    if (!kept || isDeepStrictEqual(kept.ahead ?? [], left)) return;
    const { ahead: _before, ...rest } = kept;
    const now = left.length === 0 ? rest : { ...rest, ahead: left };
    this.effects.change(key, now, aheadBytes(left));
  }

  /** Of a key of which nothing was taken yet. */
  #beginning({ event, clocks: { arrival } }: StatusEntry): KeptState {
    return { arrival, partitionKey: this.#partitionKey(event) };
  }

  #take(event: StatusEntry): 'taken' | 'cut' {
    const { key, clocks } = event;
    const before = this.effects.get(key);
    const isKnown = before?.state !== undefined && !isForgottenAt(this.#job, before, clocks);
    if (before && !isKnown && this.#isUnsaid(key, before)) {
      this.effects.change(key, firedUpTo(this.#job, before, ALL_PASSED), 0);
      return 'cut';
    }
    this.#mergeInto(isKnown ? before : undefined, event, before?.ahead);
    return 'taken';
  }

  /** Whether no commit has said yet what becomes of a key that begins anew. */
  #isUnsaid(key: string, kept: KeptState): boolean {
    if (this.#job.rows.of === 'all' || kept.state === undefined || kept.row === 'withheld')
      return false;
    return this.effects.changes.has(key) || liveTimers(this.#job, kept).length > 0;
  }

  #mergeInto(
    known: KeptState | undefined,
    merged: StatusEntry,
    ahead: readonly AheadEvent[] | undefined,
  ): void {
    const { key, entry, event, at, watermark, touched, lateness } = merged;
    const job = this.#job;
    try {
      const partitionKey = this.#ownPartitionKey(event, known);
      const state = job.merge(known?.state ?? job.initial, event);
      const asked = checkRow(job, key, state);
      const isAlone = known === undefined || known.row === 'withheld';
      const isWithheld = lateness !== 'onTime' && isAlone;
      const clocks = touchedAt(job, latestOf(touched, known));
      const waiting = ahead ? { ahead } : {};
      const kept = { ...standing(known, isWithheld), ...clocks, state, partitionKey, ...waiting };
      // Nothing is thrown from here on.
      if (!isSame(kept, known)) {
        this.effects.change(key, kept, asked.bytes);
        this.#asked.set(key, asked);
      }
      if (isWithheld && lateness === 'late') {
        this.side.push({ kind: 'late', entry, watermark, eventTime: at });
      }
    } catch (error) {
      this.side.push({ kind: 'dead', entry, watermark, reason: reasonOf(error) });
    }
  }

  /**
   * Lets the timers fire that the watermark has reached of keys that were touched, and those up to a time of some others.
   * Gives the earliest that is left.
   */
  fire(watermark: Watermark, upTo: Watermark, store: KeyedStore): EventTime | undefined {
    const { changes } = this.effects;
    const bytesOf = (kept: KeptState) => this.#rowBytes(kept);
    const due = store.due({ ...DUE_MAX, bytesOf, upTo, except: changes });
    let { next } = due;
    const fireUpTo = (reached: Watermark, [key, kept]: readonly [string, KeptState]) => {
      const asked = this.#asked.get(key);
      const fired = firedUpTo(this.#job, kept, reached, asked);
      changes.set(key, fired);
      for (const at of liveTimers(this.#job, fired, asked)) next = earliestOf(next, at);
    };
    for (const entry of [...changes]) fireUpTo(watermark, entry);
    for (const entry of due.entries) fireUpTo(upTo, entry);
    return next;
  }

  /** What its row takes, about. */
  #rowBytes(kept: KeptState): number {
    return itemBytes({ ...viewOf(this.#job, kept)?.row, state: kept.state ?? null });
  }

  /** Two shards would each know a part of the key's events. */
  #ownPartitionKey(event: unknown, known: KeptState | undefined): string {
    const partitionKey = this.#partitionKey(event);
    if (known === undefined || known.partitionKey === partitionKey) return partitionKey;
    throw new PoisonEventError(
      `its key came with the partition key ${known.partitionKey} before, and comes with ${partitionKey}: ` +
        'all events of a key need the same one',
    );
  }
}

/** What is kept besides the state and when it was touched. */
function standing(
  known: KeptState | undefined,
  isWithheld: boolean,
): Pick<KeptState, 'fired' | 'row'> {
  const fired = known?.fired === undefined ? {} : { fired: known.fired };
  if (isWithheld) return { ...fired, row: 'withheld' };
  return known?.row === 'put' ? { ...fired, row: 'put' } : fired;
}

/** Of when it was touched so far, and is now. */
const latestOf = (
  { arrival, keeping }: LaneClocks,
  known: Pick<KeptState, 'arrival' | 'seen'> | undefined,
): LaneClocks => ({
  arrival: latest(arrival, known?.arrival ?? arrival),
  keeping: latest(keeping, known?.seen ?? keeping),
});

/** As it waits with its key. */
function aheadFrom({ entry, clocks: { arrival } }: StatusEntry): AheadEvent {
  const { sequence, index, partitionKey } = entry;
  const raw = typeof entry.raw === 'string' ? entry.raw : Buffer.from(entry.raw).toString();
  return { arrival, entry: { sequence, index, partitionKey, raw, arrival: entry.arrival } };
}

/** Whether an event changed nothing that is stored. */
const isSame = (kept: KeptState, known: KeptState | undefined): boolean =>
  known !== undefined &&
  known.arrival === kept.arrival &&
  known.seen === kept.seen &&
  known.row === kept.row &&
  isDeepStrictEqual(known.state, kept.state);
