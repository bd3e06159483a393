/**
 * The `closing` item of a job: how far its logs are merged, which pages hold the result, the job watermark,
 * and the lease. It is the only item that closing changes; everything else it writes is immutable or fenced.
 *
 * 1. Taking the lease is a compare-and-swap on `version` and raises `fence`.
 * 2. The swap at the end of a run is conditional on that version, so of overlapping runs one at most counts.
 * 3. Cursors and page pointers change in that one swap: a run that dies before it has merged nothing.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { JobId } from '../model/lane.ts';
import {
  type EventTime,
  eventTime,
  NO_WATERMARK,
  type ProcessingTime,
  processingTime,
  type Watermark,
  watermarkAt,
} from '../model/time.ts';
import type { StoredIndex } from '../operators/pageEntry.ts';
import type { EndRange } from '../operators/windowsDue.ts';
import type { Item, Table } from '../ports/table.ts';
import { readable, STAMP } from './formats.ts';
import { CLOSING, closingKey, LANE_PREFIX } from './keys.ts';
import { type LaneItem, laneItemOf } from './laneLog.ts';
import {
  type BlockColumns,
  blockColumnsOf,
  blocksOf,
  columnsOf,
  entriesOf,
  type PageColumns,
} from './pageColumns.ts';

/** What closing knows of a lane. */
export interface MergedLane {
  /** The next slot to merge. */
  readonly cursor: number;
  readonly watermark: Watermark;
  readonly lastValidAt: ProcessingTime | undefined;
  /** When the newest merged commit expires. */
  readonly headExpiresAt: ProcessingTime;
  /** Events found behind what is stored (see `Counts`). */
  readonly expired: number;
  /** Nothing follows the newest merged commit. Not known of lanes that ended in format 1. */
  readonly ended?: true;
}

export interface ClosingState extends StoredIndex {
  /** The job's shape that the pages were cut by; undefined before the first run. */
  readonly shape?: string | undefined;
  readonly watermark: Watermark;
  /** By lane name, `<stream>/<shard>`. */
  readonly lanes: ReadonlyMap<string, MergedLane>;
  /** Ends of windows with merged content, as far as they are not both closed and final. */
  readonly open: readonly EndRange[];
  /** Windows ending up to here were last written as final. */
  readonly finalUpTo: Watermark;
  /** Ends of windows that got content after they had closed and were not evaluated since. */
  readonly pending: readonly EventTime[];
  /** Windows ending before this are no longer stored; content that only they take has expired. */
  readonly expiredBefore: Watermark;
}

export interface Lease {
  readonly version: number;
  readonly fence: number;
  readonly until: ProcessingTime;
}

export interface ClosingView {
  readonly state: ClosingState;
  readonly lease: Lease;
  /** All lanes of the job that are not retired, by name. */
  readonly lanes: ReadonlyMap<string, LaneItem>;
}

const EMPTY: ClosingState = {
  watermark: NO_WATERMARK,
  lanes: new Map(),
  pages: [],
  blocks: [],
  sealedUpTo: NO_WATERMARK,
  open: [],
  pending: [],
  finalUpTo: NO_WATERMARK,
  expiredBefore: NO_WATERMARK,
};
const NO_LEASE: Lease = { version: 0, fence: 0, until: processingTime(0) };

/** The closing item and the lane items, in one strongly consistent query. */
export async function readClosing(table: Table, job: JobId): Promise<ClosingView> {
  const lanes = new Map<string, LaneItem>();
  let closing: Item | undefined;
  for await (const item of table.query({ pk: job, order: 'ascending', consistency: 'strong' })) {
    const sk = readable(item)['sk'] as string;
    if (sk === CLOSING) closing = item;
    else if (sk.startsWith(LANE_PREFIX)) {
      lanes.set(sk.slice(LANE_PREFIX.length), laneItemOf(item));
    }
  }
  return closing
    ? { state: stateOf(closing), lease: leaseOf(closing), lanes }
    : { state: EMPTY, lease: NO_LEASE, lanes };
}

/** The next slot to merge, per lane name. */
export async function readCursors(table: Table, job: JobId): Promise<Map<string, number>> {
  const item = readable(await table.get(closingKey(job), 'strong'));
  if (!item) return new Map();
  return new Map([...stateOf(item).lanes].map(([name, { cursor }]) => [name, cursor]));
}

/** Takes the lease that was seen free; undefined when somebody was faster. */
export async function takeLease(
  table: Table,
  job: JobId,
  seen: ClosingView,
  until: ProcessingTime,
): Promise<Lease | undefined> {
  const { version, fence } = seen.lease;
  const lease = { version: version + 1, fence: fence + 1, until };
  const outcome = await table.put(
    itemOf(job, seen.state, lease),
    version === 0 ? { kind: 'absent' } : { kind: 'equals', name: 'version', value: version },
  );
  return outcome.kind === 'written' ? lease : undefined;
}

