/** The interesting situations that a run met, by name; a corpus that never met one proves nothing about it. */

export class Situations {
  readonly counts = new Map<string, number>();

  meet(name: string, times = 1): void {
    if (times > 0) this.counts.set(name, (this.counts.get(name) ?? 0) + times);
  }

  addAll(counts: Iterable<readonly [string, number]>): void {
    for (const [name, times] of counts) this.meet(name, times);
  }
}

/** Situations that a corpus of some hundred seeds has to meet. */
const REQUIRED: readonly string[] = [
  'batch bisected',
  'batch written in part',
  'closing asked to run again',
  'closing run fenced',
  'closing runs overlap',
  'commit starts within a record',
  'copy of a redriven event refused',
  'crash after closing, before page',
  'crash after commit, before commit',
  'crash after commit, before read',
  'crash after lane, before commit',
  'crash after page, before row',
  'crash after row, before closing',
  'crash after row, before row',
  'crash before the first write',
  'dead letter',
  'event expired',
  'event in an edition',
  'final row revised',
  'flushed by the clock',
  'idle lane returned',
  'late event',
  'lease taken over after it expired',
  'lost reply applied: closing',
  'lost reply applied: commit',
  'lost reply applied: page',
  'lost reply applied: row',
  'nudge lost',
  'page gone, row left alone',
  'refused after applying: closing',
  'refused after applying: commit',
  'refused: closing',
  'refused: commit',
  'refused: row',
  'record of the Kinesis Producer Library',
  'replay from an old checkpoint',
  'resharding',
  'response lost',
  'rest entry',
  'roll-up',
  'schedule skipped',
  'shard read twice at a time',
  'content in chunks',
  'stale read: page',
  'straggling write: closing',
  'straggling write: commit',
  'straggling write: row',
  'time ran short',
  'time to live removed',
  'window revised',
  'zombie refused: commit',
  'zombie refused: row',
  'zombie serves again',
  'zombie wrote: closing',
  'zombie wrote: commit',
  'zombie wrote: row',
];

export const situationsMissing = (met: ReadonlyMap<string, number>): string[] =>
  REQUIRED.filter((name) => !met.has(name));
