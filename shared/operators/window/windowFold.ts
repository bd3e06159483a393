/**
 * Ingest for window jobs: folds a run of entries into slice accumulators, starting from a lane's progress. Pure.
 *
 * An accumulator may be half changed when the job's own code throws. Then the run is folded anew without the events on which
 * it does, so that what becomes of each is the same wherever batches end.
 */
import type { WindowJob } from '../../job/windowJob.ts';
import { type Edition, PLAIN_EDITION, type Slice, sliceOf } from '../../model/window.ts';
import type { Entry } from '../../records/entry.ts';
import { reasonOf } from '../intake/deadReason.ts';
import { type EntryRange, type Intake, type Operator, takeEntries } from '../intake/intake.ts';
import { judge, readerOf } from '../intake/judge.ts';
import { editionOf } from '../intake/lateness.ts';
import type { LaneProgress } from '../intake/progress.ts';
import { type GateFold, type GateStart, openGate } from './gateFold.ts';

interface SliceDelta {
  readonly slice: Slice;
  readonly edition: Edition;
  events: number;
  readonly accumulator: unknown;
}

export interface Fold extends Intake {
  readonly deltas: readonly SliceDelta[];
  /** What the gate does; absent without a gate. */
  readonly gate?: Pick<GateFold, 'lastArrival' | 'effects'>;
}

export interface WindowRange extends EntryRange {
  /** Entries that are known to be poison, with the reason. */
  readonly poison?: Poison;
  /** What the job's gate knew before the range; absent without a gate. */
  readonly gate?: GateStart;
}

type Poison = ReadonlyMap<Entry, string>;

/** Folds `entries[from..to)`. An event on which the job's own code throws becomes a dead letter. */
export function foldWindow(job: WindowJob, start: LaneProgress, range: WindowRange): Fold {
  const poison = new Map(range.poison);
  for (;;) {
    try {
      return foldOnce(job, start, range, poison);
    } catch (error) {
      if (!(error instanceof AggregateThrew)) throw error;
      poison.set(error.entry, error.message);
      findPoison(job, range, poison);
    }
  }
}

class AggregateThrew extends Error {
  readonly entry: Entry;
  constructor(entry: Entry, reason: string) {
    super(reason);
    this.entry = entry;
  }
}

/** Tries every event on a scratch accumulator, so that many poison events cost one more fold, not one each. */
function findPoison(job: WindowJob, range: WindowRange, poison: Map<Entry, string>): void {
  const reader = readerOf(job, range.stream);
  for (let i = range.from; i < range.to; i += 1) {
    const entry = range.entries[i] as Entry;
    const judged = judge(reader, entry);
    if (judged.kind !== 'taken') continue;
    try {
      job.aggregate.add(job.aggregate.init(), judged.event);
    } catch (error) {
      poison.set(entry, reasonOf(error));
    }
  }
}

function foldOnce(job: WindowJob, start: LaneProgress, range: WindowRange, poison: Poison): Fold {
  const gate =
    job.gate && range.gate && openGate(job.gate, readerOf(job, range.stream).source, range.gate);
  const slices = new Slices(job);
  const operator: Operator<Edition> = {
    redrivenBy: 'firstWatermark',
    ...(gate ? screening(gate) : {}),
    destinationOf: editionOf(job),
    take(entry, { event, at }, edition) {
      const reason = poison.size > 0 ? poison.get(entry) : undefined;
      if (reason !== undefined) return { reason };
      const delta = slices.get(sliceOf(at, job.assign), edition);
      try {
        job.aggregate.add(delta.accumulator, event);
      } catch (error) {
        throw new AggregateThrew(entry, reasonOf(error));
      }
      delta.events += 1;
      return undefined;
    },
  };
  const intake = takeEntries(job, operator, start, range);
  return { ...intake, deltas: slices.all(), ...(gate ? { gate } : {}) };
}

const screening = (gate: GateFold): Pick<Operator<Edition>, 'arrived' | 'screen' | 'isFull'> => ({
  arrived(arrival, watermark) {
    gate.arrived(arrival);
    return watermark;
  },
  screen: (entry, event) => gate.decide(entry, event),
  isFull: () => gate.isFull,
});

/** The slices that a run has changed. */
class Slices {
  readonly #job: WindowJob;
  readonly #plain = new Map<Slice, SliceDelta>();
  readonly #editions = new Map<string, SliceDelta>();

  constructor(job: WindowJob) {
    this.#job = job;
  }

  get(slice: Slice, edition: Edition): SliceDelta {
    const isPlain = edition === PLAIN_EDITION;
    const existing = isPlain ? this.#plain.get(slice) : this.#editions.get(`${slice}/${edition}`);
    if (existing) return existing;
    const fresh = { slice, edition, events: 0, accumulator: this.#job.aggregate.init() };
    if (isPlain) this.#plain.set(slice, fresh);
    else this.#editions.set(`${slice}/${edition}`, fresh);
    return fresh;
  }

  all(): SliceDelta[] {
    return [...this.#plain.values(), ...this.#editions.values()];
  }
}
