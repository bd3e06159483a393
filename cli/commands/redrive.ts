/**
 * `redrive`: dead letters back onto the streams they came from. Each carries the job it is for and where it first stood, and
 * its job admits each origin once: so running this again, or while the first copies are still on their
 * way, changes nothing.
 */
import type { Command } from 'commander';
import { streamsOf } from '../../shared/job/head.ts';
import { type JobId, laneNamed, type StreamName } from '../../shared/model/lane.ts';
import type { Table } from '../../shared/ports/table.ts';
import { encodeRedriven, type RedriveOrigin } from '../../shared/records/redrive.ts';
import { isAdmitted } from '../../shared/state/admissions.ts';
import { readSideOutput } from '../../shared/state/inspect.ts';
import type { StoredSideEvent } from '../../shared/state/sideOutput.ts';
import { connect } from '../connect.ts';
import type { InputEvent } from '../input/readInput.ts';
import { JOB_ARGUMENT, jobOf } from '../options.ts';
import { sideEventsTables } from '../output/sideEvents.ts';
import { putEvents } from './put.ts';
import { stageOption } from './stage.ts';

export function addRedrive(program: Command): void {
  program
    .command('redrive')
    .summary("put a job's dead letters back on their streams")
    .description(
      "Puts a job's dead letters back on the streams they came from, once their cause is mended. " +
        'Only that job takes them, each one once, however often this is run.',
    )
    .argument('<job>', JOB_ARGUMENT)
    .option('--dry-run', 'only print what would be put back')
    .addOption(stageOption())
    .action(redrive);
}

async function redrive(
  jobName: string,
  { dryRun, stage }: { dryRun?: true; stage: string },
): Promise<void> {
  const job = jobOf(jobName);
  const connection = connect(stage);
  const streams = streamsOf(job);
  if (dryRun) {
    let count = 0;
    const letters = deadLettersToRedrive(job.id, connection.state);
    for await (const table of sideEventsTables(noted(letters, () => (count += 1)))) {
      console.log(table);
    }
    console.log(`${deadLetters(count)} would be put back on ${streams.join(' and ')}`);
    return;
  }
  for (const stream of streams) {
    const waiting = deadLettersToRedrive(job.id, connection.state, stream);
    const { events } = await putEvents(connection, stream, envelopes(job.id, waiting));
    console.log(`${deadLetters(events)} put back on ${stream}`);
  }
}

async function* noted<T>(items: AsyncIterable<T>, note: () => void): AsyncGenerator<T> {
  for await (const item of items) {
    note();
    yield item;
  }
}

const deadLetters = (count: number): string =>
  `${count} ${count === 1 ? 'dead letter' : 'dead letters'}`;

const originOf = (job: JobId, { lane, position, watermark }: StoredSideEvent): RedriveOrigin => ({
  job,
  lane,
  position,
  watermark,
});

/** The dead letters, of one stream or of all, of which the job has not yet let a copy in. */
export async function* deadLettersToRedrive(
  job: JobId,
  state: Table,
  stream?: StreamName,
): AsyncGenerator<StoredSideEvent> {
  for await (const side of readSideOutput(job, state)) {
    if (side.kind !== 'dead') continue;
    if (stream !== undefined && laneNamed(job, side.lane).stream !== stream) continue;
    if (!(await isAdmitted(state, originOf(job, side)))) yield side;
  }
}

/** An aggregated record may hold events without a partition key; these go to a shard by their lane's name. */
export async function* envelopes(
  job: JobId,
  letters: AsyncIterable<StoredSideEvent>,
): AsyncGenerator<Pick<InputEvent, 'line' | 'partitionKey'>> {
  for await (const letter of letters) {
    const line = encodeRedriven(originOf(job, letter), letter.raw);
    yield { line, partitionKey: letter.partitionKey || letter.lane };
  }
}
