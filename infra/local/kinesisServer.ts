/**
 * The embedded Kinesis: the npm package kinesis-local, as a child process of its own, so that its work takes
 * the other core. It ends with its parent; see kinesisProcess.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from '../../cli/failure.ts';
import type { KinesisNews } from './kinesisProcess.ts';

export interface KinesisServer {
  readonly endpoint: string;
  /** Ends the child; with a data folder, once everything is saved. */
  stop(): Promise<void>;
}

const SAVE_INTERVAL = '1s';
const SAVED_FILE = 'kinesis.json';

/**
 * Starts the server and waits until it listens.
 * @param options.port 0 takes a free one
 * @param options.dataDirectory where streams are saved, every second while they change, and loaded from; in memory without
 * @param options.logFile what the server prints
 * @param options.onChange hears of puts and of shards that are others
 * @param options.onWarning hears what was lost of the streams, in a line
 */
export async function startKinesisServer(options: {
  port: number;
  region: string;
  dataDirectory?: string;
  logFile: string;
  onChange?: () => void;
  onWarning?: (line: string) => void;
}): Promise<KinesisServer> {
  const log = openSync(options.logFile, 'a');
  const child = fork(fileURLToPath(new URL('kinesisProcess.ts', import.meta.url)), [], {
    // A process group of its own: Ctrl-C reaches the parent alone, which then ends things in order.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: [],
    env: { ...process.env, ...environmentOf(options) },
  });
  closeSync(log);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = await portOf(child, options);
  let isStopping = false;
  // Nobody waits for a server that serves: what ends it then ends the process, which says why.
  child.on('message', (news: KinesisNews) => {
    if (news.kind === 'changed') options.onChange?.();
    if (news.kind === 'failure') throw new CommandFailure(news.line);
  });
  child.once('exit', (code) => {
    if (!isStopping) throw endedUnasked(code, options.logFile);
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop() {
      isStopping = true;
      if (child.connected) child.disconnect();
      const code = await exited;
      // What came last could not be saved; the log may go with the stack.
      if (code !== 0) throw new CommandFailure(lastLineOf(options.logFile));
    },
  };
}

function environmentOf(options: { port: number; region: string; dataDirectory?: string }) {
  const shortly = '20ms';
  return {
    TIDEMARK_PORT: String(options.port),
    // Sockets, not ports: see kinesisProcess.ts.
    KINESIS_MOCK_PLAIN_PORT: '1',
    KINESIS_MOCK_TLS_PORT: '2',
    AWS_REGION: options.region,
    SHARD_LIMIT: '1000',
    LOG_LEVEL: 'ERROR',
    CREATE_STREAM_DURATION: shortly,
    DELETE_STREAM_DURATION: shortly,
    MERGE_SHARDS_DURATION: shortly,
    SPLIT_SHARD_DURATION: shortly,
    UPDATE_SHARD_COUNT_DURATION: shortly,
    ...(options.dataDirectory === undefined ? {} : persistence(options.dataDirectory)),
  };
}

function persistence(directory: string) {
  mkdirSync(directory, { recursive: true });
  return {
    SHOULD_PERSIST_DATA: 'true',
    LOAD_DATA_IF_EXISTS: 'true',
    PERSIST_PATH: directory,
    PERSIST_FILE_NAME: SAVED_FILE,
    PERSIST_INTERVAL: SAVE_INTERVAL,
    TIDEMARK_SAVED_TO: join(directory, SAVED_FILE),
  };
}

function portOf(
  child: ChildProcess,
  { logFile, onWarning }: { logFile: string; onWarning?: (line: string) => void },
): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('message', (news: KinesisNews) => {
      if (news.kind === 'ready') resolve(news.port);
      if (news.kind === 'warning') onWarning?.(news.line);
      if (news.kind === 'failure') reject(new CommandFailure(news.line));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(endedUnasked(code, logFile)));
  });
}

const lastLineOf = (logFile: string): string =>
  readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ||
  'the Kinesis server failed at its end';

const endedUnasked = (code: number | null, logFile: string): Error =>
  new CommandFailure(`the Kinesis server ended with code ${code}; ${logFile} says why`);
