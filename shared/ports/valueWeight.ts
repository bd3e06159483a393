/** About what a value takes in memory: of many, how many are worked on at a time follows from it. */
import type { Value } from './table.ts';

const VALUE_BYTES = 16;

/** In bytes; at least 16 for each value in it. */
export function valueWeight(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return VALUE_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  let weight = VALUE_BYTES;
  if (Array.isArray(value)) {
    for (const each of value as readonly Value[]) weight += valueWeight(each);
    return weight;
  }
  const fields = value as { readonly [name: string]: Value };
  for (const name in fields) weight += VALUE_BYTES + valueWeight(fields[name] as Value);
  return weight;
}
