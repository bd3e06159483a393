/**
 * The texts of bytes that are read again and again, as a page is for every window that it belongs to. Decoding them is
 * half of what merging a page costs where ids are texts, and hashing new strings a part of the rest: strings that are kept
 * need neither.
 */

/** What a text takes beside its units: the head of a string, and its place in three lists. */
const OVERHEAD_BYTES = 48;
const UNIT_BYTES = 2;

export class KnownTexts {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts: string[] = [];
  #size = 0;

  /** About how many bytes they take in memory. */
  get size(): number {
    return this.#size;
  }

  /** Where the n-th text ends, if it is known and starts there. */
  endOf(n: number, start: number): number | undefined {
    return this.#starts[n] === start ? this.#ends[n] : undefined;
  }

  get(n: number): string {
    return this.#texts[n] as string;
  }

  /** Keeps the n-th text, if it is the next one. */
  add(n: number, start: number, end: number, text: string): void {
    if (n !== this.#texts.length) return;
    this.#starts.push(start);
    this.#ends.push(end);
    this.#texts.push(text);
    this.#size += OVERHEAD_BYTES + UNIT_BYTES * text.length;
  }
}
