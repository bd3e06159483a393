/**
 * What the row of a key says: the job's own view of a state, with what the engine adds for readers. And whether such a row can be
 * stored. Pure; what the engine keeps on a row for itself is `state/keyed`'s.
 */
import { PoisonEventError } from '../../errors.ts';
import { problemAttributes } from '../../job/lists.ts';
import type { StatusJob, StatusView } from '../../job/statusJob.ts';
import { STATUS } from '../../job/tables.ts';
import { type EventTime, NO_WATERMARK, TIME_MAX, watermarkAt } from '../../model/time.ts';
import type { Value } from '../../ports/table.ts';
import { checkStorable, checkUnlisted } from '../checkStorable.ts';

/** The row's attributes, its key and what lists it among them. */
export const rowAttributes = (
  job: StatusJob,
  key: string,
  view: StatusView,
): { readonly [name: string]: Value } => ({
  ...view.row,
  [STATUS]: view.status,
  [job.table.partitionKey]: key,
  ...(view.at === undefined ? {} : problemAttributes(view, key)),
});

/** Far above any honest row, and above a conflict of as many claims as are kept, all with the longest ids. */
const ROW_BYTES_MAX = 256 * 1024;

/** What the job's code said of a state that can be stored: the same whenever it is asked. */
export interface Asked {
  readonly timers: readonly EventTime[];
  /** Whether its row is a problem before any timer has fired. */
  readonly isProblem: boolean;
  /** What the state takes with its row. */
  readonly bytes: number;
}

/**
 * Asks the job's code of a state. Throws where the row cannot be stored, before any timer or once each has fired:
 * nobody could put it then. Which of them have fired makes no difference, since that is a matter of when something ran.
 */
export function checkRow(job: StatusJob, key: string, state: Value): Asked {
  const timers = job.timers(state);
  for (const at of timers) {
    if (!(at >= 0 && at <= TIME_MAX)) throw new PoisonEventError(`${at} is no time of a timer`);
  }
  const stateBytes = checkStorable('the state of the key', { state }, ROW_BYTES_MAX);
  // The key is in the row, and may be in what lists it.
  const bytesMax = ROW_BYTES_MAX - stateBytes - 2 * Buffer.byteLength(key);
  const view = job.view(state, NO_WATERMARK);
  let rowBytes = checkView(job, view, bytesMax);
  for (const at of timers) {
    rowBytes = Math.max(rowBytes, checkView(job, job.view(state, watermarkAt(at)), bytesMax));
  }
  return { timers, isProblem: isProblem(job, view), bytes: stateBytes + rowBytes };
}

/** Gives the row's bytes. Of a job that compiles, views are as they should be. */
function checkView(
  { statuses, table }: StatusJob,
  { status, at, row }: StatusView,
  bytesMax: number,
): number {
  checkUnlisted(`the row of ${table.name}`, 'problems', row);
  if (!Object.hasOwn(statuses, status)) {
    const names = Object.keys(statuses).join(', ');
    throw new PoisonEventError(
      `its status is "${status}", which is none of the job's statuses: ${names}`,
    );
  }
  if (statuses[status] === 'problem' && at === undefined) {
    throw new PoisonEventError(
      `its status "${status}" is a problem, and lacks the time \`at\` which it became one`,
    );
  }
  if (at !== undefined && !(Math.abs(at) <= TIME_MAX)) {
    throw new PoisonEventError(`the time \`at\` of its status "${status}" is none: ${at}`);
  }
  return checkStorable('the row', row, bytesMax);
}

/** Whether such a row is a problem. */
export const isProblem = ({ statuses }: Pick<StatusJob, 'statuses'>, view: StatusView): boolean =>
  statuses[view.status] === 'problem';
