/**
 * Makes a process stand still where that matters most: between what it has just done and what it is about to do about it.
 * Random pauses nearly never meet these places.
 */
import type { Random } from '../random.ts';
import type { Host, Surroundings } from './host.ts';

/** An invocation may take a minute. */
const AUTHOR_MS: readonly [number, number] = [20_000, 200_000];

export class AimedStalls {
  readonly #host: Host;
  readonly #around: Surroundings;
  readonly #authors: Random;

  constructor(host: Host, around: Surroundings, random: Random) {
    this.#host = host;
    this.#around = around;
    this.#authors = random.fork('authors');
  }

  /** So long that others commit, and put what follows, before this one does. */
  maybeAfterCommit(): void {
    if (!this.#authors.chance(this.#around.faults.authorStalls)) return;
    this.#host.standStill(Math.round(this.#authors.magnitude(...AUTHOR_MS)));
    this.#around.situations.meet('author of a commit stands still');
  }
}
