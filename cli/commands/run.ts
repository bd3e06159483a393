/** `run`: a job in process, over files. */
import type { Command } from 'commander';
import { JOBS } from '../../functions/jobs.ts';
import { STDIN } from '../../inputs/files/bytes.ts';
import { interleave } from '../../inputs/interleave.ts';
import type { StreamEvent } from '../../inputs/laneBatches.ts';
import { checkInput, type InputOptions, readInput } from '../../inputs/readInput.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { type UnitMeter, unitMeter } from '../../shared/adapters/meteredTable.ts';
import { type Job, type JobFamily, tablesOf } from '../../shared/job/job.ts';
import { streamsOf } from '../../shared/job/spec.ts';
import type { ResultTable } from '../../shared/job/tables.ts';
import { totalOf } from '../../shared/model/counts.ts';
import { compareCodePoints } from '../../shared/model/ids.ts';
import { MostlyDead } from '../failure.ts';
import { addInputOptions, FILE_FORMS, type InputFlags, inputOptionsOf } from '../inputOptions.ts';
import { KeyCheck } from '../keyCheck.ts';
import { mostlyDead } from '../mostlyDead.ts';
import {
  familyOf,
  type InputFile,
  inputFile,
  JOB_ARGUMENT,
  parameterTexts,
  repeatable,
  shortNameOf,
  wholeNumberOption,
} from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { printRows } from '../output/printRows.ts';
import { sortRows } from '../output/rows.ts';
import { say } from '../output/say.ts';
import {
  fileIdentity,
  type SideCounts,
  SideFile,
  type SideFiles,
  shownPlace,
  takeSideEvents,
} from '../output/sideReport.ts';
import { valueText } from '../output/valueText.ts';
import { Places } from '../places.ts';
import { type RunResult, runJob } from '../runJob.ts';

/** Lambda's own limits on a Kinesis batch and, generously, on what a run can hold in memory. */
const BATCH_MAX = 10_000;
const LANES_MAX = 1_000;

interface RunFlags extends InputFlags {
  readonly input: readonly string[];
  readonly param: readonly string[];
  readonly format: OutputFormat;
  readonly table?: string;
  readonly flush: boolean;
  readonly lanes: number;
  readonly batch: number;
  readonly stats?: true;
  readonly dead?: string;
  readonly late?: string;
}

export function addRun(program: Command): void {
  const command = program.command('run');
  command
    .summary('run a job in process over files')
    .description(
      `Runs a job in process over files: ${FILE_FORMS}. ` +
        'Files of one stream are read one after the other, several streams side by side by event time.',
    )
    .argument('<job>', JOB_ARGUMENT)
    .addOption(
      repeatable(
        '--input <[stream=]file>',
        'a file to read, and its stream where the job reads several; may be repeated',
        'none',
      ),
    )
    .addOption(
      repeatable('--param <name=value>', 'a parameter of the job; may be repeated', 'none'),
    )
    .addOption(formatOption())
    .option('--table <name>', 'only the rows of this table, where the job has several')
    .option(
      '--no-flush',
      'leave open what the input leaves open: windows, and all that waits for time to pass',
    )
    .option('--lanes <n>', 'simulated shards', wholeNumberOption('--lanes', 1, LANES_MAX), 1)
    .option('--batch <n>', 'records a batch', wholeNumberOption('--batch', 1, BATCH_MAX), BATCH_MAX)
    .option(
      '--dead <file>',
      'write the dead letters there, a line of JSON each, with file and line',
    )
    .option('--late <file>', 'write the late events there, likewise')
    .option('--stats', 'print counts, commits and units on standard error')
    .addHelpText('after', JOBS.map(parameterHelp).join('\n'))
    .action(run);
  addInputOptions(command);
}

function parameterHelp(family: JobFamily): string {
  const { parameters } = family;
  const all = Object.entries(parameters).map(([parameter, { defaultText, about }]) => ({
    text: `${parameter}=${defaultText}`,
    about,
  }));
  const width = Math.max(...all.map(({ text }) => text.length));
  const lines = all.map(({ text, about }) => `  ${text.padEnd(width)}  ${about}`);
  return `\nParameters of ${shortNameOf(family)}, with their defaults:\n${lines.join('\n')}`;
}

