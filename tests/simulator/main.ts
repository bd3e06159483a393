/**
 * `npm run simulate`: simulates many seeds on all cores, or one with its trace. Exit code 1 when a seed
 * failed, 2 for wrong use.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { CANARIES } from './canaries.ts';
import { writeCaughtBy } from './canariesCaught.ts';
import { runCorpus } from './corpus.ts';
import { TIGHT_LIMITS } from './limits.ts';
import { loadVariants } from './mutate.ts';
import type { SeedFailure } from './seeds.ts';
import { situationsMissing } from './situations.ts';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly trace?: true;
  readonly workers?: number;
  readonly limits?: 'tight';
  readonly job?: string;
  readonly canary?: string;
  readonly canaries?: true;
}

const FAILURES_MAX = 5;
const SHOWN_LINES = 30;
/** Below this many seeds, a situation that was not met says nothing. */
const CORPUS_MIN = 300;

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
};

const program = new Command('simulate')
  .description('Runs window jobs in a simulated world in which everything goes wrong.')
  .option('--seeds <n>', 'how many seeds', wholeNumber, 300)
  .option('--from <seed>', 'the first seed', wholeNumber, 1)
  .option('--seed <seed>', 'only this seed', wholeNumber)
  .option('--trace', 'with --seed: print every step')
  .option('--workers <n>', 'worker processes (default: one per core)', wholeNumber)
  .addOption(new Option('--limits <kind>', 'lower the limits of the engine').choices(['tight']))
  .option('--job <name>', 'simulate this job only')
  .option('--canary <name>', 'run this deliberately broken variant of the engine')
  .option('--canaries', 'look for the seed that catches each of them, and write them down')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const options = program.parse().opts<Options>();
if (options.canaries) process.exitCode = await catchCanaries();
else if (options.seed === undefined) process.exitCode = await runMany(options);
else process.exitCode = await runOne(options.seed, options);

async function runOne(seed: number, { trace, limits, canary, job }: Options): Promise<number> {
  loadVariants([
    ...(limits ? [TIGHT_LIMITS] : []),
    ...CANARIES.filter(({ name }) => name === canary),
  ]);
  const { simulate } = await import('./run.ts');
  const { failure, steps, traceHash, situations } = await simulate(seed, {
    bulk: limits ? 'none' : 'some',
    ...(job ? { job } : {}),
    ...(trace ? { sink: (line) => console.log(line) } : {}),
  });
  if (failure) show({ ...failure, seed });
  else console.log(`seed ${seed} passed: ${steps} steps, trace ${traceHash}`);
  printSituations(situations);
  return failure ? 1 : 0;
}

async function runMany({ from, seeds, workers, limits, canary, job }: Options): Promise<number> {
  const started = performance.now();
  const rate = (done: number): string =>
    ((done * 1_000) / Math.max(1, performance.now() - started)).toFixed(1);
  const result = await runCorpus({
    from,
    count: seeds,
    failuresMax: FAILURES_MAX,
    ...(workers ? { workers } : {}),
    ...(limits ? { limits } : {}),
    ...(canary ? { canary } : {}),
    ...(job ? { job } : {}),
    onProgress({ seeds: done, failures }) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(
        `\r${done} of ${seeds} seeds, ${failures.length} failed, ${rate(done)}/s `,
      );
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  printSituations(result.situations.counts);
  for (const failure of result.failures) show(failure);
  const missing =
    result.seeds < CORPUS_MIN || limits || canary || job
      ? []
      : situationsMissing(result.situations.counts);
  if (missing.length > 0) console.log(`never met: ${missing.join('; ')}`);
  console.log(
    `${result.seeds} seeds from ${from}, ${result.failures.length} failed, ` +
      `${Math.round(result.steps / Math.max(1, result.seeds))} steps each, ${rate(result.seeds)} seeds/s`,
  );
  return result.failures.length > 0 || missing.length > 0 ? 1 : 0;
}

async function catchCanaries(): Promise<number> {
  const missed = await writeCaughtBy((done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${CANARIES.length} canaries `);
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  for (const name of missed) console.log(`no seed catches: ${name}`);
  console.log(`${CANARIES.length} canaries, ${missed.length} not caught`);
  return missed.length > 0 ? 1 : 0;
}

function show({ seed, phase, checker, message, lastLines }: SeedFailure): void {
  console.log(`\nseed ${seed} failed in phase ${phase}, checker ${checker}:\n  ${message}`);
  console.log(lastLines.slice(-SHOWN_LINES).join('\n'));
  console.log(`again: npm run simulate -- --seed ${seed} --trace${variantFlags()}\n`);
}

function printSituations(situations: ReadonlyMap<string, number>): void {
  for (const [name, times] of [...situations].sort(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`${String(times).padStart(9)}  ${name}`);
  }
}

function variantFlags(): string {
  const { limits, canary, job } = options;
  return [
    job ? ` --job ${job}` : '',
    limits ? ` --limits ${limits}` : '',
    canary ? ` --canary '${canary}'` : '',
  ].join('');
}
