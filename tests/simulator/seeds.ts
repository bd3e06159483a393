/** Runs seeds one after the other in this process. */
import { type Failure, simulate } from './run.ts';
import { Situations } from './situations.ts';
import type { WorldOptions } from './world/world.ts';

export interface SeedFailure extends Failure {
  readonly seed: number;
}

/** What a worker reports for some seeds in a row. */
export interface Report {
  readonly seeds: number;
  readonly steps: number;
  readonly failures: readonly SeedFailure[];
  readonly situations: readonly (readonly [string, number])[];
}

export interface WorkerTask extends WorldOptions {
  readonly from: number;
  readonly count: number;
  /** Stops once so many seeds have failed. */
  readonly failuresMax: number;
}

export async function runSeeds({
  from,
  count,
  failuresMax,
  ...options
}: WorkerTask): Promise<Report> {
  const situations = new Situations();
  const failures: SeedFailure[] = [];
  let steps = 0;
  let seeds = 0;
  while (seeds < count && failures.length < failuresMax) {
    const seed = from + seeds;
    const verdict = await simulate(seed, options);
    seeds += 1;
    steps += verdict.steps;
    situations.addAll(verdict.situations);
    if (verdict.failure) failures.push({ ...verdict.failure, seed });
  }
  return { seeds, steps, failures, situations: [...situations.counts] };
}
