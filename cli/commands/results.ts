/** `results`: rows of a result table, once or again and again. */
import { type Command, Option } from 'commander';
import { UsageError } from '../../inputs/usageError.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import type { TableOfJob } from '../../shared/job/tableOfJob.ts';
import { connect, reconnecting } from '../connect.ts';
import { RESULT_TABLES, tableOf, wholeNumberOption } from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { printRows } from '../output/printRows.ts';
import { changesView, pictureView } from '../output/watchViews.ts';
import { isListed, newestFirst, type Question, readResults } from '../readResults.ts';
import { timeOption } from '../timeOption.ts';
import { pacedBy, untilInterrupted, watch } from '../watch.ts';
import { stageOption } from './stage.ts';

const LATEST_MAX = 1_000_000;
const WATCH_SECONDS = 2;
const WATCH_SECONDS_MAX = 86_400;

const WITH_PROBLEMS = RESULT_TABLES.filter(({ problems }) => problems.length > 0);
const LISTED = RESULT_TABLES.filter(({ listedBy }) => listedBy !== undefined);
const namesOf = (tables: readonly TableOfJob[]): string =>
  tables.map(({ name }) => name).join(' and ');

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
      `Prints rows of a result table, sorted by its keys; with --problem, and with --latest, --from or --to of ${namesOf(LISTED)}, sorted by time.`,
    )
    .argument('<table>', `one of ${RESULT_TABLES.map(({ name }) => name).join(', ')}`)
    .option('--key <key>', 'only rows with this partition key, such as items:pv')
    .option(
      '--latest <n>',
      `only the latest n windows of each partition key; of ${namesOf(LISTED)}, and with --problem, the latest n rows`,
      wholeNumberOption('--latest', 1, LATEST_MAX),
    )
    .option('--problem <status>', `only rows with this problem; ${problemsText(WITH_PROBLEMS)}`)
    .option(
      '--from <time>',
      `only problems since then, such as 2019-05-21T09:30 (UTC), or rows of ${namesOf(LISTED)}`,
      timeOption('--from'),
    )
    .option('--to <time>', 'only those before then', timeOption('--to'))
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
  checkProblem(table, flags);
  checkSummarized(table, flags);
  if (flags.problem === undefined) checkTimes(table, flags);
  if (isListed(table, flags) && flags.key !== undefined) {
    const other = flags.problem === undefined ? '--latest, --from or --to' : '--problem';
    throw new UsageError(
      `--key and ${other} cannot be combined for ${table.name}; give one of them`,
    );
  }
  if (flags.watch !== undefined) checkWatch(flags.format);
}

function checkProblem({ name, problems }: TableOfJob, { problem }: Question): void {
  if (problem === undefined) return;
  if (problems.length === 0) {
    throw new UsageError(
      `rows of ${name} have no problems; those of ${namesOf(WITH_PROBLEMS)} have`,
    );
  }
  if (!problems.includes(problem)) {
    throw new UsageError(`there is no problem "${problem}"; ${problemsText([{ name, problems }])}`);
  }
}

/** Nobody reads so many rows on a screen, and they would be read again and again. */
function checkSummarized({ name, summarizedIn }: TableOfJob, flags: ResultFlags): void {
  const { key, format, watch: isWatched } = flags;
  if (summarizedIn === undefined || key !== undefined) return;
  if (format !== 'table' && isWatched === undefined) return;
  const all = isWatched === undefined ? ', or all of them with --format json or csv' : '';
  throw new UsageError(
    `rows of ${name} may be very many; give --key, or read ${summarizedIn}, which sums them up${all}`,
  );
}

/** What is asked of a time, where no problem is asked for. */
function checkTimes(table: TableOfJob, { latest, from, to }: Question): void {
  const { name, rows, listedBy, problems } = table;
  if (listedBy !== undefined) return;
  const remedy = `for ${name} ${problems.length > 0 ? 'give --problem' : 'leave it away'}`;
  if (from !== undefined || to !== undefined) {
    throw new UsageError(
      `--from and --to are times of problems, or of rows of ${namesOf(LISTED)}; ${remedy}`,
    );
  }
  if (latest === undefined || rows === 'windows') return;
  throw new UsageError(
    `--latest is for windows, for problems and for rows of ${namesOf(LISTED)}; ${remedy}`,
  );
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

function aboutTexts(table: TableOfJob, question: Question): string[] {
  const { key, latest, problem } = question;
  const hasTime = isListed(table, question);
  return [
    ...(key === undefined ? [] : [`of ${key}`]),
    ...(latest === undefined
      ? []
      : [`latest ${latest}${key === undefined && !hasTime ? ' of each key' : ''}`]),
    ...(problem === undefined ? [] : [problem]),
    ...(hasTime || table.rows === 'windows' ? ['newest first'] : []),
  ];
}
