/**
 * Kinesis as a named producer meets it: requests that are refused, as a whole or in part; replies that are lost; requests that are carried
 * out minutes later, on whatever shard there is by then; lists of shards from before a resharding; and records that take the place behind
 * one that was put after them.
 */
import { RetryableError, UnknownOutcomeError } from '../../../shared/errors.ts';
import type { PutOutcome, RecordSink, SinkRecord } from '../../../shared/ports/recordSink.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Fact } from '../truth.ts';
import type { Surroundings } from './host.ts';
import { readStamped } from './stampedRecord.ts';
import { hashRangeOf, pointOf, type Shard, type Stream } from './stream.ts';

const LATENCY_MS: readonly [number, number] = [1, 300];
const LATE_MS: readonly [number, number] = [1_000, 5 * 60_000];
/** Kinesis orders what is put so closely by and large only. */
const OVERTAKEN_MS: readonly [number, number] = [10, 2_000];
const OUTAGE_MS: readonly [number, number] = [5_000, 120_000];
/** How old a list of shards may be. */
const STALE_MS = 90_000;

export interface NamedSinkOptions {
  readonly stream: Stream;
  readonly around: Surroundings;
  faults(): Faults;
  readonly random: Random;
  /** Whoever puts may be dead: then nothing is put any more, and no reply is heard. */
  isAlive(): boolean;
  /** So many shards there are before none is split or merged any more. */
  readonly shardsMax: number;
  /** Until when no request is answered: whoever takes the place of a producer that gave up meets the same. */
  readonly outage: { until: number };
  /** What a line of a record holds, by its offset in the source. */
  factsOf(offset: bigint): readonly Fact[];
}

/** One for each: a single one would hold whoever ever waited for it. */
const never = (): Promise<never> => new Promise(() => undefined);

export function namedSink(options: NamedSinkOptions): RecordSink {
  const { stream, around, random, isAlive, faults } = options;
  const { timeline } = around;
  return {
    async putRecords(records) {
      if (!isAlive()) return never();
      const answer = await carryOut(options, random.shuffled(records));
      if (!isAlive()) return never();
      return records.map((record) => answer.get(record) as PutOutcome);
    },
    async listShards() {
      await timeline.sleep(random.between(...LATENCY_MS));
      if (!isAlive()) return never();
      if (random.chance(faults().throttle)) throw new RetryableError('simulated: list refused');
      const isStale = random.chance(faults().listStale);
      const at = timeline.now - (isStale ? random.below(STALE_MS) : 0);
      return openAt(stream, at).map((shard) => ({ shard: shard.id, ...hashRangeOf(shard) }));
    },
  };
}

type Answer = ReadonlyMap<SinkRecord, PutOutcome>;

async function carryOut(
  options: NamedSinkOptions,
  records: readonly SinkRecord[],
): Promise<Answer> {
  const { around, random } = options;
  const { timeline, situations } = around;
  const { putRefused, putLate, putLost, putOutage, putResharded } = options.faults();
  await timeline.sleep(random.between(...LATENCY_MS));
  if (random.chance(putOutage)) options.outage.until = timeline.now + random.between(...OUTAGE_MS);
  if (timeline.now < options.outage.until || random.chance(putRefused))
    throw new RetryableError('simulated: put refused');
  if (random.chance(putResharded)) reshard(options);
  if (random.chance(putLate)) {
    situations.meet('put carried out late');
    timeline.after(random.between(...LATE_MS), () => {
      for (const record of records) store(options, record);
    });
    throw new UnknownOutcomeError('simulated: no reply to the put');
  }
  const answer = new Map(records.map((record) => [record, storeOrRefuse(options, record)]));
  await timeline.sleep(random.between(...LATENCY_MS));
  if (!random.chance(putLost)) return answer;
  situations.meet('reply to a put lost');
  throw new UnknownOutcomeError('simulated: no reply to the put');
}

export const SHARDS_MAX = 12;
/** Producers of one stream: more than a lane remembers, where limits are low. */
export const MANY = 18;

/** Once or twice, so that there are shards in between that never hold a record. */
function reshard({ stream, around, random, shardsMax }: NamedSinkOptions): void {
  const { timeline, trace, situations } = around;
  for (let times = random.between(1, 2); times > 0; times -= 1) {
    if (stream.shards.length >= shardsMax) return;
    trace.add(timeline.now, `stream ${stream.name}: ${stream.reshard(timeline.now)}`);
    situations.meet('resharding while a record was on its way');
  }
}

function storeOrRefuse(options: NamedSinkOptions, record: SinkRecord): PutOutcome {
  const { around, random } = options;
  if (random.chance(options.faults().putPartial)) {
    around.situations.meet('put refused in part');
    return { kind: 'refused', reason: 'simulated: throttled' };
  }
  return { kind: 'stored', shard: store(options, record).id, sequence: '1' };
}

/** Where it belongs now: at once, or behind what comes in the next moments. */
function store(options: NamedSinkOptions, record: SinkRecord): Shard {
  const { stream, around, random } = options;
  const { timeline, situations } = around;
  const { partitionKey, explicitHashKey, data } = record;
  const shard = stream.shardAt(pointOf(BigInt(explicitHashKey)));
  const arrival = timeline.now;
  noteShard(options, shard, data);
  const put = () =>
    stream.putAt(shard, { partitionKey, arrival, data, facts: factsIn(options, data) });
  if (!random.chance(options.faults().putOvertaken)) {
    put();
    return shard;
  }
  situations.meet('put that others may overtake');
  const leave = stream.onTheWay(shard, put);
  timeline.after(random.between(...OVERTAKEN_MS), leave);
  return shard;
}

function noteShard({ stream, around }: NamedSinkOptions, shard: Shard, data: Uint8Array): void {
  const { first, last } = readStamped(data);
  const { low, high } = stream.shardWith({ start: first, end: last });
  if (low < shard.low || high > shard.high) {
    around.situations.meet('named record on a shard that it was not planned for');
  } else if (low > shard.low || high < shard.high) {
    around.situations.meet('named record on a shard made of the one that it was planned for');
  }
}

function factsIn({ factsOf, stream }: NamedSinkOptions, data: Uint8Array): Fact[] {
  const { name, first, last, lines } = readStamped(data);
  const { low, high } = stream.shardWith({ start: first, end: last });
  return lines
    .flatMap(({ offset }) =>
      factsOf(offset).map((fact) => ({
        ...fact,
        put: { name, place: `${offset}/${fact.index}`, low, high },
      })),
    )
    .map((fact, index) => ({ ...fact, index }));
}

/** The shards that were open at a time. */
const openAt = ({ shards }: Stream, at: number): Shard[] =>
  shards.filter((shard) => {
    const children = shards.filter(({ parents }) => parents.includes(shard.id));
    const isClosed = children.some(({ openedAt }) => openedAt <= at);
    return shard.openedAt <= at && !isClosed;
  });
