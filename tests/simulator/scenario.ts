/** What one seed simulates: which jobs, how much of what input, which settings. Faults are drawn apart. */
import { type Duration, days, hours, minutes, seconds } from '../../shared/model/time.ts';
import type { EngineSettings } from '../../shared/runtime/settings.ts';
import type { Random } from './random.ts';
import { drawTrials } from './trials/all.ts';
import type { Trial } from './trials/trial.ts';

/** Odds per event or record, each of which may be 0. */
interface Mixture {
  readonly disordered: number;
  readonly late: number;
  readonly garbage: number;
  readonly unreadable: number;
  readonly poison: number;
  readonly ancient: number;
  /** Further ahead than the job allows. */
  readonly future: number;
  /** Ahead of its arrival, but within what the job allows: the watermark jumps. */
  readonly ahead: number;
  readonly packed: number;
  /** As the Kinesis Producer Library packs. */
  readonly aggregated: number;
  /** Of many keys, by shards that there may be no more; what landed on the wrong shard is put again. */
  readonly manyKeys: number;
  readonly duplicated: number;
  /** On a boundary, or a millisecond beside it (`world/aim.ts`). */
  readonly aimed: number;
  /** A record arrives when a shard or a key has been silent for just so long. */
  readonly onTheDot: number;
  /** A pause of the producer, up to several minutes. */
  readonly silence: number;
}

export interface Scenario {
  readonly trials: readonly Trial[];
  readonly settings: EngineSettings;
  /** `live`: event times follow the clock; `replay`: they are years back and run at their own speed. */
  readonly mode: 'live' | 'replay';
  readonly shards: number;
  /** Whether the first shard gets nothing in the middle of the run, and old events when it comes back. */
  readonly lull: 'first shard' | 'none';
  readonly events: number;
  /** How many different partition keys a stream has. */
  readonly variety: number;
  readonly batchSizeMax: number;
  readonly mixture: Mixture;
  /** Longest gap between two records, ms of processing time. */
  readonly gapMs: number;
  /** Longest step of event time between two records when replaying, ms. */
  readonly stepMs: number;
  /** The odds that from a record on all events have one time, for some records. */
  readonly burst: number;
  /** One record holds so many events with long ids that its effect does not fit one commit. */
  readonly hasBulkyRecord: boolean;
  /** Dead letters are put back, once the job is mended. */
  readonly isRedriven: boolean;
  /** So long after the others (ms, at most) some of the first shards are read for the first time. */
  readonly lateStart: number;
  /** After everything is done: months of silence, and then some more events. */
  readonly isRevived: boolean;
  /** Part of the events are put by named producers: one to a stream, or many that are all well-behaved. */
  readonly named: 'none' | 'one' | 'many';
  /** How the last windows close. */
  readonly ending: 'flush' | 'endOfInput';
}

const MIXTURE: Readonly<Record<keyof Mixture, readonly [min: number, max: number]>> = {
  disordered: [0.1, 0.8],
  late: [0.01, 0.2],
  garbage: [0.01, 0.2],
  unreadable: [0.01, 0.15],
  poison: [0.02, 0.3],
  ancient: [0.01, 0.1],
  future: [0.01, 0.1],
  ahead: [0.005, 0.03],
  packed: [0.1, 1],
  aggregated: [0.05, 0.5],
  manyKeys: [0.05, 0.4],
  duplicated: [0.01, 0.1],
  aimed: [0.05, 0.5],
  onTheDot: [0.02, 0.2],
  silence: [0.01, 0.08],
};

