/**
 * The lists of names that objects have.
 *
 * Invariant: shapes, and the names in all of them, are in the order in which they come first.
 */
import type { Value } from '../../ports/table.ts';

export type Fields = { readonly [name: string]: Value };

export const SHAPES_MAX = 64;
/** Objects of more names are slow ones. */
export const NAMES_MAX = 128;
/** Of records in a list of so many: more would take more than maps. */
const shapesMax = (count: number): number => Math.min(SHAPES_MAX, 4 + count / 4);
const namesMax = (count: number): number => Math.min(NAMES_MAX, 16 + count * 4);

export interface Shapes {
  /** Each by the names that objects of this shape have. */
  readonly shapes: readonly (readonly string[])[];
  /** Which of them each object has. */
  readonly which: Uint8Array;
  /** Every name of them, in the order in which they come first. */
  readonly names: readonly string[];
}

/** Undefined where they have too many. */
export function shapesOf(objects: readonly Fields[]): Shapes | undefined {
  const shapes: string[][] = [];
  const which = new Uint8Array(objects.length);
  let last = 0;
  for (let i = 0; i < objects.length; i += 1) {
    last = shapeOf(shapes, Object.keys(objects[i] as Fields), last);
    if (shapes.length > shapesMax(objects.length)) return undefined;
    which[i] = last;
  }
  const names = [...new Set(shapes.flat())];
  return names.length > namesMax(objects.length) ? undefined : { shapes, which, names };
}

/** The number of the shape with these names, most likely the last; a new one where none has them. */
function shapeOf(shapes: string[][], names: string[], last: number): number {
  const likely = shapes[last];
  if (likely && areSame(likely, names)) return last;
  const found = shapes.findIndex((shape) => areSame(shape, names));
  return found < 0 ? shapes.push(names) - 1 : found;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
