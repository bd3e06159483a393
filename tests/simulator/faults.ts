/**
 * What may go wrong, and how often. Swarm testing: in each run every fault is either off or has a weight of
 * its own, because bugs hide where some faults are frequent and others absent.
 */
import type { Random } from './random.ts';

export interface Faults {
  /** A process stops for ever: odds per operation, before its first write of an invocation. */
  readonly crash: number;
  /** How many times likelier a crash is between two writes of one invocation. */
  readonly crashBetweenWrites: number;
  /** A process stands still for a while, perhaps past its time-out: odds per operation. */
  readonly pause: number;
  /** How many times likelier a pause is once a process has written, and so others may be in its way. */
  readonly pauseBetweenWrites: number;
  /** After a time-out the process goes on as a zombie instead of ending. */
  readonly zombie: number;
  /** The invocation succeeded, but whoever called it does not learn that. */
  readonly lostResponse: number;
  /** An operation is slow (seconds instead of milliseconds). */
  readonly slow: number;
  /** Invocations get little time, so that batches are committed in part. */
  readonly shortTime: number;
  readonly throttle: number;
  /** A write is applied, its reply is lost. */
  readonly lostReply: number;
  /** A write is applied, its reply is lost, and the SDK sends it again by itself. */
  readonly repeatedWrite: number;
  /** A write is reported lost and is applied some seconds later. */
  readonly straggler: number;
  /** A batch write is applied in part. */
  readonly partialBatch: number;
  /** An eventually consistent read sees the table as it was some time ago. */
  readonly staleRead: number;
  readonly cold: number;
  readonly replay: number;
  readonly bisect: number;
  /** Child shards are read before their parents are drained. */
  readonly childrenEarly: number;
  /** A shard is read twice at the same time, as after a mapping was made anew: odds per shard. */
  readonly secondPoller: number;
  /** A shard's parents are no longer known. */
  readonly parentsForgotten: number;
  /** Whether a shard holds more cannot be told. */
  readonly lookUnsure: number;
  /** Somebody looks into a shard, finds nothing, and just then a record comes. */
  readonly recordAfterLook: number;
  readonly scheduleSkipped: number;
  readonly scheduleLate: number;
  readonly scheduleTwice: number;
  /** A scheduled run begins about when a shard has been silent for just long enough: odds per record. */
  readonly runAtIdle: number;
  readonly nudgeLost: number;
  readonly nudgeTwice: number;
  /** Processes' clocks differ by up to so many ms. */
  readonly clockSkew: number;
  /** Expired items are deleted at a sweep: odds per item. */
  readonly timeToLive: number;
  /** Odds per producer step. */
  readonly reshard: number;
  /** What is left of a closed shard is read minutes later: odds per shard. */
  readonly closedLate: number;
  /** A named producer's request is refused, as a whole. */
  readonly putRefused: number;
  /** So are all of them for some seconds or minutes: odds per request. */
  readonly putOutage: number;
  /** One of its records is refused. */
  readonly putPartial: number;
  /** It is carried out, and the reply is lost. */
  readonly putLost: number;
  /** No reply comes, and it is carried out minutes later. */
  readonly putLate: number;
  /** The stream is resharded while a request is on its way. */
  readonly putResharded: number;
  /** A record gets its place in the shard a moment after the reply. */
  readonly putOvertaken: number;
  /** A producer is told of the shards of some time ago. */
  readonly listStale: number;
  /** A producer dies, and begins again further back: odds per event. */
  readonly producerCrash: number;
  /** Another one of its name begins beside it: odds per event. */
  readonly producerTwice: number;
  /** Who has committed stands still for longer than it may, before it puts what follows: odds per commit. */
  readonly authorStalls: number;
}

const RANGES: Readonly<Record<keyof Faults, readonly [min: number, max: number]>> = {
  crash: [0.000_5, 0.01],
  crashBetweenWrites: [5, 60],
  pause: [0.003, 0.05],
  pauseBetweenWrites: [2, 12],
  zombie: [0.3, 1],
  lostResponse: [0.01, 0.2],
  slow: [0.005, 0.1],
  shortTime: [0.05, 0.6],
  throttle: [0.005, 0.15],
  lostReply: [0.005, 0.15],
  repeatedWrite: [0.005, 0.15],
  straggler: [0.005, 0.05],
  partialBatch: [0.05, 0.5],
  staleRead: [0.05, 0.9],
  cold: [0.02, 1],
  replay: [0.02, 0.3],
  bisect: [0.1, 1],
  childrenEarly: [1, 1],
  secondPoller: [0.2, 1],
  parentsForgotten: [0.1, 1],
  lookUnsure: [0.05, 0.5],
  recordAfterLook: [0.1, 1],
  scheduleSkipped: [0.05, 0.7],
  scheduleLate: [0.1, 0.7],
  scheduleTwice: [0.1, 0.7],
  runAtIdle: [0.02, 0.3],
  nudgeLost: [0.1, 1],
  nudgeTwice: [0.1, 0.7],
  clockSkew: [50, 3_000],
  timeToLive: [0.1, 1],
  reshard: [0.01, 0.08],
  closedLate: [0.2, 1],
  authorStalls: [0.05, 0.5],
  putRefused: [0.02, 0.3],
  putOutage: [0.005, 0.05],
  putPartial: [0.02, 0.3],
  putLost: [0.02, 0.3],
  putLate: [0.01, 0.15],
  putResharded: [0.01, 0.1],
  putOvertaken: [0.05, 0.5],
  listStale: [0.1, 0.7],
  producerCrash: [0.01, 0.15],
  producerTwice: [0.01, 0.1],
};

/** Multiplying by this where a fault is off must do nothing. */
const CALM: Faults = {
  ...(Object.fromEntries(Object.keys(RANGES).map((name) => [name, 0])) as Record<
    keyof Faults,
    number
  >),
  crashBetweenWrites: 1,
  pauseBetweenWrites: 1,
  timeToLive: 0.5,
};

export const noFaults = (): Faults => CALM;

export function drawFaults(random: Random): Faults {
  const density = random.pick([0, 0.3, 0.5, 0.8]);
  const drawn = Object.entries(RANGES).map(([name, [min, max]]) => {
    const isOn = random.chance(density);
    const weight = random.magnitude(min, max);
    return [name, isOn ? weight : CALM[name as keyof Faults]];
  });
  return Object.fromEntries(drawn) as Faults;
}
