/**
 * Input spread over simulated shards as Kinesis would spread it, in rounds: when one lane's batch is full,
 * every lane gives what it has. So all lanes have read the input up to the same place after each round, and
 * the least of their watermarks says how far the job is, whatever their number.
 */
import { laneName, type ShardId, type StreamName } from '../shared/model/lane.ts';
import type { SequenceNumber } from '../shared/model/position.ts';
import { equalRanges, shardOf } from '../shared/model/shardRanges.ts';
import type { ArrivalTime } from '../shared/model/time.ts';
import type { BatchRecord, StreamRecord } from '../shared/records/entry.ts';
import type { InputEvent } from './readInput.ts';

/** An event of one of the job's streams; of its only one, or its first, where it does not say. */
export interface StreamEvent extends InputEvent {
  readonly stream?: StreamName;
  /** Absent where it comes from none. */
  readonly file?: string;
}

export interface LaneBatch {
  readonly stream: StreamName;
  readonly shard: ShardId;
  readonly records: readonly BatchRecord[];
}

export interface Spread {
  readonly streams: readonly StreamName[];
  /** Of every stream. */
  readonly lanes: number;
  /** A batch has at most so many records. */
  readonly batch: number;
  /** Of every record. */
  readonly arrival: ArrivalTime;
  /** Hears of every event, in the order of their sequence numbers. */
  readonly onEvent?: (event: StreamEvent) => void;
}

/** Sequence numbers look like Kinesis's own: 56 digits, not in steps of one. */
const SEQUENCE_START = '49590338271490256608559692538361571095921575';
const SEQUENCE_DIGITS = 12;
const SEQUENCE_STEP = 17;

export async function* laneBatches(
  events: AsyncIterable<StreamEvent> | Iterable<StreamEvent>,
  { streams: [first = ''], lanes, batch, arrival, onEvent }: Spread,
): AsyncGenerator<readonly LaneBatch[]> {
  const ranges = equalRanges(lanes);
  let round = new Map<string, LaneRecords>();
  let read = 0;
  for await (const event of events) {
    const { stream = first, line, value, partitionKey } = event;
    onEvent?.(event);
    const { shard } = shardOf(partitionKey, ranges);
    const name = laneName({ stream, shard });
    const lane = round.get(name) ?? { stream, shard, records: [] };
    const { records } = lane;
    round.set(name, lane);
    read += 1;
    const number = String(read * SEQUENCE_STEP).padStart(SEQUENCE_DIGITS, '0');
    const sequence = `${SEQUENCE_START}${number}`;
    records.push(recordOf({ sequence, arrival, partitionKey }, line, value));
    if (records.length < batch) continue;
    yield [...round.values()];
    round = new Map();
  }
  if (round.size > 0) yield [...round.values()];
}

/** Which event has the sequence number, counted from 0. */
export const ordinalOf = (sequence: SequenceNumber): number =>
  Number.parseInt(sequence.slice(-SEQUENCE_DIGITS), 10) / SEQUENCE_STEP - 1;

function recordOf(
  { sequence, arrival, partitionKey }: Omit<StreamRecord, 'data'>,
  line: InputEvent['line'],
  value: unknown,
): BatchRecord {
  if (typeof line === 'string' && value !== undefined) {
    return { sequence, arrival, partitionKey, line, value };
  }
  const data = typeof line === 'string' ? Buffer.from(line) : line;
  return { sequence, arrival, partitionKey, data };
}

interface LaneRecords extends LaneBatch {
  readonly records: BatchRecord[];
}
