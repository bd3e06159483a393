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
import { InvariantViolation } from '../errors.ts';
import type { JobFamily } from '../job/job.ts';
import { arrivalTime } from '../model/time.ts';
import type { CloseSignal } from '../ports/closeSignal.ts';
import type { StreamRecord } from '../records/entry.ts';
import { createIngest, type Ingest, type ShardBatch } from '../runtime/ingest.ts';
import { stateTable } from '../state/keys.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { logicalName } from './names.ts';
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
    const before = { read: meter.read, write: meter.write };
    const failures: KinesisStreamBatchResponse['batchItemFailures'] = [];
    for (const batch of batchesOf(event, environment, job.source.stream)) {
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

/** The records by shard. Lambda sends one shard's at a time; a merged event is taken apart all the same. */
function batchesOf(
  event: KinesisStreamEvent,
  environment: Environment,
  stream: string,
): readonly ShardBatch[] {
  const byShard = new Map<string, StreamRecord[]>();
  for (const record of event.Records) {
    const physical = record.eventSourceARN.slice(record.eventSourceARN.indexOf('/') + 1);
    if (logicalName(environment.stage, physical) !== stream) {
      throw new InvariantViolation(
        `records of stream ${physical} came to a function that reads ${environment.nameOf(stream)}: its event source mapping is wrong`,
      );
    }
    const shard = record.eventID.slice(0, record.eventID.indexOf(':'));
    const records = byShard.get(shard) ?? [];
    byShard.set(shard, records);
    records.push({
      sequence: record.kinesis.sequenceNumber,
      arrival: arrivalTime(Math.round(record.kinesis.approximateArrivalTimestamp * 1_000)),
      partitionKey: record.kinesis.partitionKey,
      data: Buffer.from(record.kinesis.data, 'base64'),
    });
  }
  return [...byShard].map(([shard, records]) => ({ stream, shard, records }));
}
