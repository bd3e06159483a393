/**
 * The `closing` item of a job: how far its logs are merged, which pages hold the result, the job watermark,
 * and the lease. It is the only item that closing changes; everything else it writes is immutable or fenced.
 *
 * Owns: the lease, and the conditions under which the item is written. Does not own: what it says besides
 * (`closingState.ts`).
 *
 * 1. Taking the lease is a compare-and-swap on `version` and raises `fence`.
 * 2. The swap at the end of a run is conditional on that version, so of overlapping runs one at most counts.
 * 3. Cursors and page pointers change in that one swap: a run that dies before it has merged nothing.
 */
import type { JobId } from '../../model/lane.ts';
import { type ProcessingTime, processingTime } from '../../model/time.ts';
import type { Item, Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { CLOSING, closingKey, LANE_PREFIX } from '../keys.ts';
import { type LaneItem, laneItemOf } from '../lane/laneItem.ts';
import { type ClosingState, closingAttributes, closingStateIn, EMPTY } from './closingState.ts';

export interface Lease {
  readonly version: number;
  readonly fence: number;
  readonly until: ProcessingTime;
  /** The latest run that did not give its lease back: it may still be writing. 0 where all did. */
  readonly overtaken: number;
}

export interface ClosingView {
  readonly state: ClosingState;
  readonly lease: Lease;
  /** All lanes of the job that are not retired, by name. */
  readonly lanes: ReadonlyMap<string, LaneItem>;
}

const FREE = processingTime(0);
const NO_LEASE: Lease = { version: 0, fence: 0, until: FREE, overtaken: 0 };

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
    ? { state: closingStateIn(closing), lease: leaseOf(closing), lanes }
    : { state: EMPTY, lease: NO_LEASE, lanes };
}

/** The next slot to merge, per lane name. */
export async function readCursors(table: Table, job: JobId): Promise<Map<string, number>> {
  const item = readable(await table.get(closingKey(job), 'strong'));
  if (!item) return new Map();
  return new Map([...closingStateIn(item).lanes].map(([name, { cursor }]) => [name, cursor]));
}

/** Takes the lease that was seen free; undefined when somebody was faster. */
export async function takeLease(
  table: Table,
  job: JobId,
  seen: ClosingView,
  until: ProcessingTime,
): Promise<Lease | undefined> {
  const { version, fence } = seen.lease;
  const overtaken = seen.lease.until === FREE ? seen.lease.overtaken : fence;
  const lease = { version: version + 1, fence: fence + 1, until, overtaken };
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
  const released = { ...held, version: held.version + 1, until: FREE };
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
    // Of what older code wrote, any run may have been overtaken.
    overtaken: (item['overtaken'] ?? item['fence']) as number,
  };
}

function itemOf(job: JobId, state: ClosingState, lease: Lease): Item {
  return {
    ...closingKey(job),
    ...STAMP,
    version: lease.version,
    fence: lease.fence,
    leaseUntil: lease.until,
    overtaken: lease.overtaken,
    ...closingAttributes(state),
  };
}
