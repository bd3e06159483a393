/**
 * Makes a process stand still where that matters most: between what it has just done and what it is about to do about it,
 * while another run comes in between. Random pauses nearly never meet these places.
 */
import type { Random } from '../random.ts';
import type { Host, Surroundings } from './host.ts';
import { isTimerRun } from './watchKeyed.ts';

const STALL_MS: readonly [number, number] = [500, 5_000];
const OVERTAKEN_MS: readonly [number, number] = [2_000, 80_000];
/** An invocation may take a minute. */
const AUTHOR_MS: readonly [number, number] = [20_000, 200_000];

export class AimedStalls {
  readonly #host: Host;
  readonly #around: Surroundings;
  /** The table's own. */
  readonly #random: Random;
  /** Makes a timer run come in between. */
  readonly #intervene: () => void;
  /** Of its own, so that a run is the same but for this. */
  readonly #authors: Random;
  /** When the run began that was last asked whether it is overtaken. */
  #overtakenAt: number | undefined;

  constructor(host: Host, around: Surroundings, random: Random, intervene: () => void) {
    this.#host = host;
    this.#around = around;
    this.#random = random;
    this.#intervene = intervene;
    this.#authors = random.fork('authors');
  }

  /** So long that others commit, and put what follows, before this one does. */
  maybeAfterCommit(): void {
    if (!this.#authors.chance(this.#around.faults.authorStalls)) return;
    this.#host.standStill(Math.round(this.#authors.magnitude(...AUTHOR_MS)));
    this.#around.situations.meet('author of a commit stands still');
  }

  /** So long that a timer run, which is nudged, comes in between. */
  maybeAfterSheet(): void {
    if (!this.#random.chance(this.#around.faults.runAfterSheet)) return;
    this.#host.standStill(this.#random.between(...STALL_MS));
    this.#around.situations.meet('author of a sheet stands still');
    this.#intervene();
  }

  /** So long that the watermark moves on, and another run judges by it first. */
  maybeOvertaken(pk: string): void {
    if (!pk.includes('#timers#') || !isTimerRun(this.#host.name)) return;
    // Once in a run: each of those that come in between may be overtaken, too.
    if (this.#host.lookedAt === this.#overtakenAt) return;
    this.#overtakenAt = this.#host.lookedAt;
    if (!this.#random.chance(this.#around.faults.runOvertaken)) return;
    const length = Math.round(this.#random.magnitude(...OVERTAKEN_MS));
    this.#host.standStill(length);
    this.#around.timeline.after(Math.round(length / 2), this.#intervene);
    this.#around.situations.meet('timer run stands still before its rows');
  }
}
