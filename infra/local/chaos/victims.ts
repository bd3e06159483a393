/**
 * Invocations that end in the middle: each runs in a worker thread, which is an execution environment of its own, with its own
 * clients and memory, and the thread dies at one of the invocation's requests. What it had sent has its effect, what it had not
 * sent never happens, and nobody learns how far it came.
 */
import { Worker } from 'node:worker_threads';
import type { Random } from '../../../inputs/generate/random.ts';
import { messageOf } from '../../../shared/errors.ts';
import type { FunctionsSource } from '../functions.ts';
import type { Tally } from './tally.ts';

export interface Victims {
  /** Whether an environment is up, and has nothing to do. */
  readonly isReady: boolean;
  /**
   * Throws once the thread is dead, of whatever; gives the result where the invocation was over before.
   * @param requestsMax it dies at one of so many of its requests
   */
  invoke(functionName: string, event: unknown, requestsMax: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** Where an invocation ends. */
export interface Death {
  /** At which of its requests, counted from 1. */
  readonly request: number;
  /** Before the request is sent, or when its answer has come and nothing of it is read yet. */
  readonly moment: 'unsent' | 'unheard';
}

export interface VictimTask {
  readonly name: string;
  readonly event: unknown;
  readonly death: Death;
}

export type VictimNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly message: string };

export type VictimData = Pick<FunctionsSource, 'root' | 'definitions'>;

/** A thread's exit code that no failure has: Node's own for an exception that nobody caught is 1. */
export const KILLED = 86;

export interface VictimOptions {
  readonly source: FunctionsSource;
  readonly random: Random;
  readonly tally: Tally;
  /**
   * Hears of a thread that ended without having been killed.
   * @param functionName whose invocation throws the same; undefined where none was under way
   */
  readonly onCrash: (error: Error, functionName: string | undefined) => void;
}

export function createVictims({ source, random, tally, onCrash }: VictimOptions): Victims {
  const { root, definitions, output, onResult } = source;
  const { functions, region } = definitions;
  const workerData: VictimData = { root, definitions: { functions, region } };
  let isStopped = false;
  let isReady = false;
  let invoked: string | undefined;
  let crash: Error | undefined;
  let worker = start();

  function start(): Worker {
    const started = new Worker(new URL('./victim.ts', import.meta.url), {
      workerData,
      stdout: true,
      stderr: true,
    });
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => output.log(text.trimEnd()));
    }
    let hasBegun = false;
    let failure: unknown;
    started.once('message', () => {
      hasBegun = true;
      isReady = true;
    });
    started.on('error', (error) => {
      failure = error;
      output.log(`a function to be killed: ${error.stack}`);
    });
    started.once('exit', (code) => {
      isReady = false;
      if (isStopped) return;
      if (code !== KILLED) {
        crash = crashOf(code, failure);
        onCrash(crash, invoked);
      }
      // One that cannot begin is the last: it would not begin the next time, either.
      if (hasBegun) worker = start();
    });
    return started;
  }

  return {
    get isReady() {
      return isReady && !isStopped;
    },
    async invoke(name, event, requestsMax) {
      isReady = false;
      const death: Death = {
        request: 1 + Math.floor(random() * requestsMax),
        moment: random() < 1 / 2 ? 'unsent' : 'unheard',
      };
      invoked = name;
      const news = nextOf(worker);
      worker.postMessage({ name, event, death } satisfies VictimTask);
      const told = await news;
      invoked = undefined;
      if (told === KILLED) {
        tally.killed += 1;
        throw new Error(`killed on purpose at its request ${death.request}, ${death.moment}`);
      }
      if (typeof told === 'number') throw crash ?? crashOf(told);
      isReady = true;
      if (told.kind === 'error') throw new Error(told.message);
      const result = told.kind === 'result' ? told.result : undefined;
      onResult(name, result);
      return result;
    },
    async stop() {
      isStopped = true;
      await worker.terminate();
    },
  };
}

/** What the thread tells next; its exit code where it ends before. */
function nextOf(worker: Worker): Promise<VictimNews | number> {
  return new Promise((resolve) => {
    const settle = (outcome: VictimNews | number) => {
      worker.off('message', settle);
      worker.off('exit', settle);
      resolve(outcome);
    };
    worker.on('message', settle);
    worker.on('exit', settle);
  });
}

const crashOf = (code: number, failure?: unknown): Error =>
  new Error(
    `crashed, and not on purpose: ${failure === undefined ? `exit code ${code}` : messageOf(failure)}`,
    { cause: failure },
  );
