/** What the shop sells: items, each in one category. */

export const ITEMS = 5_000;
export const CATEGORIES = 120;
const FIRST_ITEM_ID = 2_000_000;
const FIRST_CATEGORY_ID = 3_000;

/** Popular ids should not be the smallest ones: 7919 is a prime that shares no factor with the counts. */
export const scatter = (number: number, count: number): number => (number * 7_919) % count;

/** @param rank of an item, from 0 for the most popular one */
export const itemIdOf = (rank: number): number => FIRST_ITEM_ID + scatter(rank, ITEMS);

/** @param category from 0 to below `CATEGORIES` @param nth of its items, from 0 to below `ITEMS_EACH` */
export const itemIdIn = (category: number, nth: number): number =>
  FIRST_ITEM_ID + nth * CATEGORIES + category;

/** What every category has at least. */
export const ITEMS_EACH: number = Math.floor(ITEMS / CATEGORIES);

export const categoryIdOf = (itemId: number): string =>
  String(FIRST_CATEGORY_ID + ((itemId - FIRST_ITEM_ID) % CATEGORIES));
