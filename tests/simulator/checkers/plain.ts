/** Comparing what is stored with what should be. */
import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../../../shared/ports/table.ts';

/** Without prototypes and freezing, so that only content is compared. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

export const isSame = (a: object, b: object): boolean => isDeepStrictEqual(plain(a), plain(b));

export const without = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
