/** Runs many seeds in worker processes, one per core, and gathers what they found. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { TIGHT_LIMITS } from './limits.ts';
import type { Report, SeedFailure, WorkerTask } from './seeds.ts';
import { Situations } from './situations.ts';

export interface CorpusResult {
  readonly seeds: number;
  readonly steps: number;
  readonly failures: readonly SeedFailure[];
  readonly situations: Situations;
}

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const CHUNK = 25;

/** Runs seeds `from` to `from + count - 1`; stops early once `failuresMax` have failed. */
export function runCorpus(options: {
  from: number;
  count: number;
  failuresMax: number;
  workers?: number;
  /** A broken engine, by name. */
  canary?: string;
  limits?: 'tight';
  /** Only this job; by default any. */
  job?: string;
  onProgress?: (result: CorpusResult) => void;
}): Promise<CorpusResult> {
  const { from, count, failuresMax, onProgress } = options;
  const workers = Math.min(options.workers ?? availableParallelism(), Math.ceil(count / CHUNK));
  // One event of a bulky record does not fit a tight commit.
  const bulk = options.limits ? 'none' : 'some';
  const variants = [
    ...(options.limits ? [TIGHT_LIMITS.name] : []),
    ...(options.canary ? [options.canary] : []),
  ];
  const result = {
    seeds: 0,
    steps: 0,
    failures: [] as SeedFailure[],
    situations: new Situations(),
  };
  let next = from;
  const end = from + count;
  const assign = (worker: ChildProcess): void => {
    if (next >= end || result.failures.length >= failuresMax) {
      worker.disconnect();
      return;
    }
    const size = Math.min(CHUNK, end - next);
    const failuresLeft = failuresMax - result.failures.length;
    const task: WorkerTask = {
      from: next,
      count: size,
      failuresMax: failuresLeft,
      bulk,
      ...(options.job ? { job: options.job } : {}),
    };
    worker.send(task);
    next += size;
  };
  const runWorker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = fork(WORKER, variants, {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: [],
      });
      worker.on('message', (report: Report | 'ready') => {
        if (report === 'ready') {
          assign(worker);
          return;
        }
        result.seeds += report.seeds;
        result.steps += report.steps;
        result.failures.push(...report.failures);
        result.situations.addAll(report.situations);
        onProgress?.(result);
        assign(worker);
      });
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with code ${code}`)),
      );
      worker.on('error', reject);
    });
  return Promise.all(Array.from({ length: workers }, runWorker)).then(() => result);
}
