/**
 * `redrive`: dead letters back onto the streams they came from. Each carries the job it is for and where it first stood, and
 * its job admits each origin once: so running this again, or while the first copies are still on their
 * way, changes nothing.
 *
 * 1. What would be dead again is left where it is, unless `--unchecked` says otherwise.
 * 2. What comes in a letter's place is noted in the state table before it is put: its job takes nothing else there.
 * 3. Letters are marked as redriven once their copies are stored. Whoever dies before that leaves them waiting.
 */
import type { Command } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import type { Job } from '../../shared/job/job.ts';
import { sourceOf } from '../../shared/job/spec.ts';
import { counted } from '../../shared/model/counted.ts';
import type { StreamName } from '../../shared/model/lane.ts';
import type { DeadLetter, LetterState } from '../../shared/state/deadLetters.ts';
import { originName } from '../../shared/state/lane/admissions.ts';
import { type Connection, connect } from '../connect.ts';
import { CommandFailure } from '../failure.ts';
import {
  type Candidate,
  type Choice,
  candidatesOf,
  envelopeOf,
  type Plan,
  planOf,
} from '../letters/candidates.ts';
import { addLetterFilter, filtered, isNarrow, type LetterFilter } from '../letters/filter.ts';
import { readLetterFile } from '../letters/letterFile.ts';
import { allowEdits, decide, type MarksByCommit } from '../letters/marks.ts';
import { JOB_ARGUMENT, jobOf } from '../options.ts';
import { say } from '../output/say.ts';
import { printSideEvents } from '../output/sideEvents.ts';
import { putUnnamed } from '../puts/putEvents.ts';
import { stageOption } from './stage.ts';

interface RedriveFlags extends LetterFilter {
  readonly from?: string;
  readonly unchecked?: true;
  readonly dryRun?: true;
  readonly stage: string;
}

export function addRedrive(program: Command): void {
  const command = program
    .command('redrive')
    .summary("put a job's dead letters back on their streams")
    .description(
      "Puts a job's dead letters back on the streams they came from, once their cause is mended. " +
        'Only that job takes them, each one once, however often this is run. ' +
        'Those that the job, as it is here, would make dead letters again stay where they are; so do discarded ones, and redrive envelopes ' +
        'that it refused: the letters in them are put back from where they stand.',
    )
    .argument('<job>', JOB_ARGUMENT)
    .option('--from <file>', 'those that dead --export wrote there, edited or not');
  addLetterFilter(command)
    .option('--unchecked', 'put back also what would be dead again, as far as can be told here')
    .option('--dry-run', 'only print what would be put back')
    .addOption(stageOption())
    .action(redrive);
}

async function redrive(jobName: string, flags: RedriveFlags): Promise<void> {
  const job = jobOf(jobName);
  const { from, unchecked, dryRun, stage, ...filter } = flags;
  if (from !== undefined && isNarrow(filter)) {
    throw new UsageError('--from and a filter cannot be combined; leave lines out of the file');
  }
  const file = from === undefined ? undefined : await readLetterFile(from, job.id);
  const connection = connect(stage);
  const choice: Choice = { filter, file };
  const plan = await planned({ job, connection, choice, from }, unchecked ? 'untried' : 'tried');
  sayWhatStays(plan);
  if (!dryRun) await allowEdits(connection.state, plan.edited);
  for (const [stream, letters] of plan.back) {
    // Nobody who knows no better has to hear of a stream that is the job's own.
    if (letters.count === 0 && sourceOf(job, stream) === undefined) continue;
    const candidates = filtered(
      candidatesOf(job, connection.state, choice),
      (each) => each.stream === stream && letters.has(each.letter, each.letter.place),
    );
    if (dryRun) await printAll(stream, letters, candidates);
    else await putBack({ job, connection }, stream, letters, candidates);
  }
}

interface Redriving {
  readonly job: Job;
  readonly connection: Connection;
  readonly choice: Choice;
  /** The file, where the letters are in one. */
  readonly from: string | undefined;
}

/** Throws UsageError where the file names letters that are not stored. */
async function planned(
  { job, connection, choice, from }: Redriving,
  trial: 'tried' | 'untried',
): Promise<Plan> {
  const missing = new Map(choice.file);
  const leftOut = new Map<LetterState, number>();
  const candidates = candidatesOf(job, connection.state, choice, (letter) => {
    missing.delete(originName(letter));
    leftOut.set(letter.state, (leftOut.get(letter.state) ?? 0) + 1);
  });
  const plan = await planOf(job, noted(candidates, missing), trial);
  if (from === undefined) return plan;
  const [first] = missing.values();
  if (first) {
    throw new UsageError(
      `nothing is put back: ${from}:${first.line} names no dead letter of ${job.name} that is stored; it has expired, or its lane or position was changed`,
    );
  }
  for (const [state, count] of leftOut) {
    say(`${counted(count, 'dead letter')} of ${from} left out: ${state} already`);
  }
  return plan;
}

/** Throws CommandFailure where that is all of them. */
function sayWhatStays({ back, again: { count, first } }: Plan): void {
  if (!first) return;
  const [{ lane, position }, reason] = first;
  const why = `the first, ${lane} ${position}, because ${reason}; mend the cause, or put back what would be dead again with --unchecked`;
  const isAll = [...back.values()].every((letters) => letters.count === 0);
  const which = counted(count, 'dead letter');
  if (isAll) throw new CommandFailure(`nothing is put back: ${which} would be dead again; ${why}`);
  say(`${which} would be dead again and ${count === 1 ? 'stays' : 'stay'} where it was; ${why}`);
}

/** Takes away the names of those that come. */
async function* noted(
  candidates: AsyncIterable<Candidate>,
  missing: Map<string, unknown>,
): AsyncGenerator<Candidate> {
  for await (const candidate of candidates) {
    missing.delete(originName(candidate.letter));
    yield candidate;
  }
}

async function printAll(
  stream: StreamName,
  { count }: MarksByCommit,
  candidates: AsyncIterable<Candidate>,
): Promise<void> {
  if (count > 0) await printSideEvents(asTheyGo(candidates), 'table');
  console.log(`${counted(count, 'dead letter')} would be put back on ${stream}`);
}

/** The letters, with what goes in their places. */
async function* asTheyGo(candidates: AsyncIterable<Candidate>): AsyncGenerator<DeadLetter> {
  for await (const { letter, payload } of candidates) yield { ...letter, raw: payload };
}

async function putBack(
  { job, connection }: Pick<Redriving, 'job' | 'connection'>,
  stream: StreamName,
  letters: MarksByCommit,
  candidates: AsyncIterable<Candidate>,
): Promise<void> {
  const { events, problem } = await putUnnamed(connection, stream, envelopes(job, candidates));
  if (problem !== undefined) throw new CommandFailure(problem);
  await decide(connection.state, letters, ({ redriven }, place) => redriven.add(place));
  console.log(`${counted(events, 'dead letter')} put back on ${stream}`);
}

async function* envelopes(job: Job, candidates: AsyncIterable<Candidate>) {
  for await (const candidate of candidates) yield envelopeOf(job, candidate);
}
