/** The rows of windows: rankings, traffic, sums and counts. */
import type { AdClick, Behavior, Promotion, StreamEvent } from '../truth.ts';
import type { ExpectedRow, RowContent, WindowAnalysis } from './analysis.ts';
import { compareIds } from './compareIds.ts';

export function windowAnalysis<Event extends StreamEvent>(
  analysis: Partial<WindowAnalysis<Event>> & Pick<WindowAnalysis<Event>, 'size' | 'slide' | 'rows'>,
): WindowAnalysis<Event> {
  const { size, slide, offset = 0, lateness = 0, outOfOrderness = 0 } = analysis;
  return {
    kind: 'window',
    offset: 0,
    lateness,
    outOfOrderness,
    maxFutureSkew: 600_000,
    reach: size + lateness + outOfOrderness,
    horizon: size,
    moments(at) {
      const latestStart = Math.floor((at - offset) / slide) * slide + offset;
      const firstEnd =
        latestStart - Math.ceil((size - at + latestStart) / slide - 1) * slide + size;
      const ends = [firstEnd, latestStart + size];
      return [latestStart, latestStart + slide, ...ends, ...ends.map((end) => end + lateness)];
    },
    accepts: () => true,
    ...analysis,
  };
}

export const boards =
  (top: number) =>
  (events: readonly Behavior[]): ExpectedRow[] =>
    [...Map.groupBy(events, (event) => event.behavior)].flatMap(([behavior, some]) => [
      { key: `items:${behavior}`, content: ranking(some, (event) => event.itemId, top) },
      { key: `categories:${behavior}`, content: ranking(some, (event) => event.categoryId, top) },
    ]);

export function traffic(events: readonly Behavior[]): ExpectedRow[] {
  const uv = new Set(events.map((event) => event.userId)).size;
  return [{ key: 'all', content: { pv: events.length, uv } }];
}

export function sums(events: readonly Behavior[]): ExpectedRow[] {
  return [...Map.groupBy(events, (event) => event.categoryId)].map(([key, some]) => ({
    key,
    content: { total: some.reduce((total, event) => total + event.itemId.length, 0) },
  }));
}

const PROMOTING = ['CLICK', 'DOWNLOAD', 'INSTALL'] as const;

/** Per channel, and over all of them. */
export function promotion(events: readonly Promotion[]): ExpectedRow[] {
  const channels = [...Map.groupBy(events, (event) => event.channel)];
  return [...channels, ['total', events] as const].map(([key, some]) => {
    const counts = PROMOTING.map((behavior) => [
      behavior,
      some.filter((event) => event.behavior === behavior).length,
    ]);
    const content = { counts: Object.fromEntries(counts), total: some.length };
    const all = { channels: Object.fromEntries(channels.map(([name, its]) => [name, its.length])) };
    return { key, content: key === 'total' ? { ...content, ...all } : content };
  });
}

export function clicksByProvince(events: readonly AdClick[]): ExpectedRow[] {
  const provinces = [...Map.groupBy(events, (event) => event.province)].map(
    ([key, some]) => [key, some.length] as const,
  );
  const most = provinces.toSorted((a, b) => b[1] - a[1] || compareIds(a[0], b[0])).slice(0, 100);
  const total = { count: events.length, provinces: Object.fromEntries(most) };
  return [
    ...provinces.map(([key, count]) => ({ key, content: { count } })),
    { key: 'total', content: total },
  ];
}

export function ranking<Event extends StreamEvent>(
  events: readonly Event[],
  idOf: (event: Event) => string,
  top: number,
): RowContent {
  const counts = [...Map.groupBy(events, idOf)].map(([id, some]) => ({ id, count: some.length }));
  counts.sort((a, b) => b.count - a.count || compareIds(a.id, b.id));
  return {
    ranking: counts.slice(0, top).map(({ id, count }, i) => ({ rank: i + 1, id, count })),
    events: events.length,
    keys: counts.length,
  };
}
