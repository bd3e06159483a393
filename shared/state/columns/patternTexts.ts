/**
 * A column of texts of few patterns (`patterns.ts`): the patterns, which of them each text has, and a column of numbers for
 * each place.
 *
 * Invariant: the characters of all texts are counted before they are written out.
 */
import { ZERO } from '../../model/ascii.ts';
import { readCounts, writeNumbers } from './numberColumn.ts';
import { BETWEEN_MAX, DIGITS_MAX, PATTERNS_MAX, PLACES_MAX, type patternsOf } from './patterns.ts';
import { type Budget, damaged, type Sink, type Source } from './sections.ts';

const NUMBER_MAX = 10 ** DIGITS_MAX - 1;

export function writePatterns(
  to: Sink,
  { patterns, which, characters }: NonNullable<ReturnType<typeof patternsOf>>,
): void {
  to.budget.characters(characters);
  to.body.byte(patterns.length);
  if (patterns.length > 1) to.body.bytes(which);
  for (const { between, places } of patterns) {
    to.body.byte(places.length);
    to.budget.spend(places.length * (places[0]?.numbers.length ?? 0));
    for (const part of between) to.body.text(part);
    for (const { numbers, length, hasLeadingZeros } of places) {
      to.body.byte(hasLeadingZeros ? length : 0);
      writeNumbers(to, Float64Array.from(numbers));
    }
  }
}

export function readPatterns(from: Source, count: number): string[] {
  const size = from.body.byte();
  if (size === 0 || size > PATTERNS_MAX) throw damaged('it has too many patterns');
  const which = size > 1 ? from.body.bytes(count) : new Uint8Array(count);
  const patterns: PatternReader[] = [];
  for (let n = 0; n < size; n += 1) {
    let texts = 0;
    for (let i = 0; i < count; i += 1) if (which[i] === n) texts += 1;
    patterns.push(new PatternReader(from, texts));
  }
  const characters = new Characters(from.budget, count);
  for (let i = 0; i < count; i += 1) {
    const pattern = patterns[which[i] as number];
    if (pattern === undefined) throw damaged('a text has no pattern');
    pattern.next(characters);
    characters.end();
  }
  return characters.texts();
}

class PatternReader {
  readonly #between: readonly Uint8Array[];
  readonly #places: readonly Float64Array[];
  readonly #lengths: readonly number[];
  #at = 0;

  constructor(from: Source, count: number) {
    const size = from.body.byte();
    if (size > PLACES_MAX) throw damaged('a pattern has too many places');
    from.budget.spend(size * count);
    this.#between = Array.from({ length: size + 1 }, () =>
      from.body.bytes(from.count(BETWEEN_MAX)),
    );
    const lengths: number[] = [];
    this.#places = Array.from({ length: size }, () => {
      lengths.push(Math.min(DIGITS_MAX, from.body.byte()));
      return readCounts(from, count, NUMBER_MAX);
    });
    this.#lengths = lengths;
  }

  next(to: Characters): void {
    const places = this.#places;
    for (let n = 0; n < places.length; n += 1) {
      to.bytes(this.#between[n] as Uint8Array);
      to.number((places[n] as Float64Array)[this.#at] as number, this.#lengths[n] as number);
    }
    to.bytes(this.#between[places.length] as Uint8Array);
    this.#at += 1;
  }
}

/** ASCII texts, one after the other, which are decoded at once and then cut. */
class Characters {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;
  #count = 0;
  readonly #ends: Uint32Array;
  readonly #budget: Budget;

  constructor(budget: Budget, count: number) {
    this.#ends = new Uint32Array(count);
    this.#budget = budget;
  }

  bytes(part: Uint8Array): void {
    this.#reserve(part.length);
    for (let i = 0; i < part.length; i += 1) this.#bytes[this.#length + i] = part[i] as number;
    this.#length += part.length;
  }

  /** With leading zeros up to the length. */
  number(value: number, lengthMin: number): void {
    const length = Math.max(lengthMin, digitsOf(value));
    this.#reserve(length);
    let rest = value;
    for (let at = this.#length + length - 1; at >= this.#length; at -= 1) {
      const tenth = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.#length += length;
  }

  end(): void {
    this.#ends[this.#count] = this.#length;
    this.#count += 1;
  }

  texts(): string[] {
    this.#budget.characters(this.#length);
    const all = this.#bytes.toString('latin1', 0, this.#length);
    let from = 0;
    return Array.from(this.#ends, (end) => {
      const text = all.slice(from, end);
      from = end;
      return text;
    });
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    this.#budget.checkCharacters(this.#length);
    const grown = Buffer.allocUnsafe(this.#bytes.length * 2 + more);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}
