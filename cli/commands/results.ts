/** `results`: rows of a result table, once or again and again. */
import { type Command, Option } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import { connect, reconnecting } from '../connect.ts';
import { RESULT_TABLES, type TableOfJob, tableOf, wholeNumberOption } from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { printRows } from '../output/printRows.ts';
import { changesView, pictureView } from '../output/watchViews.ts';
import { newestFirst, type Question, readResults } from '../readResults.ts';
import { timeOption } from '../timeOption.ts';
import { pacedBy, untilInterrupted, watch } from '../watch.ts';
import { stageOption } from './stage.ts';

const LATEST_MAX = 1_000_000;
const WATCH_SECONDS = 2;
const WATCH_SECONDS_MAX = 86_400;

const WITH_PROBLEMS = RESULT_TABLES.filter(({ problems }) => problems.length > 0);

interface ResultFlags extends Question {
  readonly format: OutputFormat;
  readonly watch?: number;
  readonly stage: string;
}

export function addResults(program: Command): void {
  program
    .command('results')
    .summary('print rows of a result table')
    .description(
      'Prints rows of a result table, sorted by its keys; with --problem, sorted by time.',
    )
    .argument('<table>', `one of ${RESULT_TABLES.map(({ name }) => name).join(', ')}`)
    .option('--key <key>', 'only rows with this partition key, such as items:pv')
    .option(
      '--latest <n>',
      'only the latest n windows of each partition key',
      wholeNumberOption('--latest', 1, LATEST_MAX),
    )
    .option('--problem <status>', `only rows with this problem; ${problemsText(WITH_PROBLEMS)}`)
    .option(
      '--from <time>',
      'only problems since then, such as 2019-05-21T09:30 (UTC)',
      timeOption('--from'),
    )
    .option('--to <time>', 'only problems before then', timeOption('--to'))
    .addOption(formatOption())
    .addOption(watchOption())
    .addOption(stageOption())
    .action(results);
}

const watchOption = (): Option =>
  new Option(
    '--watch [seconds]',
    'show the rows again after so many seconds, the newest first, until Ctrl-C; with --format json, print those that are new or changed',
  )
    .preset(String(WATCH_SECONDS))
    .argParser(wholeNumberOption('--watch', 1, WATCH_SECONDS_MAX));

async function results(tableName: string, flags: ResultFlags): Promise<void> {
  const shown = tableOf(tableName);
  checkFlags(shown, flags);
  if (flags.watch !== undefined) return watchResults(shown, flags, flags.watch);
  await printRows(await readResults(connect(flags.stage), shown, flags), shown, flags.format);
}

/** Wrong combinations, said before anything is read. */
function checkFlags(table: TableOfJob, flags: ResultFlags): void {
  if (flags.latest !== undefined && table.rows !== 'windows') {
    throw new UsageError(`--latest is for tables of windows; ${table.name} has none`);
  }
  checkProblem(table, flags);
  if (flags.watch !== undefined) checkWatch(flags.format);
}

function checkProblem({ name, problems }: TableOfJob, { key, problem, from, to }: Question): void {
  if (problem === undefined) {
    if (from === undefined && to === undefined) return;
    throw new UsageError('--from and --to need --problem, whose times they are');
  }
  if (problems.length === 0) {
    const others = WITH_PROBLEMS.map((each) => each.name).join(' and ');
    throw new UsageError(`rows of ${name} have no problems; those of ${others} have`);
  }
  if (!problems.includes(problem)) {
    throw new UsageError(`there is no problem "${problem}"; ${problemsText([{ name, problems }])}`);
  }
  if (key !== undefined) {
    throw new UsageError('--key and --problem cannot be combined; give one of them');
  }
}

/** What is drawn again in place needs a terminal, and a second header is no CSV. */
function checkWatch(format: OutputFormat): void {
  if (format === 'json' || (format === 'table' && process.stdout.isTTY)) return;
  const why = format === 'csv' ? 'prints no CSV' : 'draws a table on a terminal only';
  throw new UsageError(`--watch ${why}; give --format json for lines of what is new or changed`);
}

const problemsText = (tables: readonly Pick<TableOfJob, 'name' | 'problems'>[]): string =>
  tables.map(({ name, problems }) => `${name} has ${problems.join(', ')}`).join('; ');

async function watchResults(
  shown: TableOfJob,
  flags: ResultFlags,
  everySeconds: number,
): Promise<void> {
  const read = reconnecting(
    () => connect(flags.stage),
    (connection) => readResults(connection, shown, flags),
  );
  return untilInterrupted((signal) => {
    const pace = pacedBy(everySeconds, signal);
    if (flags.format === 'json') return watch(read, changesView(shown), pace);
    const watched = { table: shown, about: aboutTexts(shown, flags), everySeconds };
    const view = pictureView(process.stdout, watched, systemClock);
    return watch(async () => newestFirst(await read(), shown, flags), view, pace);
  });
}

const aboutTexts = ({ rows }: TableOfJob, { key, latest, problem }: Question): string[] => [
  ...(key === undefined ? [] : [`of ${key}`]),
  ...(latest === undefined ? [] : [`latest ${latest}${key === undefined ? ' of each key' : ''}`]),
  ...(problem === undefined ? [] : [problem]),
  ...(problem !== undefined || rows === 'windows' ? ['newest first'] : []),
];
