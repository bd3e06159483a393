/** `run`: a job in process, over files. */
import { type Command, Option } from 'commander';
import { JOBS } from '../../functions/jobs.ts';
import type { JobFamily } from '../../shared/job/job.ts';
import type { TimeUnit } from '../input/formats.ts';
import { checkInput, type InputEvent, readInput } from '../input/readInput.ts';
import {
  familyOf,
  type InputFile,
  inputFile,
  OUTPUT_FORMATS,
  type OutputFormat,
  parameterTexts,
  repeatable,
  shownTable,
  wholeNumberOption,
} from '../options.ts';
import { jsonLine, sortRows } from '../output/rows.ts';
import { rowsTable, valueText } from '../output/table.ts';
import { type RunStats, runJob } from '../run/runJob.ts';
import { UsageError } from '../usageError.ts';

/** Lambda's own limits on a Kinesis batch and, generously, on what a run can hold in memory. */
const BATCH_MAX = 10_000;
const LANES_MAX = 1_000;

interface RunFlags {
  readonly input: readonly string[];
  readonly param: readonly string[];
  readonly format: OutputFormat;
  readonly flush: boolean;
  readonly lanes: number;
  readonly batch: number;
  readonly timeUnit: TimeUnit;
  readonly stats?: true;
}

export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run a job in process over files')
    .description(
      'Runs a job in process over files: reference CSV files, the web log or JSON lines, gzipped or not.',
    )
    .argument('<job>', `one of ${JOBS.map(({ name }) => name).join(', ')}`)
    .addOption(repeatable('--input <[stream=]file>', 'a file to read; may be repeated', 'none'))
    .addOption(
      repeatable('--param <name=value>', 'a parameter of the job; may be repeated', 'none'),
    )
    .addOption(formatOption())
    .option('--no-flush', 'leave windows open that the input does not close')
    .option('--lanes <n>', 'simulated shards', wholeNumberOption('--lanes', 1, LANES_MAX), 1)
    .option('--batch <n>', 'records a batch', wholeNumberOption('--batch', 1, BATCH_MAX), BATCH_MAX)
    .addOption(timeUnitOption())
    .option('--stats', 'print counts, commits and units on standard error')
    .addHelpText('after', `\n${JOBS.map(parameterHelp).join('\n')}`)
    .action(run);
}

export const formatOption = (): Option =>
  new Option('--format <format>', 'how results are printed')
    .choices(OUTPUT_FORMATS)
    .default('table');

export const timeUnitOption = (): Option =>
  new Option('--time-unit <unit>', 'of times in CSV files').choices(['s', 'ms']).default('s');

function parameterHelp({ name, parameters }: JobFamily): string {
  const lines = Object.entries(parameters).map(
    ([parameter, { defaultText, about }]) => `  ${parameter}=${defaultText}  ${about}`,
  );
  return `Parameters of ${name}, with their defaults:\n${lines.join('\n')}`;
}

async function run(jobName: string, flags: RunFlags): Promise<void> {
  const job = familyOf(jobName).build(parameterTexts(flags.param));
  if (flags.input.length === 0) throw new UsageError('give at least one --input FILE');
  const inputs = flags.input.map((text) => inputFile(text, [job.source.stream]));
  for (const { stream, file } of inputs) await checkInput(stream, file);
  const { rows, stats, firstDead } = await runJob(job, eventsOf(inputs, flags.timeUnit), {
    lanes: flags.lanes,
    batch: flags.batch,
    atEnd: flags.flush ? 'flush' : 'leaveOpen',
  });
  const table = shownTable(job);
  const sorted = sortRows(rows, table);
  if (flags.format === 'json') for (const row of sorted) console.log(jsonLine(row, table));
  else console.log(rowsTable(sorted, table));
  if (flags.stats) console.error(statsText(stats));
  if (firstDead !== undefined) {
    console.error(`dead letters: ${stats.dead}; the first because ${firstDead}`);
  }
}

async function* eventsOf(
  inputs: readonly InputFile[],
  timeUnit: TimeUnit,
): AsyncGenerator<InputEvent> {
  for (const { stream, file } of inputs) yield* readInput(stream, file, { timeUnit });
}

function statsText(stats: RunStats): string {
  const { readUnits, writeUnits, ...counts } = stats;
  const lines = Object.entries({
    ...counts,
    'write units': writeUnits,
    'read units': readUnits,
  }).map(
    ([name, value]) => `${name.replace('windowsClosed', 'windows closed')}: ${valueText(value)}`,
  );
  return lines.join('\n');
}
