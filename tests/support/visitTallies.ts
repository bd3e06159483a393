/** A tally of visits, for the tests of what it stores and gives: and the same by plain loops. */
import { type TallyGroup, tally } from '../../shared/index.ts';
import { ByteReader } from '../../shared/model/bytes.ts';
import { encode, fold } from './aggregates.ts';

export interface Visit {
  readonly who: string;
  readonly page: string | number;
  readonly at: number;
}

export type Cell = string | number;

export const visits = tally(
  ({ who }: Visit) => who,
  { page: ({ page }: Visit) => page },
  ({ at }) => at,
);
export const visit = (who: string, page: Cell = '/', at = 0): Visit => ({ who, page, at });
export const stored = (all: Iterable<Visit>): Uint8Array => encode(visits, fold(visits, all));

export function read(parts: readonly Uint8Array[]) {
  const into = visits.init();
  for (const part of parts) visits.decodeInto(new ByteReader(part), into);
  return into;
}

/** The rows of a group are read before the next group. */
export const whole = <Name extends string>(groups: Iterable<TallyGroup<Name>>) =>
  Array.from(groups, ({ id, rows }) => ({ id, rows: [...rows] }));

/** `[id, page, count, least, greatest]` of each row, in the order given. */
export const cells = (state: ReturnType<typeof visits.init>): Cell[][] =>
  whole(visits.result(state)).flatMap(({ id, rows }) =>
    rows.map(({ page, count, least, greatest }) => [id, page, count, least, greatest]),
  );

/** A result by plain loops, for ids and pages that are ordered by `compare`. */
export function counted(all: readonly Visit[], compare: (a: Cell, b: Cell) => number): Cell[][] {
  const rows = new Map<string, [string, Cell, number, number, number]>();
  for (const { who, page, at } of all) {
    const key = JSON.stringify([who, page]);
    const row = rows.get(key) ?? [who, page, 0, at, at];
    rows.set(key, [who, page, row[2] + 1, Math.min(row[3], at), Math.max(row[4], at)]);
  }
  return [...rows.values()].sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

export const byText = (a: Cell, b: Cell): number => (a === b ? 0 : a < b ? -1 : 1);
