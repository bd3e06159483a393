/** `generate`: prints a seeded sample. */
import type { Command } from 'commander';
import { generateEvents, SAMPLE } from '../generate/generateEvents.ts';
import { wholeNumberOption } from '../options.ts';

const SEED_MAX = 2 ** 32 - 1;
const EVENTS_MAX = 100_000_000;
const CHUNK_LINES = 1_000;

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .summary('print generated events')
    .description(
      'Prints generated events, one JSON line each; the same for the same seed. They span three hours ' +
        'whatever their number. Some are out of order, a few late or malformed.',
    )
    .argument('<stream>', 'user-behavior')
    .option('--seed <n>', 'which sample', wholeNumberOption('--seed', 0, SEED_MAX), SAMPLE.seed)
    .option(
      '--events <n>',
      'how many events',
      wholeNumberOption('--events', 1, EVENTS_MAX),
      SAMPLE.events,
    )
    .action(generate);
}

async function generate(stream: string, options: { seed: number; events: number }): Promise<void> {
  let chunk: string[] = [];
  for (const { line } of generateEvents(stream, options)) {
    chunk.push(String(line));
    if (chunk.length < CHUNK_LINES) continue;
    await print(chunk);
    chunk = [];
  }
  if (chunk.length > 0) await print(chunk);
}

/** Waits for a slow reader, so that memory stays constant. */
async function print(lines: readonly string[]): Promise<void> {
  if (process.stdout.write(`${lines.join('\n')}\n`)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}
