/**
 * Ingests batches in a process of its own, whose memory is a function's: `worstBatchChild.ts KIND FORM...`, each by a cold
 * function. Prints a report for each, as a line of JSON.
 */
import type { KinesisStreamEvent } from 'aws-lambda';
import { adBlacklist } from '../../functions/adBlacklist/job.ts';
import { hotPages } from '../../functions/hotPages/job.ts';
import { loginFail } from '../../functions/loginFail/job.ts';
import { orderTimeout } from '../../functions/orderTimeout/job.ts';
import { memoryTable } from '../../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../../shared/adapters/meteredTable.ts';
import type { Job } from '../../shared/job/job.ts';
import { shardBatches } from '../../shared/lambda/kinesisEvent.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { stateTable } from '../../shared/state/keys.ts';
import { CLOCK_START } from './clock.ts';
import { SHARD, TestEngine } from './engine.ts';
import { sequenceNumber } from './records.ts';
import { batchOf, mixedBatch, type WorstBatch, type WorstForm } from './worstBatches.ts';

/** A job of each kind, with an event of its stream. */
const JOBS: Readonly<Record<string, { job: Job; event: object }>> = {
  window: { job: hotPages.build(), event: { url: '/', method: 'GET', ip: '10.0.0.1' } },
  gate: {
    job: adBlacklist.build(),
    event: { userId: 'u', adId: 'a', province: 'p', city: 'c' },
  },
  status: { job: orderTimeout.build(), event: { orderId: 'o', type: 'create' } },
  pattern: { job: loginFail.build(), event: { userId: 'u', ip: '10.0.0.1', outcome: 'fail' } },
};

export interface WorstBatchReport {
  readonly form: string;
  readonly entries: number;
  readonly counted: number;
  readonly commits: number;
  /** Units written for each KB of data. */
  readonly unitsPerKb: number;
  /** Of the process so far. */
  readonly peakMb: number;
  readonly cpuMs: number;
}

const [kind = '', ...forms] = process.argv.slice(2);
const { job, event } = JOBS[kind] ?? { job: hotPages.build(), event: {} };
for (const form of forms) {
  const batch = form === 'mixed' ? mixedBatch(event) : batchOf(form as WorstForm);
  console.log(JSON.stringify(await report(form, batch)));
}

async function report(form: string, { records, entries }: WorstBatch): Promise<WorstBatchReport> {
  const meter = unitMeter();
  const state = memoryTable(stateTable('state'));
  const engine = new TestEngine(job, { state: meteredTable(state, meter) as typeof state });
  const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
  const lambdaEvent = JSON.parse(payloadOf(records)) as KinesisStreamEvent;
  const before = process.cpuUsage();
  let [counted, commits] = [0, 0];
  for (const batch of shardBatches(lambdaEvent, 'test', [streamOf(job)])) {
    const done = await engine.ingest(batch.records);
    counted += totalOf(done.counts);
    commits += done.commits;
  }
  const { user, system } = process.cpuUsage(before);
  return {
    form,
    entries,
    counted,
    commits,
    unitsPerKb: meter.write / (bytes / 1024),
    peakMb: process.resourceUsage().maxRSS / 1024,
    cpuMs: (user + system) / 1_000,
  };
}

function streamOf({ sources }: Job): string {
  return sources[0]?.stream ?? '';
}

/** What Lambda's runtime is handed, as text. */
function payloadOf(records: WorstBatch['records']): string {
  return JSON.stringify({
    Records: records.map(({ partitionKey, data }, i) => ({
      kinesis: {
        partitionKey,
        sequenceNumber: sequenceNumber(i),
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: CLOCK_START / 1_000,
      },
      eventID: `${SHARD}:${sequenceNumber(i)}`,
      eventSourceARN: `arn:aws:kinesis:us-east-1:123456789012:stream/tidemark-test-${streamOf(job)}`,
    })),
  });
}
