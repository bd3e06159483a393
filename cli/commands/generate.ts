/** `generate`: prints a seeded sample. */
import type { Command } from 'commander';
import {
  GENERATED_STREAMS,
  generateEvents,
  SAMPLE_SEED,
  sampleOf,
} from '../../inputs/generate/generateEvents.ts';
import { wholeNumberOption } from '../options.ts';

const SEED_MAX = 2 ** 32 - 1;
const EVENTS_MAX = 100_000_000;
const CHUNK_LINES = 1_000;

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .summary('print generated events')
    .description(
      'Prints generated events of a stream, one JSON line each; the same for the same seed. All streams tell ' +
        'two hours of one shop, whatever the number of events. Some are out of order, a few late or malformed ' +
        '(docs/inputs.md).',
    )
    .argument('<stream>', `one of ${GENERATED_STREAMS.join(', ')}`)
    .option('--seed <n>', 'which sample', wholeNumberOption('--seed', 0, SEED_MAX), SAMPLE_SEED)
    .option(
      '--events <n>',
      'how many events; as many as the sample of npm start has where it is not given',
      wholeNumberOption('--events', 1, EVENTS_MAX),
    )
    .addHelpText('after', `\nSamples:\n${GENERATED_STREAMS.map(sampleHelp).join('\n')}`)
    .action(generate);
}

function sampleHelp(stream: string): string {
  const { events, about } = sampleOf(stream);
  return `  ${stream}  ${events.toLocaleString('en-US')} events; ${about}`;
}

async function generate(
  stream: string,
  { seed, events }: { seed: number; events?: number },
): Promise<void> {
  let chunk: string[] = [];
  const sample = sampleOf(stream);
  const options = { ...sample, seed, events: events ?? sample.events };
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
