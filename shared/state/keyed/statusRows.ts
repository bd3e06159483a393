/**
 * The rows of a status job: public attributes are the answer, and one map holds the engine's own.
 *
 * 1. A row is written only by compare-and-swap on its version, and only when something changed.
 * 2. A row may be read eventually consistently before it is merged into: a stale one is refused when it is written, and
 *    what a stale one already holds, the newest one holds as well.
 * 3. A row remembers the watermark it was last judged by, so that no answer goes back in time.
 */
import { isDeepStrictEqual } from 'node:util';
import { PoisonEventError } from '../../errors.ts';
import { problemAttributes } from '../../job/lists.ts';
import type { StatusJob, StatusView } from '../../job/statusJob.ts';
import { STATUS } from '../../job/tables.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type Duration,
  type EventTime,
  hasReached,
  isAfter,
  latest,
  milliseconds,
  NO_WATERMARK,
  since,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import { checkStorable, checkUnlisted } from '../../operators/checkStorable.ts';
import { type KeyedState, laterArrival, stateFor } from '../../operators/keyed/keyedState.ts';
import { EXPIRES_AT, type Item, type Table, type Value } from '../../ports/table.ts';
import { formatOf, STAMP } from '../formats.ts';
import { inTurns } from '../inTurns.ts';
import { expirySeconds } from '../keys.ts';
import { forgottenFrom } from '../retention.ts';

export interface StatusRow extends KeyedState {
  readonly key: string;
  readonly state: Value;
  /** 0 where nothing is stored. */
  readonly version: number;
  readonly watermark: Watermark;
  /** Whatever is stored, to compare with. */
  readonly item?: Item;
}

export interface StatusEvent {
  readonly event: unknown;
  readonly arrival: ArrivalTime;
}

const VERSION = 'engine.version';

const rowKey = (key: string) => ({ pk: key, sk: '' });

/** Rows, of up to 256 KB each, that are in memory at once. */
const ROWS_AT_ONCE = 100;

/** Works on the rows of these keys, some at a time; a key without one has an empty row. */
export async function eachStatusRow(
  table: Table,
  job: StatusJob,
  keys: readonly string[],
  consistency: 'strong' | 'eventual',
  work: (row: StatusRow) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < keys.length; at += ROWS_AT_ONCE) {
    const rows = await readStatusRows(table, job, keys.slice(at, at + ROWS_AT_ONCE), consistency);
    await inTurns([...rows.values()], work);
  }
}

/** Rows by key; a key without one has an empty row. */
export async function readStatusRows(
  table: Table,
  job: StatusJob,
  keys: readonly string[],
  consistency: 'strong' | 'eventual',
): Promise<Map<string, StatusRow>> {
  const rows = new Map(keys.map((key) => [key, emptyRow(job, key)]));
  for (const item of await table.batchGet(keys.map(rowKey), consistency)) {
    const row = rowOf(job, item);
    rows.set(row.key, row);
  }
  return rows;
}

export async function readStatusRow(table: Table, job: StatusJob, key: string): Promise<StatusRow> {
  const item = await table.get(rowKey(key), 'strong');
  return item ? rowOf(job, item) : emptyRow(job, key);
}

const emptyRow = (job: StatusJob, key: string): StatusRow => ({
  key,
  state: job.initial,
  version: 0,
  arrival: arrivalTime(0),
  watermark: NO_WATERMARK,
});

function rowOf(job: StatusJob, item: Item): StatusRow {
  const engine = item['engine'] as Item;
  const key = item[job.table.partitionKey] as string;
  formatOf(engine, `${job.table.name} ${key}`);
  const watermark = engine['watermark'] as number | undefined;
  return {
    key,
    state: engine['state'] as Value,
    version: engine['version'] as number,
    arrival: arrivalTime(engine['arrival'] as number),
    watermark: watermark === undefined ? NO_WATERMARK : watermarkAt(watermark),
    item,
  };
}

/**
 * The row with one more event merged in. The very row that was given where the event changes nothing: where it belongs to a
 * state that is forgotten, since it arrived more than the retention before the last event; or where it is merged already.
 * An event that says nothing new moves the row's arrival all the same. Otherwise a retry could find the state forgotten that
 * the first try found.
 */
export function mergedRow(
  job: StatusJob,
  row: StatusRow,
  { event, arrival }: StatusEvent,
): StatusRow {
  const isStored = row.version > 0 || row.arrival > 0;
  if (isStored && since(arrival, row.arrival) > job.stateRetention) {
    checkForgotten(job, row.key, { event, arrival });
    return row;
  }
  const kept = isStored ? stateFor(row, arrival, job.stateRetention) : undefined;
  const state = job.merge(kept ?? job.initial, event);
  const touched = laterArrival(arrival, isStored ? row.arrival : undefined);
  if (kept !== undefined && isDeepStrictEqual(state, kept) && touched === row.arrival) return row;
  return {
    ...row,
    state,
    arrival: touched,
    watermark: kept === undefined ? NO_WATERMARK : row.watermark,
  };
}

