/** The blacklist of a day, by the index that lists blocks by their time. */
import type { ApiContext, RowList } from '../context.ts';
import type { ApiTable } from '../tables.ts';
import { readList } from './listed.ts';

/** A day begins up to 14 h before and ends up to 12 h after that of UTC, by where it is. */
const AHEAD_MS_MAX = 14 * 3_600_000;
const BEHIND_MS_MAX = 12 * 3_600_000;
const DAY_MS = 86_400_000;

interface DayQuery {
  /** `2026-03-02`, in the zone of the job, which rows name themselves. */
  readonly day?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page may have fewer rows than asked for, and still a next one. */
export async function readBlocks(
  context: ApiContext,
  table: ApiTable,
  { day, ...query }: DayQuery,
): Promise<RowList> {
  if (day === undefined) return readList(context, table, query);
  const start = Date.parse(`${day}T00:00:00Z`);
  const range = { from: start - AHEAD_MS_MAX, to: start + DAY_MS + BEHIND_MS_MAX };
  const { rows, ...list } = await readList(context, table, { ...query, ...range });
  return { ...list, rows: rows.filter((row) => row['day'] === day) };
}
