/**
 * The Lambda rim of an ingest function: from Kinesis's event to the engine and back. One handler per job.
 *
 * Infrastructure errors are thrown, so that Lambda delivers the batch again without limit; what an event did
 * wrong never comes this far, because it is a dead letter inside the commit.
 */
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { lambdaClient } from '../adapters/aws/clients.ts';
import { lambdaNudge } from '../adapters/aws/nudge.ts';
import { unitMeter } from '../adapters/meteredTable.ts';
import { createIngestOnly } from '../engine.ts';
import type { Job, JobFamily } from '../job/job.ts';
import { laneStreamsOf } from '../job/repartition.ts';
import { functionToNudge } from '../job/traits.ts';
import { laneName } from '../model/lane.ts';
import { NO_NUDGE, type Nudge } from '../ports/ports.ts';
import { tableOwnership } from '../state/tableOwners.ts';
import { nudgeRequest } from './contract.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { noteFailures } from './failureNotes.ts';
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
  const streams = laneStreamsOf(job);
  const telemetry = createTelemetry(job);
  const meter = unitMeter();
  const nudge = nudgeOf(job, environment, telemetry.nudgeFailed);
  const ports = { ...createRim(environment)(job, meter), nudge };
  const checkTables = tableOwnership(job, ports.state);
  const noted = noteFailures(ports, environment.settings, { job: job.id, by: 'ingest' });
  const ingest = createIngestOnly(job, ports, environment.settings);
  return async (event, context) => {
    const failures: KinesisStreamBatchResponse['batchItemFailures'] = [];
    for (const batch of shardBatches(event, environment.stage, streams)) {
      const before = { read: meter.read, write: meter.write };
      const remainingMs = () => context.getRemainingTimeInMillis();
      const commit = async () => {
        await checkTables();
        return ingest({ ...batch, remainingMs });
      };
      const doing = { lane: laneName(batch) };
      const report = await noted(() => telemetry.guard(commit, batch), doing);
      if (report.firstUnprocessed) failures.push({ itemIdentifier: report.firstUnprocessed });
      telemetry.ingested(report, {
        read: meter.read - before.read,
        write: meter.write - before.write,
      });
      telemetry.misplaced(batch, report.counts.misplaced ?? 0);
      telemetry.unremembered(batch, report.counts.unremembered ?? 0);
    }
    return { batchItemFailures: failures };
  };
}

/** Nudges the scheduled function that has work for this kind of job. */
function nudgeOf(
  job: Job,
  { closeFunction, fireFunction }: Environment,
  onProblem: (problem: unknown) => void,
): Nudge {
  const nudged = functionToNudge(job);
  const name = nudged && { closeWindows: closeFunction, fireTimers: fireFunction }[nudged];
  return name === undefined ? NO_NUDGE : lambdaNudge(lambdaClient(), name, nudgeRequest, onProblem);
}
