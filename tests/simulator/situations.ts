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
export const REQUIRED_SITUATIONS: readonly string[] = [
  'crash before the first write',
  'crash after lane, before commit',
  'crash after commit, before commit',
  'crash after closing, before page',
  'crash after page, before closing',
  'crash after row, before row',
  'crash after row, before closing',
  'zombie wrote: row',
  'zombie wrote: commit',
  'refused: commit',
  'refused: closing',
  'refused: row',
  'refused after applying: commit',
  'refused after applying: closing',
  'lost reply applied: commit',
  'lost reply applied: closing',
  'lost reply applied: row',
  'lost reply applied: page',
  'straggling write: commit',
  'straggling write: closing',
  'straggling write: row',
  'batch written in part',
  'stale read: page',
];
