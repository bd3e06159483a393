/** How many users came how far, of one window's events: in all, and in the categories with most viewers. */
import type { Behavior } from '../truth.ts';
import type { ExpectedRow, RowContent } from './analysis.ts';
import { compareIds } from './compareIds.ts';
import { fourDecimals } from './profiles.ts';

export const funnels =
  (top: number) =>
  (events: readonly Behavior[]): ExpectedRow[] => {
    // The row of all has that name.
    const named = events.filter(({ categoryId }) => categoryId !== 'all');
    const viewed = [...Map.groupBy(named, ({ categoryId }) => categoryId)]
      .map(([id, some]) => ({ id, count: whoDid(some, 'pv').size, some }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || compareIds(a.id, b.id));
    const listed = viewed.slice(0, top);
    const ranking = listed.map(({ id, count }, i) => ({ rank: i + 1, id, count }));
    return [
      { key: 'all', content: { ...steps(events), categories: viewed.length, ranking } },
      ...listed.map(({ id, some }) => ({ key: id, content: steps(some) })),
    ];
  };

function steps(events: readonly Behavior[]): RowContent {
  const viewers = whoDid(events, 'pv');
  const carters = whoDid(events, 'cart');
  const buyers = whoDid(events, 'buy');
  return {
    viewers: viewers.size,
    carters: carters.size,
    favers: whoDid(events, 'fav').size,
    buyers: buyers.size,
    ...(viewers.size > 0 ? { viewToCart: part(viewers, carters) } : {}),
    ...(carters.size > 0 ? { cartToBuy: part(carters, buyers) } : {}),
    ...(viewers.size > 0 ? { viewToBuy: part(viewers, buyers) } : {}),
  };
}

const whoDid = (events: readonly Behavior[], what: string): ReadonlySet<string> =>
  new Set(events.filter(({ behavior }) => behavior === what).map(({ userId }) => userId));

const part = (of: ReadonlySet<string>, others: ReadonlySet<string>): number =>
  fourDecimals([...of].filter((user) => others.has(user)).length / of.size);
