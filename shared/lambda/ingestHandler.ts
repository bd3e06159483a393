/**
 * The Lambda rim of an ingest function: from Kinesis's event to the engine and back. One handler per job.
 *
 * Infrastructure errors are thrown, so that Lambda delivers the batch again without limit; what an event did
 * wrong never comes this far, because it is a dead letter inside the commit.
 */
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { dynamoClient, kinesisClient, lambdaClient } from '../adapters/aws/clients.ts';
import { lambdaCloseSignal } from '../adapters/aws/closeSignal.ts';
import { kinesisShardDirectory } from '../adapters/aws/shardDirectory.ts';
import { dynamoTable } from '../adapters/aws/table.ts';
import { meteredTable, unitMeter } from '../adapters/meteredTable.ts';
import { systemClock } from '../adapters/systemClock.ts';
import type { JobFamily } from '../job/job.ts';
import type { CloseSignal } from '../ports/closeSignal.ts';
import { createIngest, type Ingest } from '../runtime/ingest.ts';
import { stateTable } from '../state/keys.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { shardBatches } from './kinesisEvent.ts';
import { createTelemetry } from './telemetry.ts';

export type IngestHandler = (
  event: KinesisStreamEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<KinesisStreamBatchResponse>;

export function ingestHandler(family: JobFamily): IngestHandler {
  const environment = readEnvironment();
  const job = environment.build(family);
  const telemetry = createTelemetry(job.name);
  const meter = unitMeter();
  const ingest: Ingest = createIngest(
    job,
    {
      state: meteredTable(
        dynamoTable(dynamoClient(), stateTable(environment.nameOf('state'))),
        meter,
        { refusals: 'oneUnit' },
      ),
      clock: systemClock,
      shards: kinesisShardDirectory(kinesisClient(), environment.nameOf),
      closeSignal: closeSignal(environment, telemetry.problem),
    },
    environment.settings,
  );
  return async (event, context) => {
    const failures: KinesisStreamBatchResponse['batchItemFailures'] = [];
    for (const batch of shardBatches(event, environment.stage, job.source.stream)) {
      const before = { read: meter.read, write: meter.write };
      const remainingMs = () => context.getRemainingTimeInMillis();
      const report = await telemetry.guard(() => ingest.ingest({ ...batch, remainingMs }), batch);
      if (report.firstUnprocessed) failures.push({ itemIdentifier: report.firstUnprocessed });
      telemetry.ingested(report, {
        read: meter.read - before.read,
        write: meter.write - before.write,
      });
    }
    return { batchItemFailures: failures };
  };
}

function closeSignal(environment: Environment, onProblem: (problem: unknown) => void): CloseSignal {
  if (environment.closeFunction === undefined) return { send: async () => {} };
  return lambdaCloseSignal(lambdaClient(), environment.closeFunction, onProblem);
}
