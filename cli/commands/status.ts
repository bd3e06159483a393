/** `status`: how jobs are, and what needs somebody. */
import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { JOBS } from '../../functions/jobs.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { systemClock } from '../../shared/adapters/systemClock.ts';
import { NewerFormatError } from '../../shared/errors.ts';
import { readFacts, unknownFacts } from '../../shared/health/facts.ts';
import { assess, type Look, needsAttention, unreadable } from '../../shared/health/findings.ts';
import type { JobFamily } from '../../shared/job/job.ts';
import { buildWith, settingsIn } from '../../shared/lambda/environment.ts';
import { seconds } from '../../shared/model/time.ts';
import { connect, reconnecting } from '../connect.ts';
import { NeedsAttention } from '../failure.ts';
import { familyOf, shortNameOf, wholeNumberOption } from '../options.ts';
import { formatOption, type OutputFormat } from '../output/format.ts';
import { say } from '../output/say.ts';
import { terminalSize } from '../output/terminal.ts';
import { type AssessedJob, statusJson, statusLines, statusPicture } from '../status/show.ts';
import { pacedBy, untilInterrupted, type View, watch } from '../watch.ts';
import { stageOption } from './stage.ts';

const WATCH_SECONDS = 5;
const WATCH_SECONDS_MAX = 3_600;
/** That of stage prod, the longest which is usual: the state table does not have a stage's parameters. */
const BATCH_WINDOW = seconds(10);

interface StatusFlags {
  readonly stage: string;
  readonly format: OutputFormat;
  readonly watch?: number | true;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('print how jobs are, and what needs attention')
    .description(
      'Prints how far each job is and what came lately, and what needs attention, with what to do. Ends with exit code 4 ' +
        'where something does. Reads the state table alone. Settings of a stage that differ from the defaults are taken from ' +
        'the same variables as there, such as TIDEMARK_FLUSH_AFTER.',
    )
    .argument('[job...]', `all where none is named, of ${JOBS.map(shortNameOf).join(', ')}`)
    .option(
      '--watch [seconds]',
      `print it again every few seconds, ${WATCH_SECONDS} if not said; as JSON where the output is no terminal`,
      watchSeconds,
    )
    .addOption(formatOption(['table', 'json']))
    .addOption(stageOption())
    .action(status);
}

/** Of two words that follow, the first may be meant for a job. */
function watchSeconds(text: string): number {
  if (/^\d/.test(text)) return wholeNumberOption('--watch', 1, WATCH_SECONDS_MAX)(text);
  throw new UsageError(
    `--watch is "${text}"; give a whole number of seconds after it, and name jobs before it`,
  );
}

/** What was seen at one time. */
interface Seen {
  readonly jobs: readonly AssessedJob[];
  readonly look: Look;
}

async function status(names: readonly string[], flags: StatusFlags): Promise<void> {
  const families = names.length === 0 ? JOBS : [...new Set(names.map(familyOf))];
  const read = readerOf(families, flags.stage);
  if (flags.watch !== undefined) return watchStatus(read, flags, flags.watch);
  const seen = await read();
  if (flags.format === 'json') printJson(seen);
  else printLines(seen);
  if (seen.jobs.some(({ findings }) => needsAttention(findings))) throw new NeedsAttention();
}

function readerOf(families: readonly JobFamily[], stage: string): () => Promise<Seen> {
  const settings = settingsIn(process.env);
  const jobs = families.map((family) => ({
    name: shortNameOf(family),
    job: buildWith(process.env, family),
  }));
  return reconnecting(
    () => connect(stage),
    async ({ state }) => {
      const look = { now: systemClock.now(), stage };
      const about = { state, settings, batchWindow: BATCH_WINDOW, now: look.now };
      const assessed = jobs.map(async (each): Promise<AssessedJob> => {
        try {
          const facts = await readFacts({ ...each, ...about });
          return { facts, findings: assess(facts, look) };
        } catch (error) {
          // One that newer code has written hides no other one.
          if (!(error instanceof NewerFormatError)) throw error;
          return { facts: unknownFacts(each), findings: [unreadable(error)] };
        }
      });
      return { look, jobs: await Promise.all(assessed) };
    },
  );
}

function watchStatus(
  read: () => Promise<Seen>,
  { format }: StatusFlags,
  every: number | true,
): Promise<void> {
  const isDrawn = format === 'table' && process.stdout.isTTY;
  const view = isDrawn ? pictureOn(process.stdout) : LINES;
  const seconds = every === true ? WATCH_SECONDS : every;
  return untilInterrupted((signal) => watch(read, view, pacedBy(seconds, signal)));
}

const LINES: View<Seen> = {
  show: printJson,
  fail: (text) => say(`warning: ${text}`),
  end() {},
};

/** Drawn for the size that the terminal has by then. */
function pictureOn(stream: NodeJS.WriteStream): View<Seen> {
  const update = createLogUpdate(stream);
  let last: Seen | undefined;
  const draw = (failure?: string) => {
    const size = terminalSize(stream);
    if (last && size) update(statusPicture(last.jobs, last.look, size, failure).join('\n'));
  };
  return {
    show(seen) {
      last = seen;
      draw();
    },
    fail: draw,
    end: () => update.done(),
  };
}

function printLines({ jobs, look }: Seen): void {
  const columns = terminalSize(process.stdout)?.columns;
  console.log(statusLines(jobs, look, columns).join('\n'));
}

function printJson({ jobs, look }: Seen): void {
  for (const job of jobs) console.log(statusJson(job, look));
}
