/** What changed in the tables, as checkers need it: in order, with time and author. */
import type { Item } from '../../../shared/ports/table.ts';
import { type ItemKind, kindOf, laneOfLog } from './kinds.ts';
import type { Change } from './store.ts';

export interface RecordedChange extends Change {
  readonly kind: ItemKind;
  /** When its author had begun to look what there is to close. */
  readonly lookedAt: number | undefined;
}

/** A commit as it was put, with what checkers look at. */
export interface RecordedCommit {
  readonly lane: string;
  readonly slot: number;
  /** Up to which position its lane is done. */
  readonly to: string;
  readonly at: number;
  readonly watermark: number;
  readonly lastValidAt: number | undefined;
  /** Events wait in the log for the watermark to pass them. */
  readonly isHolding: boolean;
  /** It leaves to the next what is due, or what is taken over from the parents. */
  readonly isCutShort: boolean;
  /** Nothing follows it. */
  readonly isEnd: boolean;
}

export class History {
  readonly changes: RecordedChange[] = [];

  lastCommitAt = 0;
  readonly #looked: { readonly at: number | undefined };

  constructor(looked: { readonly at: number | undefined }) {
    this.#looked = looked;
  }

  record(change: Change): RecordedChange {
    const kind = kindOf(change.store.contents, change.key);
    const recorded = { ...change, kind, lookedAt: this.#looked.at };
    this.changes.push(recorded);
    if (kind === 'commit' && change.after) this.lastCommitAt = change.at;
    return recorded;
  }

  /** Commits of a job, oldest first; what time to live removed later is among them. */
  commitsOf(job: string): RecordedCommit[] {
    return this.changes.flatMap((change) => {
      const log = change.kind === 'commit' ? laneOfLog(change.key.pk) : undefined;
      if (!change.after || log?.job !== job) return [];
      return [commitOf(log.lane, change.after, change)];
    });
  }
}

function commitOf(lane: string, item: Item, change: Change): RecordedCommit {
  const { watermark, lastValidAt } = item as { watermark?: number; lastValidAt?: number };
  return {
    lane,
    slot: Number(change.key.sk),
    to: String(item['to']),
    at: change.at,
    watermark: watermark ?? Number.NEGATIVE_INFINITY,
    lastValidAt,
    isHolding: item['heldFrom'] !== undefined,
    isCutShort: item['letGo'] !== undefined || item['adopting'] !== undefined,
    isEnd: item['ended'] === true,
  };
}
