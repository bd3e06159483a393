/** `npm start`: all jobs on the local stack, with a picture of what it does. See `--help`. */
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_CREDENTIALS, LOCAL_STAGE } from '../../cli/endpoints.ts';
import { endingOf } from '../../cli/failure.ts';
import { announceStack } from '../../cli/runningStacks.ts';
import { userBehavior } from '../../functions/hotItems/events.ts';
import type { CloseReport } from '../../shared/runtime/closing/closeWindows.ts';
import { readDefinitions } from './definitions.ts';
import { exportRows } from './exportRows.ts';
import { type CountedInputs, inputsOf } from './inputs.ts';
import { parseOptions, type StartOptions, stackOptions, usableFolder } from './options.ts';
import type { Speed } from './replay.ts';
import { type Picture, type Screen, screenOn } from './screen.ts';
import { PROJECT_ROOT, type Stack, startStack } from './stack.ts';
import { readStatus } from './status.ts';

const FIRST_ARGUMENT = 2;
const INTERRUPTED = 130;
/** A terminal sends Ctrl-C to npm and to us, and npm passes its own on: within this time it is the same one. */
const SAME_SIGNAL_MS = 1_000;

// What fails where nobody waits for it: a server that ends, a disk that is full.
process.on('uncaughtException', end);
try {
  await main(parseOptions(process.argv.slice(FIRST_ARGUMENT)));
  process.exit(0);
} catch (error) {
  end(error);
}

function end(error: unknown): never {
  const { exitCode, line } = endingOf(error);
  if (line !== undefined) process.stderr.write(`error: ${line}\n`);
  return process.exit(exitCode);
}

async function main(options: StartOptions): Promise<void> {
  const definitions = readDefinitions({ root: PROJECT_ROOT, stage: LOCAL_STAGE });
  const out = options.out === undefined ? undefined : usableFolder('--out', options.out);
  const input = await inputsOf(options.input, options.timeUnit, definitions);
  const given = await stackOptions(options);
  const stopping = stopOnSignals();
  const progress: Progress = { put: 0, windowsClosed: 0, changes: 0 };
  const stack = await startStack({
    ...given,
    onWarning: (line) => void process.stderr.write(`warning: ${line}\n`),
    onResult(name, result) {
      progress.changes += 1;
      if (name === 'closeWindows') progress.windowsClosed += windowsClosedIn(result);
    },
  });
  // Commands find it from here on, and no more once it ends, however that is.
  process.once('exit', announceStack({ pid: process.pid, ...stack.endpoints }));
  try {
    await run({
      stack,
      input,
      progress,
      stopping,
      once: options.once ?? false,
      speed: options.speed,
      out,
    });
  } finally {
    await stack.stop();
  }
}

interface Progress {
  put: number;
  windowsClosed: number;
  /** What happened since the start that a picture may show. */
  changes: number;
}

interface Run {
  readonly stack: Stack;
  readonly input: CountedInputs;
  readonly progress: Progress;
  readonly stopping: AbortSignal;
  readonly once: boolean;
  readonly speed: Speed;
  readonly out: string | undefined;
}

async function run(given: Run): Promise<void> {
  const { stack, input, progress, stopping, once, out } = given;
  const screen = screenOn(process.stdout);
  screen.say(announcement(stack));
  const picture = async (): Promise<Picture> => {
    const status = await readStatus(stack);
    const { put, windowsClosed } = progress;
    return { put, windowsClosed, total: input.events, status };
  };
  const stopDrawing = keepDrawing(screen, picture, () => progress.changes);
  try {
    const written = await unlessStopped(processInput(given, screen), stopping);
    if (written)
      screen.say(`wrote ${written.map((file) => basename(file)).join(', ')} to ${out}\n`);
    if (!once && !stopping.aborted) {
      screen.summarize(await picture());
      screen.say(invitation(stack));
      await aborted(stopping);
    }
  } finally {
    await stopDrawing();
  }
  screen.finish(await picture());
}

/** The files written, where some were asked for. */
async function processInput(given: Run, screen: Screen): Promise<readonly string[] | undefined> {
  const { stack, input, progress, stopping, once, speed, out } = given;
  await stack.replay({
    inputs: input.inputs,
    speed,
    signal: stopping,
    onStored(events) {
      progress.put += events;
      progress.changes += 1;
    },
    onRepeated(stream, { events, reason }) {
      screen.say(
        `warning: ${stream}: a record of ${events} events is put again; they may be there twice (${reason})\n`,
      );
    },
  });
  await stack.waitUntilDrained();
  if (once) await stack.flush();
  return out === undefined ? undefined : exportRows(stack, out);
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

/** Draws every so often, where something happened since; the result stops it and waits for a picture under way. */
function keepDrawing(
  screen: Screen,
  picture: () => Promise<Picture>,
  changes: () => number,
): () => Promise<void> {
  const stopped = new AbortController();
  const drawing = (async () => {
    for (let drawn = -1; ; ) {
      await delay(screen.interval, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
      const shown = changes();
      if (shown === drawn) continue;
      // A picture that cannot be read now is drawn next time; what fails the work is said by the work.
      await picture().then(
        (read) => {
          screen.draw(read);
          drawn = shown;
        },
        () => {},
      );
    }
  })();
  return () => {
    stopped.abort();
    return drawing;
  };
}

/** Ctrl-C ends everything in order; a second one at once. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) {
        firstAt = performance.now();
        stopping.abort();
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    });
  }
  return stopping.signal;
}

function windowsClosedIn(reports: unknown): number {
  return Object.values((reports ?? {}) as Record<string, CloseReport>).reduce(
    (sum, { windowsClosed }) => sum + windowsClosed,
    0,
  );
}

function announcement({ endpoints, logFile }: Stack): string {
  return [
    'Tidemark on embedded servers:',
    `  Kinesis   ${endpoints.kinesis}`,
    `  DynamoDB  ${endpoints.dynamodb}`,
    `  Lambda    ${endpoints.lambda}`,
    `  what the functions print goes to ${logFile}`,
    '',
  ].join('\n');
}

/** How to put an event of one's own; the time is the shell's, so that the line stays good. */
function invitation({ endpoints, definitions }: Stack): string {
  const { accessKeyId, secretAccessKey } = LOCAL_CREDENTIALS;
  const stream = definitions.streams.find(({ name }) => name === userBehavior.stream)?.physicalName;
  const event = '{"userId":"1","itemId":"42","categoryId":"7","behavior":"pv","timestamp":';
  return [
    'The input is processed. Put an event of your own (any credentials will do):',
    '',
    `  echo '${event}'$(date +%s)000'}' | \\`,
    `    AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} aws kinesis put-record \\`,
    `    --endpoint-url ${endpoints.kinesis} --region ${definitions.region} \\`,
    `    --stream-name ${stream} --partition-key 42 \\`,
    '    --data fileb:///dev/stdin',
    '',
    `DynamoDB answers at ${endpoints.dynamodb}, Lambda at ${endpoints.lambda}.`,
    'The first window with it closes at the next full five minutes; a schedule looks every minute.',
    'Ctrl-C ends everything.',
    '',
  ].join('\n');
}
