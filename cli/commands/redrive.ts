/**
 * `redrive`: dead letters back onto the streams they came from. Each carries the job it is for and where it first stood, and
 * its job admits each origin once: so running this again, or while the first copies are still on their
 * way, changes nothing.
 */
import type { Command } from 'commander';
import type { InputEvent } from '../../inputs/readInput.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import { type JobId, laneNamed, type StreamName } from '../../shared/model/lane.ts';
import type { Table } from '../../shared/ports/table.ts';
import { encodeRedriven, isEnvelope, type RedriveOrigin } from '../../shared/records/envelopes.ts';
import { type LoggedSideEvent, readSideEvents } from '../../shared/state/inspect.ts';
import { isAdmitted } from '../../shared/state/lane/admissions.ts';
import { connect } from '../connect.ts';
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
        'Only that job takes them, each one once, however often this is run. ' +
        'Redrive envelopes that it refused stay where they are: the letters in them are put back from where they stand.',
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

const originOf = (job: JobId, { lane, position, slot }: LoggedSideEvent): RedriveOrigin => ({
  job,
  lane,
  position,
  slot,
});

/**
 * The dead letters, of one stream or of all, of which the job has not yet let a copy in. A redrive envelope that was refused is
 * none of them: it is a copy of some other letter, which still stands where it stood, or it is forged.
 */
export async function* deadLettersToRedrive(
  job: JobId,
  state: Table,
  stream?: StreamName,
): AsyncGenerator<LoggedSideEvent> {
  for await (const side of readSideEvents(job, state)) {
    if (side.kind !== 'dead' || isEnvelope(side.raw)) continue;
    if (stream !== undefined && laneNamed(job, side.lane).stream !== stream) continue;
    if (!(await isAdmitted(state, originOf(job, side)))) yield side;
  }
}

/** An aggregated record may hold events without a partition key; these go to a shard by their lane's name. */
export async function* envelopes(
  job: JobId,
  letters: AsyncIterable<LoggedSideEvent>,
): AsyncGenerator<Pick<InputEvent, 'line' | 'partitionKey'>> {
  for await (const letter of letters) {
    const line = encodeRedriven(originOf(job, letter), letter.raw);
    yield { line, partitionKey: letter.partitionKey || letter.lane };
  }
}