/** Asks the holder of a taken lease to run once more; 'refused' when it has changed hands since. */
export async function askAgain(
  table: Table,
  job: JobId,
  seen: Lease,
): Promise<'asked' | 'refused'> {
  const outcome = await table.update(
    closingKey(job),
    { again: true },
    { kind: 'equals', name: 'version', value: seen.version },
  );
  return outcome.kind === 'written' ? 'asked' : 'refused';
}

/** Stores the outcome of a run and gives the lease back; `again` when somebody asked for another run. */
export async function swapClosing(
  table: Table,
  job: JobId,
  state: ClosingState,
  held: Lease,
): Promise<'done' | 'again' | 'fenced'> {
  const released = { version: held.version + 1, fence: held.fence, until: processingTime(0) };
  const outcome = await table.put(itemOf(job, state, released), {
    kind: 'equals',
    name: 'version',
    value: held.version,
  });
  if (outcome.kind === 'refused') return 'fenced';
  return outcome.replaced?.['again'] === true ? 'again' : 'done';
}

function leaseOf(item: Item): Lease {
  return {
    version: item['version'] as number,
    fence: item['fence'] as number,
    until: processingTime(item['leaseUntil'] as number),
  };
}

function itemOf(job: JobId, state: ClosingState, lease: Lease): Item {
  return {
    ...closingKey(job),
    ...STAMP,
    version: lease.version,
    fence: lease.fence,
    leaseUntil: lease.until,
    ...(state.watermark === NO_WATERMARK ? {} : { watermark: state.watermark }),
    projection: deflateRawSync(JSON.stringify(storedForm(state))),
  };
}

interface StoredForm {
  readonly shape?: string | undefined;
  readonly lanes: [name: string, ...(number | null)[]][];
  readonly pages: PageColumns;
  readonly blocks: BlockColumns;
  readonly sealedUpTo: number | null;
  readonly open: readonly (readonly [first: number, last: number])[];
  readonly pending?: readonly number[];
  readonly finalUpTo: number | null;
  readonly expiredBefore: number | null;
}

function storedForm(state: ClosingState): StoredForm {
  return {
    shape: state.shape,
    lanes: [...state.lanes].map(([name, lane]) => [
      name,
      lane.cursor,
      finiteOrNull(lane.watermark),
      lane.lastValidAt ?? null,
      lane.headExpiresAt,
      lane.expired,
      ...(lane.ended ? [1] : []),
    ]),
    pages: columnsOf(state.pages),
    blocks: blockColumnsOf(state.blocks),
    sealedUpTo: finiteOrNull(state.sealedUpTo),
    open: state.open.map(({ first, last }) => [first, last]),
    ...(state.pending.length > 0 ? { pending: state.pending } : {}),
    finalUpTo: finiteOrNull(state.finalUpTo),
    expiredBefore: finiteOrNull(state.expiredBefore),
  };
}

const finiteOrNull = (value: Watermark): number | null => (value === NO_WATERMARK ? null : value);
const watermarkOrNone = (value: number | null | undefined): Watermark =>
  typeof value === 'number' ? watermarkAt(value) : NO_WATERMARK;

function stateOf(item: Item): ClosingState {
  const packed = item['projection'] as Uint8Array;
  const stored = JSON.parse(inflateRawSync(packed).toString('utf8')) as StoredForm;
  return {
    shape: stored.shape,
    watermark: watermarkOrNone(item['watermark'] as number | undefined),
    lanes: new Map(stored.lanes.map(([name, ...numbers]) => [name, laneOf(numbers)])),
    pages: entriesOf(stored.pages),
    blocks: blocksOf(stored.blocks),
    sealedUpTo: watermarkOrNone(stored.sealedUpTo),
    open: stored.open.map(([first, last]) => ({ first, last })),
    pending: (stored.pending ?? []).map(eventTime),
    finalUpTo: watermarkOrNone(stored.finalUpTo),
    expiredBefore: watermarkOrNone(stored.expiredBefore),
  };
}

function laneOf(numbers: readonly (number | null)[]): MergedLane {
  const [cursor, watermark, lastValidAt, headExpiresAt, expired, ended] = numbers;
  return {
    cursor: cursor ?? 0,
    watermark: watermarkOrNone(watermark),
    lastValidAt: typeof lastValidAt === 'number' ? processingTime(lastValidAt) : undefined,
    headExpiresAt: processingTime(headExpiresAt ?? 0),
    expired: expired ?? 0,
    ...(ended ? { ended: true } : {}),
  };
}
