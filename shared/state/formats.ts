/**
 * Which format stored state has. Every stored item says it, a status row in its `engine` map, so that code which is
 * rolled back cannot take what newer code wrote for something else.
 *
 * 1. There is one number for all items. It is raised by a change that the code before it would misread, of whatever item.
 * 2. Code reads every format up to its own, and writes its own only. `docs/data-model.md` has the list.
 * 3. Code that meets a newer format stops and changes nothing: whoever appends, closes or merges has read before.
 */
import { NewerFormatError } from '../errors.ts';
import type { Item } from '../ports/table.ts';

/** The format that this code writes. */
export const STATE_FORMAT = 4;
/** That of items from before they said so. */
const FIRST_FORMAT = 1;
const FORMAT = 'format';

/** What every item is stored with. */
export const STAMP = { [FORMAT]: STATE_FORMAT } as const;

/** The format of a stored item. Throws NewerFormatError; `place` says where the item is. */
export function formatOf(item: Item, place: string = placeOf(item)): number {
  const format = item[FORMAT];
  if (typeof format !== 'number') return FIRST_FORMAT;
  if (format <= STATE_FORMAT) return format;
  throw new NewerFormatError(
    `${place} has format ${format}, and this code reads formats ${FIRST_FORMAT} to ${STATE_FORMAT}: newer code wrote it. ` +
      'Deploy the newer code again, or raise the version of the job to start beside its state; nothing was changed',
  );
}

const placeOf = ({ pk, sk }: Item): string => `state ${pk} / ${sk}`;

/** The item, once its format is known to be readable. Throws NewerFormatError. */
export function readable<Stored extends Item | undefined>(item: Stored): Stored {
  if (item) formatOf(item);
  return item;
}

/** What a stored number stands for; undefined where there is none. */
export const storedAs = <T>(value: unknown, brand: (stored: number) => T): T | undefined =>
  typeof value === 'number' ? brand(value) : undefined;
