/**
 * Which entries make a window: of every part of it those of one level, the highest whose nodes are sealed and lie within
 * the window. Why that counts each event once is said in `pageIndex.ts`.
 */
import { type EventTime, eventTime, type Watermark } from '../../model/time.ts';
import { type TimeWindow, takesEdition } from '../../model/window.ts';
import type { BlockRef, PageEntry } from './pageEntry.ts';
import type { PageLevel } from './pageLevel.ts';

export interface Covering {
  readonly windowEnd: EventTime;
  readonly sealedUpTo: Watermark;
  /** Blocks that are lacking. */
  readonly unread: Set<BlockRef>;
}

/** Entries whose merge is what the window takes of `[start, end)`, none above this level. */
export function* coverOf(
  { start, end }: TimeWindow,
  level: PageLevel,
  how: Covering,
): Generator<PageEntry> {
  const { windowEnd, unread } = how;
  const { below } = level;
  if (!below) {
    for (const { entries } of level.nodes(start, end, unread)) {
      yield* entries.filter(({ edition }) => takesEdition(windowEnd, edition));
    }
    return;
  }
  const first = level.ceiling(start);
  const last = eventTime(Math.min(level.floor(end), level.sealedEnd(how.sealedUpTo)));
  if (first >= last) {
    yield* coverOf({ start, end }, below, how);
    return;
  }
  yield* coverOf({ start, end: first }, below, how);
  for (const node of level.nodes(first, last, unread)) {
    const { entries } = node;
    if (entries.every(({ edition }) => takesEdition(windowEnd, edition))) yield* entries;
    else yield* coverOf({ start: node.start, end: level.endOf(node.start) }, below, how);
  }
  yield* coverOf({ start: last, end }, below, how);
}
