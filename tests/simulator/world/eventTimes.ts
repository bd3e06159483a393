/**
 * The times of the events that the producer makes. In a replay they go on from a cursor of their own, live from the clock;
 * either way some are out of order, late, ahead, decades old, or too far in the future, and now and then many are one.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Surroundings } from './host.ts';

const REPLAY_START = Date.UTC(2017, 10, 26, 1);
const ONE_MINUTE = 60_000;
/** No job here refuses what is ahead by less. */
const AHEAD_MAX_MS = 110_000;
/** A replay leaps no further: more than the longest window. */
const LEAP_MAX_MS = 2 * 3_600_000;
const REDRIVEN_AHEAD_MAX_MS = 3_600_000;
/** 1980: what is before it is no time of an event. */
const EARLIEST_MS = Date.UTC(1980, 0, 1);
const BURST_RECORDS_MAX = 10;

export class EventTimes {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  /** The producer's own. */
  readonly #random: Random;
  readonly #bursts: Random;
  #cursor: number;
  /** The records in a row whose events all have one time. */
  #burst = { time: 0, left: 0 };
  #latest = 0;

  constructor(scenario: Scenario, around: Surroundings, random: Random) {
    this.#scenario = scenario;
    this.#around = around;
    this.#random = random;
    this.#bursts = random.fork('bursts');
    this.#cursor = REPLAY_START + random.below(ONE_MINUTE);
  }

  /** Where an event is that is neither out of order nor ahead. */
  get current(): number {
    return this.#isLive ? this.#around.timeline.now : this.#cursor;
  }

  /** How far ahead an event may be aimed. */
  get aimable(): number {
    return this.current + (this.#isLive ? AHEAD_MAX_MS : LEAP_MAX_MS);
  }

  /** When the last consequence of the events so far is due. */
  get latestConsequence(): number {
    return Math.max(
      ...this.#scenario.trials.map(({ analysis }) => this.#latest + analysis.horizon),
    );
  }

  /** Time goes on before a record is put. */
  step(): void {
    this.#cursor += this.#random.between(0, this.#scenario.stepMs);
  }

  /** Moves the times of a replay on, so far that no window of before gets what is late. */
  skip(ms: number): void {
    this.#cursor += Math.max(ms, this.#lateMax + this.#analysis.reach);
  }

  /** A replay goes on from where it is aimed. */
  leapTo(times: readonly number[]): void {
    if (!this.#isLive) this.#cursor = Math.max(this.#cursor, ...times);
  }

  maybeBurst(): void {
    if (this.#burst.left > 0) this.#burst.left -= 1;
    else if (this.#bursts.chance(this.#scenario.burst)) {
      this.#burst = { time: this.current, left: this.#bursts.between(2, BURST_RECORDS_MAX) };
      this.#around.situations.meet('burst of one time');
    }
  }

  endBurst(): void {
    this.#burst.left = 0;
  }

  /** The time of the next event, also where it is given because it is aimed. */
  next(given?: number): number {
    const time = given ?? this.#drawn();
    // What is refused as too far ahead may be redriven when it no longer is.
    if (time <= this.#around.timeline.now + REDRIVEN_AHEAD_MAX_MS)
      this.#latest = Math.max(this.#latest, time);
    return time;
  }

  #drawn(): number {
    const { mixture, trials } = this.#scenario;
    const random = this.#random;
    const { now } = this.#around.timeline;
    if (this.#burst.left > 0) return this.#burst.time;
    if (random.chance(mixture.ancient)) {
      // Decades behind is expired in a window job, and late or just old in the others.
      const isExpired = trials.some((trial) => trial.analysis.kind === 'window');
      const earliest = isExpired ? EARLIEST_MS - 1 : EARLIEST_MS;
      return random.pick([Math.floor(now / 1_000), EARLIEST_MS - 1, earliest]);
    }
    if (random.chance(mixture.future)) return now + random.pick(this.#tooFarAhead);
    const base = this.#isLive ? now - random.below(500) : this.#cursor;
    if (random.chance(mixture.ahead)) return base + random.below(AHEAD_MAX_MS);
    if (random.chance(mixture.late)) return base - random.below(this.#lateMax);
    return random.chance(mixture.disordered)
      ? base - random.below(2 * this.#analysis.outOfOrderness + 2_000)
      : base;
  }

  get #analysis(): Scenario['trials'][number]['analysis'] {
    return (this.#scenario.trials as [Scenario['trials'][number]])[0].analysis;
  }

  /** How late an event is at most. */
  get #lateMax(): number {
    return 2 * this.#analysis.reach * (this.#scenario.lull === 'none' ? 1 : 3);
  }

  /** How far ahead of its arrival an event may be refused; rarely just not, where that does not leap over years of a replay. */
  get #tooFarAhead(): readonly number[] {
    const skews = this.#scenario.trials.map(({ analysis }) => analysis.maxFutureSkew);
    const isLive = this.#isLive;
    // An event that is put again arrives later, when it is not so far ahead any more.
    if (!isLive && this.#scenario.mixture.manyKeys > 0) return [86_400_000];
    // What one job refuses, another may take.
    const beyond = (isLive ? skews : [Math.max(...skews)]).map((skew) => skew + 1);
    const justNot = isLive ? skews : [];
    return [...beyond, ...beyond, 600_001, 86_400_000, ...justNot];
  }

  get #isLive(): boolean {
    return this.#scenario.mode === 'live';
  }
}
