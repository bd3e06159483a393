/**
 * The Lambda rim of an ingest function: from Kinesis's event to the engine and back. One handler per job.
 *
 * Infrastructure errors are thrown, so that Lambda delivers the batch again without limit; what an event did
 * wrong never comes this far, because it is a dead letter inside the commit.
 */
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { unitMeter } from '../adapters/meteredTable.ts';
import { streamsOf } from '../job/head.ts';
import type { JobFamily } from '../job/job.ts';
import { createIngest } from '../runtime/ingest/ingest.ts';
import { tableOwnership } from '../state/tableOwners.ts';
import { readEnvironment } from './environment.ts';
import { shardBatches } from './kinesisEvent.ts';
import { createRim } from './rim.ts';
import { createTelemetry } from './telemetry.ts';

export type IngestHandler = (
  event: KinesisStreamEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<KinesisStreamBatchResponse>;

export function ingestHandler(family: JobFamily): IngestHandler {
  const environment = readEnvironment();
  const job = environment.build(family);
  const streams = streamsOf(job);
  const telemetry = createTelemetry(job);
  const meter = unitMeter();
  const rim = createRim(environment);
  const nudge = rim.nudgeOf(job, telemetry.problem);
  const ports = rim.portsOf(job, meter);
  const checkTables = tableOwnership(job, ports.state);
  const ingest = createIngest(job, { ...ports, nudge }, environment.settings);
  return async (event, context) => {
    const failures: KinesisStreamBatchResponse['batchItemFailures'] = [];
    for (const batch of shardBatches(event, environment.stage, streams)) {
      const before = { read: meter.read, write: meter.write };
      const remainingMs = () => context.getRemainingTimeInMillis();
      const report = await telemetry.guard(async () => {
        await checkTables();
        return ingest.ingest({ ...batch, remainingMs });
      }, batch);
      if (report.firstUnprocessed) failures.push({ itemIdentifier: report.firstUnprocessed });
      telemetry.ingested(report, {
        read: meter.read - before.read,
        write: meter.write - before.write,
      });
      telemetry.misplaced(batch, report.counts.misplaced ?? 0);
    }
    return { batchItemFailures: failures };
  };
}
