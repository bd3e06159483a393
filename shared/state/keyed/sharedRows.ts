/**
 * The rows of a status job on several streams, whose lanes all write them: public attributes are the answer, and one map holds the
 * engine's own, the state among it.
 *
 * 1. A row is written only by compare-and-swap on its version, and only when something changed.
 * 2. A row may be read eventually consistently before it is merged into: a stale one is refused when it is written, and
 *    what a stale one already holds, the newest one holds as well.
 * 3. A row remembers the watermark it was last judged by, so that no answer goes back in time.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StatusJob } from '../../job/statusJob.ts';
import {
  type ArrivalTime,
  arrivalTime,
  type Duration,
  type EventTime,
  isAfter,
  latest,
  NO_WATERMARK,
  since,
  type Watermark,
  watermarkAt,
} from '../../model/time.ts';
import { type KeyedState, laterArrival, stateFor } from '../../operators/keyed/keyedState.ts';
import { checkRow, rowAttributes } from '../../operators/status/statusView.ts';
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
function checkForgotten(job: StatusJob, key: string, { event }: StatusEvent): void {
  checkRow(job, key, job.merge(job.initial, event));
}

/** The row as this watermark judges it, never an older one than before. */
export const judgedRow = (row: StatusRow, watermark: Watermark): StatusRow => ({
  ...row,
  watermark: latest(row.watermark, watermark),
});

/** Times at which the row's answer may still change by itself. */
export const liveTimers = (job: StatusJob, { state, watermark }: StatusRow): readonly EventTime[] =>
  job.timers(state).filter((at) => isAfter(watermarkAt(at), watermark));

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

function itemOf(job: StatusJob, row: StatusRow, streamRetention: Duration): Item {
  const view = job.view(row.state, row.watermark);
  const expiresAt = forgottenFrom(row.arrival, job.stateRetention, streamRetention);
  return {
    ...rowAttributes(job, row.key, view),
    engine: {
      ...STAMP,
      version: row.version + 1,
      state: row.state,
      arrival: row.arrival,
      ...(row.watermark === NO_WATERMARK ? {} : { watermark: row.watermark }),
    },
    [EXPIRES_AT]: expirySeconds(expiresAt),
  };
}

/** What a row says, with the state that it is made of: all but when and how often it was written. */
function answerOf({ engine, [EXPIRES_AT]: _expiresAt, ...attributes }: Item): Item {
  const { state, arrival } = engine as { state: Value; arrival: number };
  return { ...attributes, state, arrival };
}
