/** What the editions of a node's entries say of the windows that take them. */
import { type EventTime, eventTime } from '../../model/time.ts';
import {
  type Edition,
  firstWindowEnd,
  PLAIN_EDITION,
  type WindowAssigner,
} from '../../model/window.ts';
import type { PageEntry, PageNode } from './pageEntry.ts';

/** Every window takes the plain edition, so any other is later. */
export function latestEdition(entries: readonly PageEntry[]): Edition {
  const others = entries.map(({ edition }) => edition).filter((each) => each !== PLAIN_EDITION);
  return others.length > 0 ? eventTime(Math.max(...others)) : PLAIN_EDITION;
}

/**
 * The first window end, from `soonest` on, that takes something of these slices: those in order from where the window
 * that ends soonest begins. Undefined where there is none.
 */
export function nextEndIn(
  slices: Iterable<PageNode>,
  soonest: EventTime,
  assign: WindowAssigner,
): EventTime | undefined {
  let next: EventTime | undefined;
  for (const { start, entries } of slices) {
    const first = firstWindowEnd(start, assign);
    if (next !== undefined && first >= next) break;
    const taken = entries.map(({ edition }) => (edition === PLAIN_EDITION ? first : edition));
    const end = Math.max(soonest, Math.min(...taken));
    if (next === undefined || end < next) next = eventTime(end);
    // Most slices are for the window at hand; only one of editions alone may be for later ones.
    if (next === soonest) break;
  }
  return next;
}
