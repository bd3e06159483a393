/** `new job`: a folder that runs, and its lines wherever the project has to know of it. */
import { fileURLToPath } from 'node:url';

import { type Command, Option } from 'commander';
import { INGEST_JOBS, JOBS } from '../../functions/jobs.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { FACTS, KINDS, type Kind } from '../newJob/kinds.ts';
import { isKebab, NAME_LENGTH_MAX, type Names, namesOf } from '../newJob/names.ts';
import { planOf } from '../newJob/plan.ts';
import { existingStreamWords, newStreamWords, type StreamWords } from '../newJob/stream.ts';
import { checkWords } from '../newJob/words.ts';
import { writePlan } from '../newJob/write.ts';
import { RESULT_TABLES } from '../options.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function addNew(program: Command): void {
  const command = program.command('new');
  command
    .summary('make a job of your own: new job <name>')
    .description('Makes something new in this project: tidemark new job NAME.')
    .argument('[thing]', 'a job; tidemark new job --help says more')
    .action(() => {
      throw new UsageError('only a job can be new; write tidemark new job NAME');
    });
  command
    .command('job')
    .summary('make a job that runs')
    .description(
      'Makes a job that runs: its folder of functions, its test, a sample of events, and its lines in the list of jobs, the ' +
        'deployment and the README. Then it is yours to change (docs/first-job.md).',
    )
    .argument('<name>', 'of the job and its result table, in kebab-case: abandoned-carts')
    .addOption(
      new Option(
        '--kind <kind>',
        'window: aggregates of windows; status: how each key stands, with timers; pattern: sequences of events; gate: a window, and which events it gets',
      )
        .choices(KINDS)
        .default('window'),
    )
    .option(
      '--stream <name>',
      'what it reads: a stream of the project, or a new one (default: <name>-events)',
    )
    .option(
      '--key <attribute>',
      'what rows are about, by which a new stream is partitioned (default: userId)',
    )
    .action(newJob);
}

interface NewFlags {
  readonly kind: Kind;
  readonly stream?: string;
  readonly key?: string;
}

async function newJob(name: string, flags: NewFlags): Promise<void> {
  const job = checkedJob(name, flags.kind);
  const stream = await streamOf(flags.stream ?? `${name}-events`, flags.key);
  checkWords(ROOT, { job, kind: flags.kind, stream });
  const plan = planOf(ROOT, { job, kind: flags.kind, stream });
  writePlan(ROOT, plan);
  const list = (verb: string, paths: Iterable<string>) =>
    console.log([...paths].map((path) => `${verb} ${path}`).join('\n'));
  list('made   ', plan.made.keys());
  list('changed', plan.changed.keys());
  console.log(`
Go on with:
  npm run --silent tidemark -- run ${name} --input ${plan.sample}
  npx vitest run tests/tidy tests/jobs/${job.camel}.test.ts tests/jobs/workedExamples.test.ts
  npm run check`);
}

function checkedJob(name: string, kind: Kind): Names {
  if (!isKebab(name)) {
    throw new UsageError(
      `the name "${name}" is not kebab-case of at most ${NAME_LENGTH_MAX} characters; write it like abandoned-carts`,
    );
  }
  const names = namesOf(name);
  if (JOBS.some((each) => each.name === name) || Object.hasOwn(INGEST_JOBS, names.camel)) {
    throw new UsageError(`there is a job "${name}" already; take another name`);
  }
  const tables = Object.keys(FACTS[kind].tables).map((suffix) => `${name}${suffix}`);
  const taken = tables.find((table) => isTaken(table));
  if (taken !== undefined) {
    throw new UsageError(`there is a table "${taken}" already; take another name for the job`);
  }
  return names;
}

/** In the deployment, two tables of other names may have one: `top-10` and `top10`. The engine has a table, too. */
const isTaken = (table: string): boolean =>
  ['state', ...RESULT_TABLES.map(({ name }) => name)].some(
    (each) => namesOf(each).pascal === namesOf(table).pascal,
  );

async function streamOf(name: string, key: string | undefined): Promise<StreamWords> {
  const existing = await existingStreamWords(name, ROOT);
  if (existing) {
    if (key === undefined || key === existing.key) return existing;
    throw new UsageError(
      `--key is "${key}", and the stream ${name} is partitioned by ${existing.key}; leave it away`,
    );
  }
  if (!isKebab(name)) {
    throw new UsageError(
      `--stream is "${name}", which no job reads, and is not kebab-case of at most ${NAME_LENGTH_MAX} characters; write it like cart-events`,
    );
  }
  const { pascal } = namesOf(name);
  const streams = JOBS.flatMap(({ usual }) => usual.sources.map(({ stream }) => stream));
  const alike = streams.find((each) => namesOf(each).pascal === pascal);
  if (alike === undefined) return newStreamWords(name, key ?? 'userId');
  throw new UsageError(
    `--stream is "${name}", and "${alike}" would have the same name in the deployment; take another`,
  );
}
