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

/** Boundaries on which something has to lie, or a millisecond beside them. */
const EDGES: readonly string[] = [
  'event a millisecond before a match is given up',
  'event a millisecond before its window takes no more',
  'event a millisecond behind W',
  'event as far ahead as it may be',
  'event before that moment',
  'event just as a match is given up',
  'event just as its window takes no more',
  'event just at W',
  'event of a key a millisecond before its wait is over',
  'event of a key just as its wait is over',
  'event of the very first moment',
  'job watermark a millisecond before the end of a window',
  'job watermark just at the end of a window',
  'key met a millisecond before it is forgotten',
  'record a millisecond before its shard is idle',
  'record just as its shard is idle',
  'status judged just at its time',
  'W just at a time-out',
];

/** Situations that a corpus of some hundred seeds has to meet. */
const REQUIRED: readonly string[] = [
  'aggregate of many keys',
  'alert of a gate',
  'answer of a timer corrected',
  'author of a sheet stands still',
  'batch of a retired lane again',
  'batch bisected',
  'batch written in part',
  'burst of one time',
  'child before its parents ended',
  'child of a retired lane begins',
  'closed shard read late',
  'shard read long after the others',
  'closing asked to run again',
  'closing run fenced',
  'closing runs overlap',
  'commit applied by another than its author',
  'commit starts within a record',
  'content in chunks',
  'copy of a redriven event refused',
  'crash after closing, before page',
  'crash after commit, before commit',
  'crash after commit, before keyed state',
  'crash after commit, before read',
  'crash after keyed state, before applied mark',
  'crash after lane, before commit',
  'crash after page, before row',
  'crash after row, before closing',
  'crash after row, before row',
  'crash after sheet, before commit',
  'crash after status, before sheet',
  'crash before the first write',
  'dead letter',
  'deleted sheet put again',
  'edited letter redriven',
  'event expired',
  'event in an edition',
  'event times far apart',
  'final row revised',
  'flushed by the clock',
  'forged envelope',
  'idle jump between records',
  'idle jump by a timer run',
  'idle lane returned',
  'lane ended by a child',
  'lane ended once its records expired',
  'lane ended that never began',
  'lane retired',
  'late event',
  'lease taken over after it expired',
  'letter put on any shard',
  'lost reply applied: closing',
  'lost reply applied: commit',
  'lost reply applied: keyed state',
  'lost reply applied: page',
  'lost reply applied: row',
  'lost reply applied: status',
  'match timed out',
  'misplaced event dropped',
  'misplaced event put again',
  'nudge lost',
  'page gone, row left alone',
  'record of nothing but dead letters',
  'record in another form than lines',
  'record of the Kinesis Producer Library',
  'records after an idle jump',
  'refused after applying: closing',
  'refused after applying: commit',
  'refused to a timer run: commit',
  'refused to a timer run: status',
  'refused to ingest: status',
  'refused: closing',
  'refused: commit',
  'refused: row',
  'replay from an old checkpoint',
  'resharding',
  'resharding of a lane with redo',
  'resharding with events held',
  'resharding with timers pending',
  'response lost',
  'recommitted head',
  'roll-up',
  'schedule skipped',
  'shard read twice at a time',
  'stale read: page',
  'stale read: status',
  'status conflict',
  'straggling write: closing',
  'straggling write: commit',
  'straggling write: row',
  'straggling write: sheet',
  'straggling write: status',
  'time ran short',
  'time to live removed',
  'timer cancelled',
  'timer fired',
  'timer run stands still before its rows',
  'timer runs overlap',
  'window revised',
  'zombie refused: commit',
  'zombie refused: row',
  'zombie serves again',
  'zombie wrote: closing',
  'zombie wrote: commit',
  'zombie wrote: row',
  ...EDGES,
];

/** Situations that only low limits bring about in small inputs. */
const REQUIRED_WHEN_TIGHT: readonly string[] = [
  'commit starts within a record',
  'letting go cut by its bound',
  'letting go resumed by a timer run',
  'record cut behind nothing but dead letters',
  'what waits brought again in part',
];

export const situationsMissingWhenTight = (met: ReadonlyMap<string, number>): string[] =>
  REQUIRED_WHEN_TIGHT.filter((name) => !met.has(name));

export const situationsMissing = (met: ReadonlyMap<string, number>): string[] =>
  REQUIRED.filter((name) => !met.has(name));
