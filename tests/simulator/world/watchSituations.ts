/** Situations that show in what is written, whoever wrote it. */
import type { Item } from '../../../shared/ports/table.ts';
import { closingStateIn } from '../../../shared/state/closing/closingState.ts';
import type { Situations } from '../situations.ts';
import type { RecordedChange } from './history.ts';
import type { KeyedWatch } from './watchKeyed.ts';
import type { LaneWatch } from './watchLanes.ts';

export function watchSituations(
  situations: Situations,
  keyed: KeyedWatch,
  lanes: LaneWatch,
): (change: RecordedChange) => void {
  const prefixes = new DeadPrefixes(situations);
  const begun = new BegunWindows(situations);
  return (change) => {
    keyed.note(change);
    lanes.note(change);
    const { kind, before, after, by } = change;
    if (!after) return;
    if (kind === 'row') watchRow(situations, before, after);
    if (kind === 'commit') {
      watchCommit(situations, after, by);
      prefixes.watch(after);
    }
    if (kind === 'chunk') situations.meet('content in chunks');
    if (kind === 'closing') {
      watchClosing(situations, before, after);
      begun.watch(after, by);
    }
  };
}

function watchRow(situations: Situations, before: Item | undefined, after: Item): void {
  const revision = Number(after['revision']);
  if (before && revision > Number(before['revision'])) situations.meet('window revised');
  if (before && revision === before['revision'] && after['final'] === before['final']) {
    situations.meet('row written again unchanged');
  }
  if (after['withdrawn'] !== before?.['withdrawn']) watchWithdrawal(situations, before, after);
  if (before?.['final'] === true && revision > Number(before['revision'])) {
    situations.meet('final row revised');
  }
}

function watchWithdrawal(situations: Situations, before: Item | undefined, after: Item): void {
  if (after['withdrawn'] !== true) situations.meet('withdrawn row back');
  else situations.meet(before ? 'row withdrawn' : 'row withdrawn that was never put');
}

function watchCommit(situations: Situations, after: Item, by: string): void {
  const { from, to } = after as { from: string; to: string };
  if (isWithinRecord(from) && from !== to) situations.meet('commit starts within a record');
  if (by.startsWith(CLOSER)) situations.meet('recommitted head');
  const producers = after['producers'];
  if (Array.isArray(producers) && producers.length > 1) situations.meet('page of producers named');
}

/** Notes records that are gone on with behind a commit of nothing but dead letters. */
class DeadPrefixes {
  readonly #situations: Situations;
  readonly #last = new Map<
    string,
    { readonly totals: readonly number[]; readonly isDead: boolean }
  >();

  constructor(situations: Situations) {
    this.#situations = situations;
  }

  watch(commit: Item): void {
    const { pk, from, totals } = commit as { pk: string; from: string; totals: readonly number[] };
    const before = this.#last.get(pk);
    if (before?.isDead && isWithinRecord(from)) {
      this.#situations.meet('record cut behind nothing but dead letters');
    }
    const [accepted = 0, filtered = 0, late = 0, dead = 0] = totals.map(
      (total, i) => total - (before?.totals[i] ?? 0),
    );
    this.#last.set(pk, { totals, isDead: dead > 0 && accepted + filtered + late === 0 });
  }
}

/** Notes windows of which a run writes a part, and who goes on with them: what a process remembers of one may be what it was. */
class BegunWindows {
  readonly #situations: Situations;
  /** By job: who left it. */
  readonly #left = new Map<string, string>();

  constructor(situations: Situations) {
    this.#situations = situations;
  }

  watch(closing: Item, by: string): void {
    const job = String(closing['pk']);
    const left = this.#left.get(job);
    if (closingStateIn(closing).window === undefined) this.#left.delete(job);
    else if (closing['leaseUntil'] === 0) {
      this.#left.set(job, by);
      this.#situations.meet('window left within its rows');
    } else if (left !== undefined) {
      const who = left === by ? 'who left it' : 'another process';
      this.#situations.meet(`window gone on with by ${who}`);
    }
  }
}

/** Processes that close windows are named like this; ingest never is. */
const CLOSER = 'close-';

const isWithinRecord = (position: string): boolean => !position.endsWith('/0');

function watchClosing(situations: Situations, before: Item | undefined, after: Item): void {
  if (after['again'] === true) situations.meet('closing asked to run again');
  const isLeased = Number(before?.['leaseUntil'] ?? 0) > 0;
  if (isLeased && Number(after['fence']) > Number(before?.['fence'])) {
    situations.meet('lease taken over after it expired');
  }
}
