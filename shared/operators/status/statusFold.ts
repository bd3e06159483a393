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
import {
  type EventTime,
  earlier,
  isBehind,
  latest,
  type Watermark,
  watermarkAfter,
} from '../../model/time.ts';
import { itemBytes } from '../../ports/itemSize.ts';
import { reasonOf } from '../intake/deadReason.ts';
import type { SideEvent } from '../intake/progress.ts';
import type { KeptState, KeyedStates } from '../keyed/keyedState.ts';
import type { KeyedStore } from '../keyed/keyedStore.ts';
import { RunEffects } from '../keyed/runEffects.ts';
import { earliestOf } from '../keyed/timerQueue.ts';
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

export class StatusFold {
  readonly #job: StatusJob;
  readonly #partitionKey: Source<unknown>['partitionKey'];
  /** Of the states that were merged. Not kept with them: in a store it would be half as much again. */
  readonly #asked = new Map<string, Asked>();
  readonly effects: RunEffects;
  /** Events that were no use, or too late: in order. */
  readonly side: SideEvent[] = [];

  /** @param before what the lane keeps of keys, and what stands in rows of those that it does not */
  constructor(job: StatusJob, source: Pick<Source<unknown>, 'partitionKey'>, before: KeyedStates) {
    this.#job = job;
    this.#partitionKey = source.partitionKey;
    this.effects = new RunEffects(before);
  }

  /** Takes the event in; 'cut' where it has to be left to the next commit, as it begins a key anew. */
  merge(event: StatusEntry): 'taken' | 'cut' {
    const clocks = { arrival: event.arrival, watermark: event.laneWatermark };
    const before = this.effects.get(event.key);
    const known = before && !isForgottenAt(this.#job, before, clocks) ? before : undefined;
    if (before && !known && this.#isUnsaid(event.key, before)) {
      this.effects.change(event.key, firedUpTo(this.#job, before, ALL_PASSED), 0);
      return 'cut';
    }
    this.#mergeInto(known, event, clocks);
    return 'taken';
  }

  /** Whether no commit has said yet what becomes of a key that begins anew. */
  #isUnsaid(key: string, kept: KeptState): boolean {
    if (this.#job.rows.of === 'all' || kept.row === 'withheld') return false;
    return this.effects.changes.has(key) || liveTimers(this.#job, kept).length > 0;
  }

  #mergeInto(known: KeptState | undefined, merged: StatusEntry, clocks: LaneClocks): void {
    const { key, entry, event, at, watermark } = merged;
    const job = this.#job;
    try {
      const partitionKey = this.#ownPartitionKey(event, known);
      const state = job.merge(known?.state ?? job.initial, event);
      const asked = checkRow(job, key, state);
      const isLate = this.#isLate(at, watermark, known);
      const reached = latest(clocks.watermark, watermarkAfter(at, job.maxOutOfOrderness));
      const arrival = latest(clocks.arrival, known?.arrival ?? clocks.arrival);
      const touched = touchedAt(job, { arrival, watermark: reached });
      const kept = { ...standing(known, isLate), ...touched, state, partitionKey };
      // Nothing is thrown from here on.
      if (!isSame(kept, known)) {
        this.effects.change(key, kept, asked.bytes);
        this.#asked.set(key, asked);
      }
      if (isLate) this.side.push({ kind: 'late', entry, watermark, eventTime: at });
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

  /** Nothing on time was heard of its key, and it is further behind than events may be. */
  #isLate(at: EventTime, watermark: Watermark, known: KeptState | undefined): boolean {
    const { rows } = this.#job;
    if (rows.of === 'all' || !isBehind(at, earlier(watermark, rows.lateness))) return false;
    return known === undefined || known.row === 'withheld';
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
function standing(known: KeptState | undefined, isLate: boolean): Pick<KeptState, 'fired' | 'row'> {
  const fired = known?.fired === undefined ? {} : { fired: known.fired };
  if (isLate) return { ...fired, row: 'withheld' };
  return known?.row === 'put' ? { ...fired, row: 'put' } : fired;
}

/** Whether an event changed nothing that is stored. */
const isSame = (kept: KeptState, known: KeptState | undefined): boolean =>
  known !== undefined &&
  known.arrival === kept.arrival &&
  known.seen === kept.seen &&
  known.row === kept.row &&
  isDeepStrictEqual(known.state, kept.state);
