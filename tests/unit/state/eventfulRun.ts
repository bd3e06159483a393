/** Plays the eventful input to a job: deliveries, some of them twice, schedules, cold starts, a redrive at the end. */
import type { Job } from '../../../shared/job/job.ts';
import { hasWindows, needsFiring } from '../../../shared/job/traits.ts';
import type { ShardId, StreamName } from '../../../shared/model/lane.ts';
import { arrivalTime, minutes, seconds } from '../../../shared/model/time.ts';
import type { Item } from '../../../shared/ports/table.ts';
import { encodeRedriven } from '../../../shared/records/envelopes.ts';
import { readSideOutput } from '../../../shared/state/lane/sideOutput.ts';
import { testClock } from '../../support/clock.ts';
import { TestEngine } from '../../support/engine.ts';
import { sequenceNumber } from '../../support/records.ts';
import { type Batch, eventfulInput, SHARDS, SPLIT, shardNow } from './eventfulInput.ts';

/** Items of tables. */
export type Stored = readonly Item[];

const REDELIVERED_EVERY = 9;
const COLD_EVERY = 16;
/** Numbers of records behind those of the input. */
const REDRIVEN_FROM = 1_000_000;

/** What is stored half-way, and when all is read and redriven; then that and the results, once nothing is open any more. */
export async function eventfulRun(
  job: Job,
): Promise<{ underWay: readonly Stored[]; atEnd: readonly Stored[] }> {
  const { batches, end } = eventfulInput(job);
  const engine = new TestEngine<Job>(job, { clock: testClock(end) });
  for (const range of SHARDS) engine.ranges[range.shard] = range;
  const half = Math.floor(batches.length / 2);
  await playBatches(engine, batches.slice(0, half));
  const halfWay = [...engine.state.items()];
  await playBatches(engine, batches.slice(half));
  for (const letter of await deadLetters(engine, batches)) await ingest(engine, letter);
  await runSchedules(engine, 'schedule');
  const underWay = [halfWay, [...engine.state.items()]];
  engine.clock.advance(minutes(2));
  await engine.finish();
  const tables = [engine.state, ...engine.tables.values()];
  return { underWay, atEnd: tables.map((table) => [...table.items()]) };
}

async function playBatches(engine: TestEngine, batches: readonly Batch[]): Promise<void> {
  for (const [i, batch] of batches.entries()) {
    if (isChild(batch.shard)) endParent(engine, batch.shard);
    await ingest(engine, batch);
    if (i % REDELIVERED_EVERY === 4) await ingest(engine, batch);
    if (i % COLD_EVERY === 7) engine.coldStart();
    engine.clock.advance(seconds(2));
    await runSchedules(engine, i % 4 === 0 ? 'schedule' : 'nudge');
  }
}

const isChild = (shard: ShardId): boolean => SPLIT.children.some((child) => child === shard);

/** The parent holds no more. */
function endParent(engine: TestEngine, child: ShardId): void {
  engine.parents[child] = [SPLIT.parent];
  engine.rest[SPLIT.parent] = 'ended';
}

async function ingest(engine: TestEngine, { stream, shard, records }: Batch): Promise<void> {
  const arrival = arrivalTime(engine.clock.now());
  const arrived = records.map(({ n, ...record }) => ({
    ...record,
    arrival,
    sequence: sequenceNumber(n),
  }));
  await engine.ingest(arrived, { stream, shard });
}

async function runSchedules(engine: TestEngine, trigger: 'schedule' | 'nudge'): Promise<void> {
  if (needsFiring(engine.job)) await engine.fire(trigger);
  if (hasWindows(engine.job)) await engine.close(trigger);
}

/** Every dead letter as it goes back to its stream. */
async function deadLetters(engine: TestEngine, batches: readonly Batch[]): Promise<Batch[]> {
  const lanes = new Map(batches.map((batch) => [`${batch.stream}/${batch.shard}`, batch]));
  const back: Batch[] = [];
  for (const [lane, { stream, shard }] of lanes) {
    for (const { slot, position, partitionKey, raw } of await deadOf(engine, shard, stream)) {
      const data = encodeRedriven({ job: engine.job.id, lane, position, slot }, raw);
      const record = { n: REDRIVEN_FROM + back.length, partitionKey, data };
      back.push({ stream, shard: shardNow(partitionKey), records: [record] });
    }
  }
  return back;
}

async function deadOf(engine: TestEngine, shard: ShardId, stream: StreamName) {
  const commits = await engine.commits(shard, stream);
  const letters = commits.map(async ({ slot, side }) => {
    const events = side ? await readSideOutput(engine.state, engine.lane(shard, stream), side) : [];
    return [...events].filter(({ kind }) => kind === 'dead').map((event) => ({ ...event, slot }));
  });
  return (await Promise.all(letters)).flat();
}
