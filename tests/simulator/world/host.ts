/**
 * A process: one execution environment of a Lambda function. Each of its operations waits for its turn; a
 * crash means that its next operation never returns, a pause that it returns much later, perhaps when the
 * invocation has been given up (then the process is a zombie).
 */
import type { ProcessingTime } from '../../../shared/model/time.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Situations } from '../situations.ts';
import type { Timeline } from '../timeline.ts';
import type { Trace } from '../trace.ts';

/** What all simulated parts share. `faults` is replaced when the world heals. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly situations: Situations;
  faults: Faults;
  /** When the process that writes right now had begun to look what there is to close. */
  readonly looked: { at: number | undefined };
}

/** An operation as a host sees it; `writes` names the kind of item it writes. */
export interface Operation<T> {
  readonly label: string;
  readonly writes?: string;
  perform(): T;
}

const PAUSE_MS: readonly [number, number] = [2_000, 1_500_000];
const PAUSE_ODDS_MAX = 0.1;
const LATENCY_MS: readonly [number, number] = [1, 25];
const SLOW_MS: readonly [number, number] = [300, 20_000];

export class Host {
  readonly name: string;
  /** Given up by whoever invoked it, and yet running. */
  isZombie = false;
  isDead = false;
  /** When it last began to look what there is to close. */
  lookedAt: number | undefined;
  onDeath: (() => void) | undefined;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #skew: number;
  #pausedUntil = 0;
  /** What waits for the end of a pause. */
  #held: (() => void)[] = [];
  #lastWrite: string | undefined;

  constructor(name: string, around: Surroundings, random: Random) {
    this.name = name;
    this.#around = around;
    this.#random = random;
    const skew = Math.round(around.faults.clockSkew);
    this.#skew = random.between(-skew, skew);
  }

  now(): ProcessingTime {
    return (this.#around.timeline.now + this.#skew) as ProcessingTime;
  }

  beginInvocation(): void {
    this.isZombie = false;
    this.#lastWrite = undefined;
  }

  /** Waits for a turn, then performs. Never settles once the process is dead. */
  operate<T>(operation: Operation<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        if (this.#isHindered(operation, turn)) return;
        try {
          resolve(this.#perform(operation));
        } catch (error) {
          this.#note(`${operation.label}: ${(error as Error).name}`);
          reject(error);
        }
      };
      this.#around.timeline.after(this.#latency(), turn);
    });
  }

  die(): void {
    this.isDead = true;
    this.onDeath?.();
  }

  /** What it is about to do waits. */
  standStill(length: number): void {
    const { timeline } = this.#around;
    this.#pausedUntil = timeline.now + length;
    this.#note(`stands still for ${length} ms`);
    timeline.after(length, () => this.#goOn());
  }

  /** Ends a pause early. */
  hasten(delay: number): void {
    if (this.#held.length === 0) return;
    this.#around.timeline.after(delay, () => this.#goOn());
  }

  #goOn(): void {
    this.#pausedUntil = 0;
    for (const turn of this.#held.splice(0)) this.#around.timeline.after(0, turn);
  }

  /** Whether the turn comes to nothing, or later. */
  #isHindered(operation: Operation<unknown>, turn: () => void): boolean {
    if (this.isDead) return true;
    if (this.#around.timeline.now < this.#pausedUntil) {
      this.#held.push(turn);
      return true;
    }
    return this.#crashes(operation) || this.#pauses(turn);
  }

  #perform<T>({ label, writes, perform }: Operation<T>): T {
    if (writes !== undefined) this.#lastWrite = writes;
    const value = perform();
    this.#note(label);
    return value;
  }

  #note(line: string): void {
    this.#around.trace.add(this.#around.timeline.now, `${this.name} ${line}`);
  }

  #latency(): number {
    const [min, max] = this.#random.chance(this.#around.faults.slow) ? SLOW_MS : LATENCY_MS;
    return this.#random.between(min, max);
  }

  #crashes(operation: Operation<unknown>): boolean {
    const { faults, situations } = this.#around;
    const odds =
      this.#lastWrite === undefined ? faults.crash : faults.crash * faults.crashBetweenWrites;
    if (!this.#random.chance(odds)) return false;
    const next = operation.writes ?? 'read';
    situations.meet(
      this.#lastWrite === undefined
        ? 'crash before the first write'
        : `crash after ${this.#lastWrite}, before ${next}`,
    );
    this.#note(`CRASHES before ${operation.label}`);
    this.die();
    return true;
  }

  #pauses(turn: () => void): boolean {
    const { faults } = this.#around;
    const factor = this.#lastWrite === undefined ? 1 : faults.pauseBetweenWrites;
    if (!this.#random.chance(Math.min(PAUSE_ODDS_MAX, faults.pause * factor))) return false;
    this.standStill(Math.round(this.#random.magnitude(...PAUSE_MS)));
    this.#held.push(turn);
    return true;
  }
}
