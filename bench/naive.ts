/**
 * The design that Tidemark is compared with: for every event one UpdateItem per board it changes, on a counter per
 * id and slice. It counts twice what is delivered twice; nothing in this file makes up for that.
 */
import type { Table } from '../shared/ports/table.ts';
import type { BenchEvent } from './events.ts';

/** The counters, as (pk, sk), that an event changes. */
export type NaiveKeys = (
  event: BenchEvent,
) => readonly { readonly pk: string; readonly sk: string }[];

const SLICE_MS = 300_000;
const HOUR_MS = 3_600_000;

const startOf = (at: number, width: number): number => Math.floor(at / width) * width;

export const naiveHotItems: NaiveKeys = ({ itemId, categoryId, behavior, timestamp }) => {
  const slice = startOf(timestamp, SLICE_MS);
  return [
    { pk: `items:${behavior}#${slice}`, sk: itemId },
    { pk: `categories:${behavior}#${slice}`, sk: categoryId },
  ];
};

export const naivePv: NaiveKeys = ({ behavior, timestamp }) =>
  behavior === 'pv' ? [{ pk: `pv#${startOf(timestamp, HOUR_MS)}`, sk: 'count' }] : [];

export const naivePvUv: NaiveKeys = (event) =>
  event.behavior === 'pv'
    ? [...naivePv(event), { pk: `uv#${startOf(event.timestamp, HOUR_MS)}`, sk: event.userId }]
    : [];

export async function runNaive(
  table: Table,
  keysOf: NaiveKeys,
  events: readonly BenchEvent[],
): Promise<void> {
  const counters = new Map<string, number>();
  for (const event of events) {
    for (const key of keysOf(event)) {
      const name = `${key.pk}/${key.sk}`;
      const count = (counters.get(name) ?? 0) + 1;
      counters.set(name, count);
      await table.update(key, { count }, { kind: 'always' });
    }
  }
}