/**
 * Throws where the job's own code does. An attempt that died may have merged later events already, and it found this one dead:
 * so it is, each time.
 */
function checkForgotten(job: StatusJob, key: string, { event, arrival }: StatusEvent): void {
  const row = emptyRow(job, key);
  checkStatusRow(job, { ...row, state: job.merge(row.state, event), arrival });
}

/** The row as this watermark judges it, never an older one than before. */
export const judgedRow = (row: StatusRow, watermark: Watermark): StatusRow => ({
  ...row,
  watermark: latest(row.watermark, watermark),
});

/** Times at which the row's answer may still change by itself. */
export const liveTimers = (job: StatusJob, row: StatusRow): readonly EventTime[] =>
  job.timers(row.state).filter((at) => !hasReached(row.watermark, at));

/** Far above any honest row, and above a conflict of as many claims as are kept, all with the longest ids. */
const ROW_BYTES_MAX = 256 * 1024;
/** The last time that has a text. */
const TIME_MAX = 8.64e15;

/**
 * Throws where the row cannot be stored, as it is now or as a timer will change it: nobody could put it then, and the
 * timers of all other keys would wait for it.
 */
export function checkStatusRow(job: StatusJob, row: StatusRow): void {
  const timers = job.timers(row.state);
  for (const at of timers) {
    if (!(at >= 0 && at <= TIME_MAX)) throw new PoisonEventError(`${at} is no time of a timer`);
  }
  const ahead = timers.map((at) => watermarkAt(at)).filter((at) => isAfter(at, row.watermark));
  for (const watermark of [row.watermark, ...ahead]) {
    const view = job.view(row.state, watermark);
    checkView(job, view);
    const item = itemOf(job, { ...row, watermark }, NO_TIME, view);
    try {
      checkStorable('the row', { ...item, timers }, ROW_BYTES_MAX);
    } catch (error) {
      // It is part of the row, under a name that nobody else knows.
      checkStorable('the state of the key', { state: row.state }, ROW_BYTES_MAX);
      throw error;
    }
  }
}

/** Of a job that compiles, views are as they should be. */
function checkView({ statuses, table }: StatusJob, { status, at, row }: StatusView): void {
  checkUnlisted(`the row of ${table.name}`, 'problems', row);
  if (!Object.hasOwn(statuses, status)) {
    const names = Object.keys(statuses).join(', ');
    throw new PoisonEventError(
      `its status is "${status}", which is none of the job's statuses: ${names}`,
    );
  }
  if (statuses[status] === 'problem' && !Number.isFinite(at)) {
    throw new PoisonEventError(
      `its status "${status}" is a problem, and lacks the time \`at\` which it became one`,
    );
  }
}

const NO_TIME = milliseconds(0);

/** Puts the row in the place of the one that it was made from. Nothing is written where nothing changed. */
export async function putStatusRow(
  table: Table,
  job: StatusJob,
  row: StatusRow,
  streamRetention: Duration,
): Promise<'written' | 'unchanged' | 'refused'> {
  const item = itemOf(job, row, streamRetention);
  if (row.item && isDeepStrictEqual(answerOf(row.item), answerOf(item))) return 'unchanged';
  const outcome = await table.put(
    item,
    row.version === 0 ? { kind: 'absent' } : { kind: 'equals', name: VERSION, value: row.version },
  );
  return outcome.kind;
}

function itemOf(
  job: StatusJob,
  row: StatusRow,
  streamRetention: Duration,
  view = job.view(row.state, row.watermark),
): Item {
  const expiresAt = forgottenFrom(row.arrival, job.stateRetention, streamRetention);
  return {
    ...view.row,
    [STATUS]: view.status,
    [job.table.partitionKey]: row.key,
    engine: {
      ...STAMP,
      version: row.version + 1,
      state: row.state,
      arrival: row.arrival,
      ...(row.watermark === NO_WATERMARK ? {} : { watermark: row.watermark }),
    },
    [EXPIRES_AT]: expirySeconds(expiresAt),
    ...(view.at === undefined ? {} : problemAttributes(view, row.key)),
  };
}

/** What a row says, with the state that it is made of: all but when and how often it was written. */
function answerOf({ engine, [EXPIRES_AT]: _expiresAt, ...attributes }: Item): Item {
  const { state, arrival } = engine as { state: Value; arrival: number };
  return { ...attributes, state, arrival };
}
