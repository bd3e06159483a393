/**
 * Situations of jobs that keep something per key, as they show in what is written: who put its alerts, what became of
 * a timer, when keys were stored and taken over, who moved a lane's clock, and what was pending when shards changed.
 */
import type { Item } from '../../../shared/ports/table.ts';
import type { Situations } from '../situations.ts';
import type { RecordedChange } from './history.ts';

interface Head {
  readonly item: Item;
  readonly by: string;
  /** It moved the lane's clock without a record. */
  readonly isJump: boolean;
}

/** Processes that fire timers are named like this. */
export const isTimerRun = (by: string): boolean => by.startsWith('fire-');

export class KeyedWatch {
  readonly #situations: Situations;
  /** By the partition of the log. */
  readonly #heads = new Map<string, Head>();
  /** Whose commit brought alerts last. */
  #alerting: { readonly by: string } | undefined;

  constructor(situations: Situations) {
    this.#situations = situations;
  }

  note(change: RecordedChange): void {
    switch (change.kind) {
      case 'commit':
        this.#noteCommit(change);
        break;
      case 'alert':
        this.#noteAlert(change);
        break;
      case 'status':
        this.#noteStatus(change);
        break;
    }
  }

  /** The shard was just split or merged. */
  noteResharding(stream: string, shards: readonly string[]): void {
    const isParent = (partition: string): boolean =>
      shards.some((shard) => partition.endsWith(`#${stream}/${shard}`));
    const heads = [...this.#heads].filter(([partition]) => isParent(partition));
    if (heads.some(([, { item }]) => item['heldFrom'] !== undefined)) {
      this.#situations.meet('resharding with events held');
    }
    if (heads.some(([, { item }]) => item['nextTimer'] !== undefined)) {
      this.#situations.meet('resharding with timers pending');
    }
    if (heads.some(([, { item }]) => item['keptFrom'] !== 0)) {
      this.#situations.meet('resharding of a lane with a snapshot');
    }
  }

  #noteCommit({ key, after, by }: RecordedChange): void {
    if (!after) return;
    const before = this.#heads.get(key.pk);
    const isEnd = after['ended'] === true && before?.item['ended'] !== true;
    const isJump = isTimerRun(by) && after['watermark'] !== before?.item['watermark'];
    this.#heads.set(key.pk, { item: after, by, isJump: isJump && !isEnd });
    this.#noteLettingGo(before?.item, after, by);
    this.#noteStore(before?.item, after, by);
    if (isEnd) this.#noteEnd(after, by);
    else if (isTimerRun(by)) this.#noteAdvance(after, isJump);
    else if (before?.isJump) this.#situations.meet('records after an idle jump');
  }

  #noteLettingGo(before: Item | undefined, after: Item, by: string): void {
    if (after['letGo'] !== undefined) this.#situations.meet('letting go cut by its bound');
    if (before?.['letGo'] !== undefined && isTimerRun(by)) {
      this.#situations.meet('letting go resumed by a timer run');
    }
    if (after['heldAfter'] !== undefined) this.#situations.meet('what waits brought again in part');
  }

  #noteStore(before: Item | undefined, after: Item, by: string): void {
    if (after['alerts'] !== undefined) this.#alerting = { by };
    if (after['part'] === undefined) return;
    const [from, to, content] = after['part'] as readonly [number, number, unknown?];
    const isTakenOver =
      before?.['adopting'] !== undefined || (!before && Number(after['sk']) === 0);
    this.#situations.meet(isTakenOver ? 'keys taken over from a parent' : 'part of a snapshot');
    if (content !== undefined && to - from < 2 ** 32) this.#situations.meet('snapshot in parts');
    if (after['adopting'] !== undefined)
      this.#situations.meet('keys taken over in several commits');
    if (isTimerRun(by) && isTakenOver) this.#situations.meet('child opened by a timer run');
    if (isTimerRun(by) && !isTakenOver) this.#situations.meet('part renewed by a timer run');
  }

  #noteEnd(after: Item, by: string): void {
    this.#situations.meet(isTimerRun(by) ? 'lane ended by a timer run' : 'lane ended by a child');
    if (Number(after['sk']) === 0) this.#situations.meet('lane ended that never began');
    if (after['changes'] !== undefined || after['alerts'] !== undefined) {
      this.#situations.meet('events let go by the end of a lane');
    }
  }

  #noteAdvance(after: Item, isJump: boolean): void {
    this.#situations.meet(isJump ? 'idle jump by a timer run' : 'recommitted head of a timer run');
    if (!isJump && after['held'] !== undefined) this.#situations.meet('held events stored anew');
  }

  #noteAlert({ before, after, by }: RecordedChange): void {
    if (after && !before && this.#alerting && this.#alerting.by !== by) {
      this.#situations.meet('alert put by another than its author');
    }
  }

  #noteStatus({ before, after, by }: RecordedChange): void {
    const [was, is] = [String(before?.['status'] ?? ''), String(after?.['status'] ?? '')];
    if (!was || !is || was === is) return;
    if (isTimerRun(by)) this.#situations.meet('timer fired');
    else if (was.startsWith('awaiting') || was === 'present')
      this.#situations.meet('timer cancelled');
    else if (TIMED.includes(was)) this.#situations.meet('answer of a timer corrected');
  }
}

const TIMED = ['timedOut', 'paidWithoutCreate', 'unmatchedPay', 'unmatchedReceipt', 'gone'];
