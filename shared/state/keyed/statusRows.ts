/**
 * The rows of a status job on one stream: projections of what the lane's keyed store has. Public attributes are the answer; one map
 * holds the state for the lane that does not know the key any more.
 *
 * 1. A row follows from a commit that stands, and its fence says from which. It is put unless one of a later commit is there.
 * 2. It is read strongly consistently, by a lane whose head's rows are put. So it holds all that the lane ever said of its key.
 */
import { InvariantViolation } from '../../errors.ts';
import type { StatusJob } from '../../job/statusJob.ts';
import {
  arrivalTime,
  type Duration,
  days,
  eventTime,
  milliseconds,
  twice,
} from '../../model/time.ts';
import type { KeptState } from '../../operators/keyed/keyedState.ts';
import { viewOf } from '../../operators/status/keptStatus.ts';
import { rowAttributes } from '../../operators/status/statusView.ts';
import { EXPIRES_AT, type Item, type Table, type Value } from '../../ports/table.ts';
import { formatOf, STAMP } from '../formats.ts';
import { expirySeconds } from '../keys.ts';
import { forgottenFrom } from '../retention.ts';

/** Orders what lanes say of a key: commits of one lane by their slots, those of a child after its parents'. */
export type Fence = number & { readonly brand: 'Fence' };

/** More slots than a lane fills: ten a second for thirty years. */
const SLOTS = 10 ** 10;

/** Throws InvariantViolation where numbers end. */
export function fenceOf(generation: number, slot: number): Fence {
  const fence = generation * SLOTS + slot;
  if (slot < SLOTS && Number.isSafeInteger(fence)) return fence as Fence;
  throw new InvariantViolation(
    `slot ${slot} of a lane of generation ${generation} has no fence: put the job's next version beside it`,
  );
}

/** A problem is still shown when its state is long forgotten. */
const PROBLEM_SHOWN: Duration = days(90);

/** Undefined where the job's code throws on a state that an earlier release has made. */
export function rowItem(
  job: StatusJob,
  key: string,
  kept: KeptState,
  { fence, streamRetention }: { readonly fence: Fence; readonly streamRetention: Duration },
): Item | undefined {
  const view = viewOf(job, kept);
  if (!view) return undefined;
  const { arrival, partitionKey, fired, state = null } = kept;
  const shown =
    job.rows.of === 'all'
      ? job.stateRetention
      : milliseconds(Math.max(PROBLEM_SHOWN, job.stateRetention));
  return {
    ...rowAttributes(job, key, view),
    fence,
    engine: {
      ...STAMP,
      state,
      arrival,
      ...(partitionKey === key ? {} : { partitionKey }),
      ...(fired === undefined ? {} : { fired }),
    },
    [EXPIRES_AT]: expirySeconds(forgottenFrom(arrival, shown, readWithin(job, streamRetention))),
  };
}

/** So long after it arrived an event may be read: it waits on its own stream, and where it is forwarded, on the job's. */
const readWithin = ({ repartitioned }: StatusJob, streamRetention: Duration): Duration =>
  repartitioned ? twice(streamRetention) : streamRetention;

/** What the lane kept of the key when the row was put. */
export function keptInRow(job: StatusJob, item: Item): readonly [key: string, kept: KeptState] {
  const key = item[job.table.partitionKey] as string;
  const engine = item['engine'] as Item;
  formatOf(engine, `${job.table.name} ${key}`);
  const { state, arrival, partitionKey = key, fired } = engine as unknown as StoredState;
  return [
    key,
    {
      state,
      arrival: arrivalTime(arrival),
      partitionKey,
      ...(fired === undefined ? {} : { fired: eventTime(fired) }),
    },
  ];
}

interface StoredState {
  readonly state: Value;
  readonly arrival: number;
  readonly partitionKey?: string;
  readonly fired?: number;
}

/** 'refused' where what stands there is from a later commit. */
export async function putRow(table: Table, item: Item): Promise<'written' | 'refused'> {
  const value = Number(item['fence']);
  return (await table.put(item, { kind: 'absentOrAtMost', name: 'fence', value })).kind;
}
