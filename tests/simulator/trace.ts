/** What happened, line by line: hashed always, the last lines kept for a failure, all of them on demand. */
import { hashOf } from './random.ts';

const KEPT_LINES = 60;

export class Trace {
  readonly #lines: string[] = [];
  readonly #sink: ((line: string) => void) | undefined;
  #hash = hashOf('');
  length = 0;

  constructor(sink?: (line: string) => void) {
    this.#sink = sink;
  }

  add(now: number, line: string): void {
    const text = `${now} ${line}`;
    this.#hash = hashOf(text, this.#hash);
    this.length += 1;
    this.#lines.push(text);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines.splice(0, KEPT_LINES);
    this.#sink?.(text);
  }

  get hash(): string {
    return `${this.length}:${this.#hash.toString(16)}`;
  }

  lastLines(): readonly string[] {
    return this.#lines.slice(-KEPT_LINES);
  }
}
