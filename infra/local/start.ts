/** `npm start`: all jobs on the local stack, with a picture of what it does. See `--help`. */
import './ending.ts';

import { basename } from 'node:path';
import { LOCAL_STAGE } from '../../cli/endpoints.ts';
import { INTERRUPTED } from '../../cli/failure.ts';
import { announceStack } from '../../cli/runningStacks.ts';
import { stopOnSignals } from '../../cli/stopOnSignals.ts';
import { type Chaos, createChaos } from './chaos/chaos.ts';
import { tallyText } from './chaos/tally.ts';
import { verdictOn, verdictText } from './chaos/verdict.ts';
import { readDefinitions } from './definitions.ts';
import { undeployedJobs } from './deployedJobs.ts';
import { end } from './ending.ts';
import { exportRows } from './exportRows.ts';
import { exportSides } from './exportSides.ts';
import { type CountedInputs, inputsOf } from './inputs.ts';
import { keepDrawing } from './keepDrawing.ts';
import { parseOptions, type StartOptions, stackOptions, usableFolder } from './options.ts';
import type { Speed } from './pace.ts';
import { type Progress, progressOf } from './progress.ts';
import { type Picture, type Screen, screenOn } from './screen.ts';
import { PROJECT_ROOT, type Stack, startStack } from './stack.ts';
import { announcement, invitation, places, STOPPING } from './startTexts.ts';
import { readStatus } from './status.ts';

const FIRST_ARGUMENT = 2;
/** Whoever waits for `--once` to be done must not take a stop for it; without it a stop is how a run ends. */
const EXIT_CODES = { right: 0, wrong: 1, interrupted: INTERRUPTED } as const;
type Outcome = keyof typeof EXIT_CODES;

try {
  process.exit(await main(parseOptions(process.argv.slice(FIRST_ARGUMENT))));
} catch (error) {
  end(error);
}

/** The exit code. */
async function main(options: StartOptions): Promise<number> {
  const definitions = readDefinitions({ root: PROJECT_ROOT, stage: LOCAL_STAGE });
  const out = options.out === undefined ? undefined : usableFolder('--out', options.out);
  const input = await inputsOf(options.input, options.timeUnit, definitions);
  const given = await stackOptions(options);
  const screen = screenOn(process.stdout);
  const { signal: stopping } = stopOnSignals(() => screen.say(STOPPING));
  const progress = progressOf();
  const warn = (line: string) => void process.stderr.write(`warning: ${line}\n`);
  for (const line of undeployedJobs(definitions)) warn(line);
  const chaos =
    options.chaos === undefined ? undefined : createChaos(options.chaos, progress.onFailure);
  const stack = await startStack({
    ...given,
    ...(chaos ? { disturb: chaos.disturb } : {}),
    onWarning: warn,
    onResult: progress.onResult,
    onFailure: progress.onFailure,
  });
  // Commands find it from here on, and no more once it ends, however that is.
  process.once('exit', announceStack({ pid: process.pid, ...stack.endpoints }));
  const { speed, once = false } = options;
  try {
    const outcome = await run({
      stack,
      input,
      progress,
      screen,
      stopping,
      once,
      speed,
      out,
      chaos,
    });
    return EXIT_CODES[outcome];
  } finally {
    await chaos?.calm();
    await stack.stop();
  }
}

interface Run {
  readonly stack: Stack;
  readonly input: CountedInputs;
  readonly progress: Progress;
  readonly screen: Screen;
  readonly stopping: AbortSignal;
  readonly once: boolean;
  readonly speed: Speed;
  readonly out: string | undefined;
  readonly chaos: Chaos | undefined;
}

async function run(given: Run): Promise<Outcome> {
  const { stack, input, progress, screen, stopping, once, chaos } = given;
  screen.say(announcement(stack));
  const streams = input.inputs.map(({ stream: each }) => each);
  const picture = async (): Promise<Picture> => {
    const status = await readStatus(stack);
    const failure = progress.failures.text();
    return {
      put: progress.put,
      windowsClosed: progress.windowsClosed,
      total: input.events,
      phase: progress.phase(),
      status,
      places: places(stack, streams),
      ...(chaos ? { chaos: tallyText(chaos.tally) } : {}),
      ...(failure === undefined ? {} : { failure: `${failure}; see ${stack.logFile}` }),
    };
  };
  const stopDrawing = keepDrawing(screen, picture, () => progress.changes);
  let outcome: Outcome = once ? 'interrupted' : 'right';
  try {
    outcome = (await unlessStopped(processInput(given), stopping)) ?? outcome;
    if (!once && !stopping.aborted) {
      progress.enter({ kind: 'waiting' });
      screen.summarize(await picture());
      screen.say(invitation(stack, streams));
      await aborted(stopping);
    }
  } finally {
    await stopDrawing();
  }
  progress.enter(stopping.aborted ? { kind: 'stopping' } : { kind: 'done' });
  screen.finish(await picture());
  return outcome;
}

interface Written {
  readonly files: readonly string[];
  /** What there is to say of late events and dead letters. */
  readonly sides: readonly string[];
}

/** What comes out is taken for right where nobody looks. */
async function processInput(given: Run): Promise<'right' | 'wrong'> {
  const { stack, input, progress, screen, stopping, once, speed, out, chaos } = given;
  await stack.replay({
    inputs: (await chaos?.splitting(stack, input.inputs)) ?? input.inputs,
    speed,
    signal: stopping,
    onStored(events) {
      progress.onPut(events);
    },
    onReached(eventTimeMs) {
      if (speed !== 'max') progress.onReached({ eventTimeMs, speed });
    },
  });
  progress.enter({ kind: 'reading' });
  await stack.waitUntilDrained();
  // A stop ends the wait as well, and then nothing is to be begun.
  stopping.throwIfAborted();
  await chaos?.calm();
  // A batch that came late may have been forwarded again.
  if (chaos) await stack.waitUntilDrained();
  stopping.throwIfAborted();
  if (once || chaos) await stack.flush(progress.onStep);
  if (out !== undefined) screen.say(writtenText(await write(stack, out), out));
  return chaos === undefined ? 'right' : judge(chaos, given);
}

async function judge(
  chaos: Chaos,
  { stack, input, progress, screen }: Run,
): Promise<'right' | 'wrong'> {
  progress.enter({ kind: 'comparing' });
  const verdict = await verdictOn(stack, input.inputs, chaos.crashes);
  screen.say(verdictText(chaos.seed, chaos.tally, verdict));
  return verdict.differences.length === 0 ? 'right' : 'wrong';
}

async function write(stack: Stack, out: string): Promise<Written> {
  const tables = await exportRows(stack, out);
  const { files, lines } = await exportSides(stack, out);
  return { files: [...tables, ...files], sides: lines };
}

function writtenText({ files, sides }: Written, out: string): string {
  const names = files.map((file) => basename(file)).join(', ');
  return [`wrote ${names} to ${out}`, ...sides, ''].join('\n');
}

/** The result; undefined where the stop came first, and then nobody hears of the work any more. */
async function unlessStopped<T>(work: Promise<T>, stopping: AbortSignal): Promise<T | undefined> {
  const result = await Promise.race([work, aborted(stopping)]);
  if (stopping.aborted) work.catch(() => {});
  return result ?? undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
