/**
 * The ends of days, of a job whose windows are days: one is simulated, of a day cut short, and everything in it grows with the day's
 * events, and so with its users.
 */
import { addSpent, type Spent, timesSpent } from '../spent.ts';
import { DURATIONS } from './durations.ts';
import { HOURS_A_MONTH } from './prices.ts';

/** What it takes to write the rows of a day. */
export interface DayEnd {
  /** Of the day. */
  readonly events: number;
  /** Of the job's first table. */
  readonly rows: number;
  readonly spent: { readonly state: Spent; readonly answers: Spent };
  /** What it adds to the tables of answers. */
  readonly bytes: Readonly<Record<'answers' | 'indexes', number>>;
}

export const DAYS_A_MONTH: number = HOURS_A_MONTH / 24;
export const DAYS_A_YEAR = 365;
/** Half of what a scheduled function may take: then it leaves the rest to the next run. */
const RUN_MS = 30_000;

/**
 * The end of a day so many times as large. The runs that it takes go on with what the one before has in memory; one that another process takes
 * over reads all of the day's content again, which is at most as often as there are runs.
 */
export function dayEndOf({ events, rows, spent, bytes }: DayEnd, times: number): DayEnd {
  const answers = timesSpent(spent.answers, 1, times);
  const ms = answers.requests * DURATIONS.millisecondsOf.request;
  const runs = Math.max(1, Math.ceil(ms / RUN_MS));
  return {
    events: events * times,
    rows: rows * times,
    spent: { state: timesSpent({ ...spent.state, invocations: runs }, 1, times), answers },
    bytes: { answers: bytes.answers * times, indexes: bytes.indexes * times },
  };
}

/** Of all tables, in a month of such days. */
export const monthOfDays = ({ spent }: DayEnd): Spent => {
  const all = addSpent(spent.state, spent.answers);
  return timesSpent(all, DAYS_A_MONTH, DAYS_A_MONTH);
};
