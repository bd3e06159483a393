/**
 * A column of objects: as records where they have few lists of names, with a column for each name; else as maps, with one column
 * for all names and one for all values.
 *
 * Invariants:
 * 1. The names of an object keep their order.
 * 2. A name is an own property of what is read, `__proto__` as well.
 */
import type { Value } from '../../ports/table.ts';
import { readCounts, sumOf, writeNumbers } from './numberColumn.ts';
import { readRecords, writeRecords } from './recordColumn.ts';
import type { Sink, Source } from './sections.ts';
import { type Fields, shapesOf } from './shapes.ts';
import { readTexts, writeTexts } from './textColumn.ts';

const RECORDS = 0;
const MAPS = 1;

export function writeObjects(to: Sink, objects: readonly Fields[], depth: number): void {
  if (objects.length === 0) return;
  const shapes = shapesOf(objects);
  to.body.byte(shapes ? RECORDS : MAPS);
  if (shapes) writeRecords(to, objects, shapes, depth);
  else writeMaps(to, objects, depth);
}

export function readObjects(from: Source, count: number, depth: number): Fields[] {
  if (count === 0) return [];
  return from.body.byte() === MAPS ? readMaps(from, count, depth) : readRecords(from, count, depth);
}

function writeMaps(to: Sink, objects: readonly Fields[], depth: number): void {
  const names: string[] = [];
  const values: Value[] = [];
  const sizes = Float64Array.from(objects, (object) => {
    const keys = Object.keys(object);
    for (const key of keys) {
      names.push(key);
      values.push(object[key] as Value);
    }
    return keys.length;
  });
  writeNumbers(to, sizes);
  to.budget.spend(names.length);
  writeTexts(to, names, depth + 1);
  to.column(values, depth + 1);
}

function readMaps(from: Source, count: number, depth: number): Fields[] {
  const sizes = readCounts(from, count, Number.MAX_SAFE_INTEGER);
  const size = sumOf(sizes);
  from.budget.spend(size);
  const names = readTexts(from, size, depth + 1);
  const values = from.column(size, depth + 1);
  let at = 0;
  return Array.from(sizes, (each) => {
    const object: Record<string, Value> = {};
    for (const end = at + each; at < end; at += 1) {
      set(object, names[at] as string, values[at] as Value);
    }
    return object;
  });
}

/** Makes an own property, whatever its name is. */
function set(object: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') object[name] = value;
  else {
    Object.defineProperty(object, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
