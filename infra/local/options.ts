/** The options of `npm start`, checked before anything is started. */
import { mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { LOCAL_HOST, LOCAL_PORTS } from '../../cli/endpoints.ts';
import { timeUnitOption } from '../../cli/inputOptions.ts';
import { repeatable, wholeNumberOption } from '../../cli/options.ts';
import type { TimeUnit } from '../../inputs/readInput.ts';
import { UsageError } from '../../inputs/usageError.ts';
import { checkNamedKinesis } from './namedKinesis.ts';
import type { Speed } from './pace.ts';
import type { Ports } from './servers.ts';
import { claim } from './soleOwner.ts';
import { FREE_PORTS, type StackOptions } from './stack.ts';

export interface StartOptions {
  readonly once?: boolean;
  readonly out?: string;
  /** `STREAM=FILE` texts. */
  readonly input: readonly string[];
  readonly timeUnit: TimeUnit;
  readonly speed: Speed;
  /** Breaks the stack on purpose, by this seed. */
  readonly chaos?: number;
  readonly port: number;
  readonly shards?: number;
  readonly dataDir?: string;
  readonly kinesis?: string;
}

const PORT_MAX = 65_532;
const SHARDS_MAX = 64;
const SEED_MAX = 2 ** 32 - 1;
/** A minute in a second. */
const SAMPLE_SPEED = 60;

/** Throws UsageError or commander's own error. */
export function parseOptions(argv: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description('Runs all jobs on embedded servers: streams, functions, tables.')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .option(
      '--once',
      'end when the input is processed, the last windows are closed and all timers fired',
    )
    .option(
      '--out <dir>',
      'write each result table to DIR/<table>.jsonl at the end, and dead.jsonl and late.jsonl',
    )
    .addOption(
      repeatable(
        '--input <stream=file>',
        'put this file instead of the samples; may be repeated',
        'a sample of every stream',
      ),
    )
    .addOption(timeUnitOption())
    .addOption(
      new Option(
        '--speed <n|max>',
        'how many times faster than it happened (default: 60 for the samples, a minute in a second; max with --once or --input)',
      ).argParser(speedOption),
    )
    .addOption(
      new Option(
        '--chaos [seed]',
        'kill functions at random moments, deliver batches twice and late, split a shard, and compare all rows with "tidemark run" at the end',
      )
        .argParser(wholeNumberOption('--chaos', 0, SEED_MAX))
        .preset('1'),
    )
    .option(
      '--port <n>',
      'port of Kinesis; DynamoDB, Lambda and the dashboard take the next three; 0 takes free ones',
      wholeNumberOption('--port', 0, PORT_MAX),
      LOCAL_PORTS.kinesis,
    )
    .option('--shards <n>', 'shards of new streams', wholeNumberOption('--shards', 1, SHARDS_MAX))
    .option('--data-dir <dir>', 'keep everything there, and go on from it')
    .option('--kinesis <url>', 'use this Kinesis server, and leave it running', urlOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted before --once was done.',
    );
  command.parse(argv, { from: 'user' });
  const { speed, ...given } = command.opts<Given>();
  checkChaos(given);
  return { ...given, speed: speed ?? usualSpeed(given) };
}

type Given = Omit<StartOptions, 'speed'> & { readonly speed?: Speed };

/** The samples are there to be looked at. Nobody knows how many years a file of one's own takes. */
const usualSpeed = ({ once, input }: Given): Speed =>
  once || input.length > 0 ? 'max' : SAMPLE_SPEED;

/** The comparison takes everything that is on the streams, and nothing but what this stack did to it. */
function checkChaos({ chaos, dataDir, kinesis }: Given): void {
  if (chaos === undefined) return;
  const other = Object.entries({ '--data-dir': dataDir, '--kinesis': kinesis });
  const [option] = other.find(([, value]) => value !== undefined) ?? [];
  if (option === undefined) return;
  throw new UsageError(`--chaos breaks a stack of its own; leave ${option} away`);
}

function speedOption(text: string): Speed {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (text.trim() !== '' && speed > 0 && Number.isFinite(speed)) return speed;
  throw new UsageError(`--speed is "${text}"; give a number above 0, or max`);
}

function urlOption(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(`--kinesis is "${text}"; give an address such as http://127.0.0.1:4567`);
}

/** The stack these options ask for; its ports and folder are free to use, or UsageError says which is not. */
export async function stackOptions(options: StartOptions): Promise<StackOptions> {
  const { port, shards, dataDir, kinesis } = options;
  const ports = port === 0 ? FREE_PORTS : portsFrom(port);
  const dataDirectory = dataDir === undefined ? undefined : await ownFolder('--data-dir', dataDir);
  if (kinesis !== undefined) await checkNamedKinesis(kinesis);
  for (const [server, number] of Object.entries(ports)) {
    if (server === 'kinesis' && kinesis !== undefined) continue;
    await checkPort(number, server, dataDirectory === undefined ? 0 : SAVING_MS_MAX);
  }
  return {
    ports,
    ...(shards === undefined ? {} : { shards }),
    ...(dataDirectory === undefined ? {} : { dataDirectory }),
    ...(kinesis === undefined ? {} : { kinesisEndpoint: kinesis }),
  };
}

const portsFrom = (port: number): Ports => ({
  kinesis: port,
  dynamodb: port + 1,
  lambda: port + 2,
  api: port + 3,
});

/** The folder, which belongs to this process until it ends. */
async function ownFolder(option: string, folder: string): Promise<string> {
  const path = usableFolder(option, folder);
  const claimed = await claim(path);
  if (typeof claimed === 'function') return path;
  const holder = claimed.heldBy === undefined ? 'a suspended process' : `process ${claimed.heldBy}`;
  throw new UsageError(
    `${option} is "${folder}", which is in use by ${holder}; end that, or give another folder`,
  );
}

/** A Kinesis server whose stack was killed saves its streams before it goes. */
const SAVING_MS_MAX = 10_000;
const PORT_CHECK_MS = 200;

async function checkPort(port: number, server: string, patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!(await isFree(port))) {
    if (performance.now() >= giveUpAt) {
      throw new UsageError(
        `port ${port} (for ${server}) is taken; is the stack running already? --port chooses others`,
      );
    }
    await delay(PORT_CHECK_MS);
  }
}

/** Throws UsageError where it never will be, for who asks. */
function isFree(port: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EACCES') return done(false);
      fail(new UsageError(`--port ${port} is not for this user to take; give one from 1024 up`));
    });
    probe.listen(port, LOCAL_HOST, () => probe.close(() => done(true)));
  });
}

/** The folder, made where it is missing. */
export function usableFolder(option: string, folder: string): string {
  const path = resolve(folder);
  try {
    makeFolder(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option} is "${folder}", which cannot be a folder (${code})`);
  }
  return path;
}

/** One folder after the other: Node's recursive form never ends where the system refuses, as under `/proc`. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}
