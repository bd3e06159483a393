/**
 * What a table can hold. Where something is none of it, its type is a text in its place, and the compiler shows that: which
 * attribute it is, and what to write instead.
 */
import type { Value } from '../ports/table.ts';

export type Storable<T> = T extends Value ? T : Checked<T, Problems<T>>;

/** Interfaces hold nothing else either, though the compiler does not count them among `Value`. */
type Checked<T, Problem> = [Problem] extends [never] ? T : Problem;

/** The same as something that the compiler does count among `Value`. */
export type Stored<T> = T extends Value ? T : { readonly [Name in keyof T]: T[Name] };

type Problems<T> = T extends Value
  ? never
  : T extends Unstorable
    ? Instead<T>
    : { [Name in keyof T & string]: Named<Name, Instead<Present<T>[Name]>> }[keyof T & string];

/** An attribute that may be left away is not undefined where it is there. */
type Present<T> = { [Name in keyof T]-?: T[Name] };

type Named<Name extends string, What> = What extends string ? `${Name}: ${What}` : never;

type Unstorable = Date | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | undefined;

/** Never for what can be stored. */
type Instead<T> = T extends Value
  ? never
  : T extends Date
    ? 'a Date cannot be stored: write isoTime(eventTime(…))'
    : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
      ? 'a Map or a Set cannot be stored: write a list, [...it]'
      : T extends undefined
        ? 'undefined cannot be stored: leave it away, or write null'
        : 'holds what cannot be stored: write texts, numbers, booleans, null, bytes, lists and objects of them';
