/** What runs of closing and of timers have in common. */

/**
 * Why a run was started: by the schedule, each minute; by an ingest function, since something may be due; or because nothing
 * more will come, so that everything that is open closes.
 */
export type RunTrigger = 'schedule' | 'nudge' | 'endOfInput';

/** @param hasTime whether there is time to go on; without it a run goes on until nothing is left. */
export type ScheduledRun<Report> = (
  trigger: RunTrigger,
  hasTime?: () => boolean,
) => Promise<Report>;
