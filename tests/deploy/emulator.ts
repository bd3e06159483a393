/** A LocalStack-compatible server, ministack, on a free port of 127.0.0.1, with nothing of this machine's environment. */
import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

export interface Emulator {
  readonly endpoint: string;
  /** The end of what the server printed. */
  logTail(): string;
  /** Ends the server and the functions it runs. */
  stop(): Promise<void>;
}

const READY_MS_MAX = 60_000;
const LOG_TAIL_LINES = 60;
/** What functions and commands may need of the machine: Node 24 first, whatever else it has. */
export const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;

/**
 * @param options.python of the virtual environment
 * @param options.folder for what it writes; removed with it, also when this process dies
 */
export async function startEmulator(options: {
  python: string;
  folder: string;
}): Promise<Emulator> {
  const { python, folder } = options;
  const port = await freePort();
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const logFile = join(folder, 'emulator.log');
  const log = openSync(logFile, 'a');
  const child = fork(
    fileURLToPath(new URL('emulatorProcess.ts', import.meta.url)),
    [folder, python, '-m', 'ministack'],
    {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [],
      // Functions get all of it.
      env: {
        PATH,
        HOME: folder,
        TMPDIR: temporary,
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        IOT_MTLS_ENABLED: '0',
        LAMBDA_EXECUTOR: 'local',
      },
    },
  );
  closeSync(log);
  const state = { hasEnded: false };
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      state.hasEnded = true;
      resolve();
    });
  });
  const logTail = () =>
    readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  const emulator: Emulator = {
    endpoint: `http://127.0.0.1:${port}`,
    logTail,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
      // Where the server had ended by itself.
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually('the emulator to be ready', READY_MS_MAX, async () => {
      if (state.hasEnded) throw new Error('the emulator has ended');
      return (await isHealthy(emulator.endpoint)) ? { done: true } : { missing: 'no answer yet' };
    });
  } catch (problem) {
    const log = logTail();
    await emulator.stop();
    throw new Error(`the emulator did not start; its log ends:\n${log}`, { cause: problem });
  }
  return emulator;
}

const isHealthy = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/_ministack/health`).then(
    ({ ok }) => ok,
    () => false,
  );

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