/** @param only the name of the one job to simulate; by default one or two of all. */
export function drawScenario(random: Random, only?: string): Scenario {
  const trials = drawTrials(random.fork('trials'), only);
  const isForgetful = random.chance(0.25);
  const correctionRetention = isForgetful ? random.pick([seconds(0), minutes(1)]) : days(30);
  const drawnFlush = random.pick(['never', seconds(20), minutes(2), minutes(5)] as const);
  // By the clock, a day is over when it is.
  const flushAfter = trials.some(hasLongWindows) ? 'never' : drawnFlush;
  const drawn: Scenario = {
    trials,
    settings: {
      // A lane that is silent, but not yet idle, holds back closing and yet not what expires.
      idleAfter: isForgetful ? minutes(4) : random.pick([seconds(10), seconds(60), minutes(4)]),
      flushAfter,
      logRetention: longEnough(trials, random.pick([hours(4), hours(12), days(3)])),
      streamRetention: random.fork('streams').pick([hours(6), hours(24)]),
      correctionRetention,
      lease: random.pick([seconds(2), seconds(2), seconds(20), seconds(60)]),
    },
    mode: random.pick(['live', 'replay']),
    shards: random.between(isForgetful ? 2 : 1, 4),
    lull: isForgetful ? 'first shard' : 'none',
    events: random.between(15, random.pick([30, 60, 140])),
    variety: random.pick([2, 6, 30]),
    batchSizeMax: random.pick([1, 3, 10, 40]),
    mixture: {
      ...drawMixture(random),
      // Only what comes late can come too late for a correction.
      ...(isForgetful ? { late: 0.3, silence: 0.05 } : {}),
    },
    gapMs: random.pick([100, 2_000, 10_000]),
    stepMs: random.pick([300, 3_000, 15_000]),
    burst: random.fork('bursts').pick([0, 0, 0.05, 0.2]),
    lateStart: random.fork('late starts').pick([0, 0, 0, 0, 0, 0, 0, seconds(30), minutes(10)]),
    hasBulkyRecord: random.chance(0.03),
    isRedriven: random.chance(0.35),
    isRevived: random.chance(0.3),
    named: random.fork('named').pick(['none', 'none', 'none', 'one', 'one', 'one', 'one', 'many']),
    ending: flushAfter === 'never' ? 'endOfInput' : random.pick(['flush', 'endOfInput']),
  };
  return random.fork('far apart').chance(0.06) && trials.every(hasFewWindows)
    ? farApart(drawn)
    : drawn;
}

/** For all windows of these jobs. */
const longEnough = (trials: readonly Trial[], drawn: Duration): Duration =>
  trials.some(hasLongWindows) ? days(3) : drawn;

const hasLongWindows = ({ deployed: job }: Trial): boolean =>
  job.kind === 'window' && job.assign.size > hours(1);

/** Longer than a run takes, and shorter than what a lane may hold before another one begins. */
const FAR_APART_RETENTION = hours(5);

function farApart(drawn: Scenario): Scenario {
  const { settings, isRevived } = drawn;
  const isStrict = !isRevived && settings.correctionRetention > FAR_APART_RETENTION;
  return {
    ...drawn,
    mode: 'replay',
    stepMs: FAR_APART,
    // Each event may have all of its windows to itself, and each of those a row for every key.
    events: Math.min(drawn.events, 25),
    variety: Math.min(drawn.variety, 6),
    lateStart: minutes(10),
    settings: {
      ...settings,
      ...(isStrict ? { correctionRetention: FAR_APART_RETENTION } : {}),
    },
  };
}

/** Off in fewer runs: boundaries are where mistakes are. */
const AIMED: readonly string[] = ['aimed', 'onTheDot'];

/** Event times so far apart that hardly two share a window. */
export const FAR_APART = hours(1);
const WINDOWS_MAX = 120;

const hasFewWindows = ({ deployed: job }: Trial): boolean =>
  job.kind !== 'window' || job.assign.size / job.assign.slide <= WINDOWS_MAX;

function drawMixture(random: Random): Mixture {
  const drawn = Object.entries(MIXTURE).map(([name, [min, max]]) => {
    const weight = random.magnitude(min, max);
    return [name, random.chance(AIMED.includes(name) ? 0.75 : 0.5) ? weight : 0];
  });
  return Object.fromEntries(drawn) as Mixture;
}
