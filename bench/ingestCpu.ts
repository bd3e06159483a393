/** Ingest CPU: from Lambda's parsed event object to the commit's bytes, on a table whose put costs nothing. */
import { hotItems } from '../functions/hotItems/job.ts';
import { pvuv } from '../functions/pvuv/job.ts';
import type { WindowJob } from '../shared/job/windowJob.ts';
import { shardBatches } from '../shared/lambda/kinesisEvent.ts';
import { shardIdOf } from '../shared/model/shardRanges.ts';
import type { Table } from '../shared/ports/table.ts';
import { stateTable } from '../shared/state/keys.ts';
import type { BenchEvent } from './events.ts';
import { batchesOf, lambdaEventOf, PACKED, recordsOf, STAGE, STREAM } from './records.ts';
import { type Rounds, type Row, summarize } from './report.ts';
import { BenchClock, ingestInto, jobOf } from './stand.ts';

const SECTION = 'ingest CPU';
const SHARD = shardIdOf(0);
const BATCH = 9_000;
const WARM_UP_ROUNDS = 2;

export async function measureIngestCpu(
  events: readonly BenchEvent[],
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  const jobs = [
    ['hot items, eight boards', jobOf(hotItems)],
    ['pv and uv', jobOf(pvuv)],
  ] as const;
  for (const [name, job] of jobs) {
    for (const { form, eventsEach, budget } of [
      { form: 'unpacked', eventsEach: 1, budget: 250_000 },
      { form: `packed, ${PACKED} a record`, eventsEach: PACKED, budget: 400_000 },
    ]) {
      const { median, best } = await eventsPerSecond(job, events, eventsEach, rounds);
      const what = `${name}, ${form}`;
      const common = { section: SECTION, what, unit: 'events/s per core' };
      rows.push({ ...common, measured: median, best, budget: { atLeast: budget } });
    }
  }
  return rows;
}

async function eventsPerSecond(
  job: WindowJob,
  events: readonly BenchEvent[],
  eventsEach: number,
  rounds: number,
): Promise<Rounds> {
  const batches = [...batchesOf(events, BATCH)].map((batch) =>
    lambdaEventOf(SHARD, recordsOf(batch, eventsEach)),
  );
  const rates: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const clock = new BenchClock();
    clock.moveTo(events.at(-1)?.timestamp ?? 0);
    const ingest = ingestInto({ job, clock }, sink());
    const before = performance.now();
    for (const event of batches) {
      for (const batch of shardBatches(event, STAGE, [STREAM])) await ingest.ingest(batch);
    }
    const seconds = (performance.now() - before) / 1_000;
    if (round >= 0) rates.push(events.length / seconds);
  }
  return summarize(rates, 'more');
}

/** Takes everything and holds nothing. */
function sink(): Table {
  return {
    description: stateTable('state'),
    get: async () => undefined,
    async *query() {},
    batchGet: async () => [],
    put: async () => ({ kind: 'written' }),
    batchPut: async () => {},
    batchRemove: async () => {},
    update: async () => ({ kind: 'written' }),
  };
}