async function run(jobName: string, flags: RunFlags): Promise<void> {
  const job = familyOf(jobName).build(parameterTexts(flags.param));
  const printed = printedTables(job, flags);
  const inputs = await inputsOf(job, flags);
  const absent = streamsOf(job).filter((each) => !inputs.some(({ stream }) => stream === each));
  if (absent.length > 0) {
    say(`no --input for ${absent.join(', ')}: the job runs as if nothing came there`);
  }
  const files = await sideFilesOf(flags, inputs);
  const meter = flags.stats ? unitMeter() : undefined;
  const places = new Places();
  const keys = new KeyCheck(job);
  const result = await runJob(job, eventsOf(inputs), {
    ...(meter ? { meter } : {}),
    lanes: flags.lanes,
    batch: flags.batch,
    atEnd: flags.flush ? 'flush' : 'leaveOpen',
    onEvent(event) {
      places.add(event);
      keys.look(event);
    },
  });
  await printTables(printed, result, flags.format);
  if (meter) say(statsText(job, result, meter));
  const sides = await takeSideEvents(result.sideEvents(), places, files);
  for (const file of Object.values(files)) await file.close();
  printSides(result, sides);
  sayWarning(keys);
  const problems: string[] = [];
  for (const input of inputs) {
    const events = places.counts.get(input.file) ?? 0;
    const dead = sides.dead.get(input.file) ?? 0;
    const problem = await mostlyDead({ ...input, events, dead });
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw new MostlyDead(problems.join('; '));
}

interface RunInput extends InputFile {
  readonly options: InputOptions;
  readonly kind: 'file' | 'pipe';
}

/** Throws UsageError where one of them cannot be read. */
async function inputsOf(job: Job, flags: RunFlags): Promise<RunInput[]> {
  if (flags.input.length === 0) throw new UsageError('give at least one --input FILE');
  const streams = streamsOf(job);
  const optionsOf = inputOptionsOf(flags, streams);
  const inputs: RunInput[] = [];
  for (const text of flags.input) {
    const { stream, file } = inputFile(text, streams);
    const options = optionsOf(stream);
    const kind = await checkInput(stream, file, options, 'filesAndPipes');
    inputs.push({ stream, file, options, kind });
  }
  if (inputs.filter(({ file }) => file === STDIN).length > 1) {
    throw new UsageError('standard input is given twice; it can be read once only');
  }
  return inputs;
}

/** Throws UsageError where one of them would write over an input, or over the other. */
async function sideFilesOf(
  { dead, late }: RunFlags,
  inputs: readonly RunInput[],
): Promise<SideFiles> {
  const given = [
    ...inputs.map(({ file }) => ['--input', file] as const),
    ...(dead === undefined ? [] : [['--dead', dead] as const]),
    ...(late === undefined ? [] : [['--late', late] as const]),
  ];
  const seen = new Map<string, string>();
  for (const [option, file] of given) {
    const is = await fileIdentity(file);
    const other = is === undefined ? undefined : seen.get(is);
    if (other !== undefined && option !== '--input') {
      throw new UsageError(`${option} and ${other} are both ${file}; give another file`);
    }
    if (is !== undefined) seen.set(is, option);
  }
  return {
    ...(dead === undefined ? {} : { dead: await SideFile.create(dead) }),
    ...(late === undefined ? {} : { late: await SideFile.create(late) }),
  };
}

function sayWarning({ problem }: KeyCheck): void {
  if (problem !== undefined) say(`warning: ${problem}`);
}

/** How many, where the first one stands, and why: nobody looks for what is not said. */
function printSides({ stats }: RunResult, { first }: SideCounts): void {
  const total = valueText(totalOf(stats));
  for (const [kind, name] of [
    ['late', 'late events'],
    ['dead', 'dead letters'],
  ] as const) {
    const found = first.get(kind);
    if (!found) continue;
    const { place, why } = found;
    say(
      `${name}: ${valueText(stats[kind])} of ${total} events; the first, ${shownPlace(place)}, because ${why}`,
    );
  }
}

/** Files of one stream one after the other, and the streams side by side, as they would have come. */
function eventsOf(inputs: readonly RunInput[]): AsyncIterable<StreamEvent> {
  const byStream = Map.groupBy(inputs, ({ stream }) => stream);
  return interleave([...byStream.values()].map(eventsIn));
}

async function* eventsIn(inputs: readonly RunInput[]): AsyncGenerator<StreamEvent> {
  for (const { stream, file, options } of inputs) {
    for await (const event of readInput(stream, file, options)) yield { ...event, stream, file };
  }
}

/** By name. Throws UsageError for a table that the job does not have, and for several in one CSV: its lines would be of two kinds. */
function printedTables(job: Job, { table, format }: RunFlags): readonly ResultTable[] {
  const all = tablesOf(job).toSorted((a, b) => compareCodePoints(a.name, b.name));
  const chosen = all.filter(({ name }) => table === undefined || name === table);
  const names = all.map(({ name }) => name).join(' and ');
  if (chosen.length === 0) {
    throw new UsageError(`${job.name} has no table "${table}"; it has ${names}`);
  }
  if (format === 'csv' && chosen.length > 1) {
    throw new UsageError(
      `a CSV has rows of one table, and ${job.name} has ${names}; choose one with --table`,
    );
  }
  return chosen;
}

/** One table needs no heading, and JSON rows name theirs. */
async function printTables(
  printed: readonly ResultTable[],
  { tables }: RunResult,
  format: OutputFormat,
): Promise<void> {
  for (const table of printed) {
    if (format === 'table' && printed.length > 1) console.log(table.name);
    await printRows(sortRows(tables.get(table.name) ?? [], table), table, format);
  }
}

function statsText(job: Job, { stats, tables }: RunResult, meter: UnitMeter): string {
  const { windowsClosed, ...counts } = stats;
  const lines = Object.entries({
    ...counts,
    ...(job.kind === 'window' ? { 'windows closed': windowsClosed } : {}),
    ...Object.fromEntries([...tables].map(([name, rows]) => [`rows of ${name}`, rows.length])),
    'write units': meter.write,
    'read units': meter.read,
  }).map(([name, value]) => `${name}: ${valueText(value)}`);
  return lines.join('\n');
}
