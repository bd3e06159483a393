/**
 * Which entries of a node are compacted together: those of about one size once there are more than a few of them, as log-structured stores
 * do it. If all of a node were, each time that it has a few more, content that is much would be written again for every few pages that come.
 */
import type { PageEntry } from './pageEntry.ts';

/** More entries of one size than this are compacted into one. */
export const ENTRIES_MAX = 3;
/** Of a node that is sealed, all are compacted. */
export const SEALED_ENTRIES_MAX = 1;

/** Between one size and the next. */
const SIZE_STEP = ENTRIES_MAX + 1;
/** Stored parts that are compacted together, about: both what is read for it and what comes of it are in memory. */
const PARTS_MAX = SIZE_STEP ** 2;

/** Groups of the entries, each to be compacted into one. */
export function compactable(entries: readonly PageEntry[], allowed: number): PageEntry[][] {
  const alike = allowed === SEALED_ENTRIES_MAX ? [entries] : sizes(entries);
  return alike.flatMap(bounded).filter((group) => group.length > allowed);
}

function sizes(entries: readonly PageEntry[]): (readonly PageEntry[])[] {
  const sizeOf = ({ page }: PageEntry) => Math.floor(Math.log(page.parts) / Math.log(SIZE_STEP));
  return [...Map.groupBy(entries, sizeOf).values()];
}

/**
 * Neighbours, until they are as many parts as are compacted together; an entry that is as large stays as it is. What takes one part
 * may be of any few bytes, and counts for nothing.
 */
function bounded(entries: readonly PageEntry[]): PageEntry[][] {
  const groups: PageEntry[][] = [[]];
  let parts = 0;
  for (const entry of entries) {
    if (entry.page.parts >= PARTS_MAX) continue;
    const more = entry.page.parts - 1;
    parts += more;
    if (parts > PARTS_MAX) {
      groups.push([]);
      parts = more;
    }
    groups.at(-1)?.push(entry);
  }
  return groups;
}
