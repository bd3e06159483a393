/**
 * A column of objects of few shapes: the shapes, which of them each object has, and a column for each name.
 *
 * Invariant: a name that objects of several shapes have is one column, in the order of the objects.
 */
import type { Value } from '../../ports/table.ts';
import { damaged, type Sink, type Source } from './sections.ts';
import { type Fields, NAMES_MAX, SHAPES_MAX, type Shapes } from './shapes.ts';

export function writeRecords(
  to: Sink,
  objects: readonly Fields[],
  { shapes, which, names }: Shapes,
  depth: number,
): void {
  to.body.unsigned(names.length);
  for (const name of names) to.body.text(name);
  to.body.unsigned(shapes.length);
  if (shapes.length === 1) {
    for (const name of names) to.column(valuesOf(objects, name), depth + 1);
    return;
  }
  const places = shapes.map((shape) => shape.map((name) => names.indexOf(name)));
  for (const shape of places) {
    to.body.unsigned(shape.length);
    for (const place of shape) to.body.unsigned(place);
  }
  to.body.bytes(which);
  for (const column of gathered(objects, which, places, names)) to.column(column, depth + 1);
}

function valuesOf(objects: readonly Fields[], name: string): Value[] {
  const values = new Array<Value>(objects.length);
  for (let i = 0; i < objects.length; i += 1) values[i] = (objects[i] as Fields)[name] as Value;
  return values;
}

function gathered(
  objects: readonly Fields[],
  which: Uint8Array,
  places: readonly (readonly number[])[],
  names: readonly string[],
): Value[][] {
  const columns = names.map((): Value[] => []);
  for (let i = 0; i < objects.length; i += 1) {
    const object = objects[i] as Fields;
    for (const place of places[which[i] as number] as readonly number[]) {
      (columns[place] as Value[]).push(object[names[place] as string] as Value);
    }
  }
  return columns;
}

export function readRecords(from: Source, count: number, depth: number): Fields[] {
  const names = Array.from({ length: from.count(NAMES_MAX) }, () => from.body.text());
  const size = from.count(SHAPES_MAX);
  if (size === 1) return readAlike(from, names, count, depth);
  const shapes = Array.from({ length: size }, () =>
    Array.from({ length: from.count(NAMES_MAX) }, () => from.count(names.length - 1)),
  );
  const which = from.body.bytes(count);
  const counts = countsOf(which, shapes, names.length);
  const columns = counts.map((each) => from.column(each, depth + 1));
  const templates = shapes.map((shape) => templateOf(shape.map((place) => names[place] as string)));
  const next = new Uint32Array(names.length);
  const objects = new Array<Fields>(count);
  for (let i = 0; i < count; i += 1) {
    const object = { ...(templates[which[i] as number] as Fields) } as Record<string, Value>;
    for (const place of shapes[which[i] as number] as readonly number[]) {
      const at = next[place] as number;
      next[place] = at + 1;
      object[names[place] as string] = (columns[place] as Value[])[at] as Value;
    }
    objects[i] = object;
  }
  return objects;
}

function readAlike(from: Source, names: string[], count: number, depth: number): Fields[] {
  const columns = names.map(() => from.column(count, depth + 1));
  const template = templateOf(names);
  const objects = new Array<Record<string, Value>>(count);
  for (let i = 0; i < count; i += 1) objects[i] = { ...template };
  for (let n = 0; n < names.length; n += 1) {
    const name = names[n] as string;
    const values = columns[n] as Value[];
    for (let i = 0; i < count; i += 1) {
      (objects[i] as Record<string, Value>)[name] = values[i] as Value;
    }
  }
  return objects;
}

/**
 * An object to copy: its names are properties already, `__proto__` as well, and all copies share one layout in memory. One
 * that is given 20 names one by one takes four times as long to make, and several times the memory.
 */
const templateOf = (names: readonly string[]): Fields =>
  JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`);

/** How many of the objects have each name. */
function countsOf(
  which: Uint8Array,
  shapes: readonly (readonly number[])[],
  size: number,
): number[] {
  const objects = new Uint32Array(shapes.length);
  for (const shape of which) {
    if (shape >= shapes.length) throw damaged('a record has no shape');
    objects[shape] = (objects[shape] as number) + 1;
  }
  const counts = new Array<number>(size).fill(0);
  for (const [n, shape] of shapes.entries()) {
    for (const place of shape) counts[place] = (counts[place] as number) + (objects[n] as number);
  }
  return counts;
}
