/** `dead`: a job's dead letters; which there are, in a file to edit, and which shall not come back. */
import { type Command, Option } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import { counted } from '../../shared/model/counted.ts';
import type { JobId } from '../../shared/model/lane.ts';
import {
  type DeadLetter,
  type LetterState,
  readDeadLetters,
} from '../../shared/state/deadLetters.ts';
import type { LetterMarks } from '../../shared/state/lane/letterMarks.ts';
import { type Connection, connect } from '../connect.ts';
import {
  addLetterFilter,
  filtered,
  isLetterMeant,
  isNarrow,
  type LetterFilter,
  stateFilterOption,
} from '../letters/filter.ts';
import { letterLine } from '../letters/letterFile.ts';
import { decide, MarksByCommit } from '../letters/marks.ts';
import { printSummaries, summaryOf } from '../letters/summary.ts';
import { JOB_ARGUMENT, jobOf } from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { say } from '../output/say.ts';
import { printSideEvents } from '../output/sideEvents.ts';
import { SideFile } from '../output/sideReport.ts';
import { stageOption } from './stage.ts';

interface DeadFlags extends LetterFilter {
  readonly summary?: true;
  readonly discard?: true;
  readonly restore?: true;
  readonly all?: true;
  readonly export?: string;
  readonly format: OutputFormat;
  readonly stage: string;
}

export function addDead(program: Command): void {
  const command = program
    .command('dead')
    .summary("print a job's dead letters")
    .description(
      "Prints a job's dead letters that are still stored, with their reasons and what became of them: " +
        'waiting, redriven (on the stream, and not read yet), accepted, discarded, ' +
        'or refused (a redrive envelope that was not let in).',
    )
    .argument('<job>', JOB_ARGUMENT);
  addLetterFilter(command)
    .addOption(stateFilterOption())
    .addOption(exclusive('--summary', 'print how many there are, by reason'))
    .addOption(
      exclusive('--export <file>', 'write them to a new file, to be edited for redrive --from'),
    )
    .addOption(exclusive('--discard', 'mark them: redrive leaves them out from now on'))
    .addOption(exclusive('--restore', 'let discarded ones wait again'))
    .option('--all', 'with --discard or --restore: whatever their reason, key and time')
    .addOption(formatOption())
    .addOption(stageOption())
    .action(dead);
}

const ACTIONS = ['summary', 'export', 'discard', 'restore'];

function exclusive(flags: string, about: string): Option {
  const option = new Option(flags, about);
  return option.conflicts(ACTIONS.filter((name) => name !== option.attributeName()));
}

async function dead(jobName: string, flags: DeadFlags): Promise<void> {
  const job = jobOf(jobName);
  const { id } = job;
  checkChoice(flags);
  const connection = connect(flags.stage);
  const letters = filtered(readDeadLetters(id, connection.state), (letter) =>
    isLetterMeant(job, flags, letter),
  );
  if (flags.summary) return printSummaries(await summaryOf(letters), flags.format);
  if (flags.export !== undefined) return exportTo(flags.export, id, letters);
  if (flags.discard) return decideAll(connection, id, letters, DISCARDING);
  if (flags.restore) return decideAll(connection, id, letters, RESTORING);
  await printSideEvents(letters, flags.format);
}

/** Throws UsageError: what is said of letters by mistake is said of all of them. */
function checkChoice(flags: DeadFlags): void {
  const action = flags.discard ? '--discard' : flags.restore ? '--restore' : undefined;
  if (flags.all && !action) throw new UsageError('--all goes with --discard or --restore');
  if (flags.all && isNarrow(flags)) {
    throw new UsageError('--all and a filter cannot be combined; give one of them');
  }
  if (action && !flags.all && !isNarrow(flags)) {
    throw new UsageError(
      `${action} needs to know which: give --reason, --key, --since, --until or --state, or --all`,
    );
  }
}

/** The file is there when it is whole, or was begun: never over one that may have been edited. */
async function exportTo(
  file: string,
  job: JobId,
  letters: AsyncIterable<DeadLetter>,
): Promise<void> {
  const to = await SideFile.create(file, 'new');
  let count = 0;
  for await (const letter of letters) {
    await to.write(letterLine(job, letter));
    count += 1;
  }
  await to.close();
  console.log(`${counted(count, 'dead letter')} written to ${file}`);
}

interface Decision {
  readonly from: readonly LetterState[];
  readonly mark: (marks: LetterMarks, place: number) => void;
  readonly done: string;
}

const DISCARDING: Decision = {
  from: ['waiting', 'refused'],
  mark: ({ discarded }, place) => void discarded.add(place),
  done: 'discarded; --restore takes that back',
};

const RESTORING: Decision = {
  from: ['discarded'],
  mark: ({ discarded }, place) => void discarded.delete(place),
  done: 'restored',
};

async function decideAll(
  { state }: Connection,
  job: JobId,
  letters: AsyncIterable<DeadLetter>,
  { from, mark, done }: Decision,
): Promise<void> {
  const chosen = new MarksByCommit(job);
  let underWay = 0;
  for await (const letter of letters) {
    if (from.includes(letter.state)) chosen.add(letter, letter.place);
    else if (letter.state === 'redriven') underWay += 1;
  }
  await decide(state, chosen, mark);
  console.log(`${counted(chosen.count, 'dead letter')} ${done}`);
  if (underWay > 0) say(`${counted(underWay, 'dead letter')} left alone: on the stream already`);
}
