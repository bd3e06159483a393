/** The blacklist of a day, by the index that lists blocks by their time. */
import { days, earlier, eventTime, hours, later } from '../../../shared/model/time.ts';
import type { ApiContext, RowList } from '../context.ts';
import type { ApiTable } from '../tables.ts';
import { readList } from './listed.ts';

/** A day begins up to 14 h before and ends up to 12 h after that of UTC, by where it is. */
const AHEAD_MAX = hours(14);
const BEHIND_MAX = hours(12);
const DAY = days(1);

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
  const start = eventTime(Date.parse(`${day}T00:00:00Z`));
  const range = { from: earlier(start, AHEAD_MAX), to: later(later(start, DAY), BEHIND_MAX) };
  const { rows, ...list } = await readList(context, table, { ...query, ...range });
  return { ...list, rows: rows.filter((row) => row['day'] === day) };
}
