/** How far the estimate is off, over many sets and over the whole range of sizes. */
import { describe, expect, it } from 'vitest';
import {
  addHash,
  estimate,
  HYPER_LOG_LOG_ERROR,
  type Registers,
} from '../../../shared/aggregates/hyperLogLog.ts';
import { hyperLogLog } from '../../../shared/index.ts';
import { fold } from '../../support/aggregates.ts';

const REGISTERS = 2 ** 14;
const same = (text: string) => text;

/** Relative errors, as their mean and as the root of their mean square. */
function spread(estimates: readonly number[], size: number) {
  const errors = estimates.map((each) => each / size - 1);
  const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return { mean: meanOf(errors), rms: Math.sqrt(meanOf(errors.map((error) => error ** 2))) };
}

/** 32-bit words of Doty-Humphrey's generator sfc32, which passes PractRand: as good as the hashes of new ids. */
function randomWords(seed: number): () => number {
  let [a, b, c, counter] = [seed, 0x9e3779b9, 0x243f6a88, 1];
  const next = () => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word;
  };
  for (let i = 0; i < 16; i += 1) next();
  return next;
}

/** What is estimated of one random set while it grows through these sizes. */
function* estimatesOf(seed: number, sizes: readonly number[]): Generator<[number, number]> {
  const registers: Registers = new Uint8Array(REGISTERS);
  const next = randomWords(seed);
  let added = 0;
  for (const size of sizes) {
    for (; added < size; added += 1) addHash(registers, next(), next());
    yield [size, estimate(registers)];
  }
}

describe('the estimate', () => {
  // Log-spaced, and the place where linear counting and Flajolet's estimate meet.
  const sizes = [
    ...[10, 20, 50, 100, 250, 700, 2_000, 5_500, 15_000, 30_000],
    ...[2.5 * REGISTERS, 41_000, 2.75 * REGISTERS, 3 * REGISTERS],
    ...[65_000, 120_000, 250_000, 500_000, 1_000_000, 2_000_000],
  ];
  const SETS = 100;
  /** One id lost in ten is an error of 10 %, so small sets are looked at more often, and cost little. */
  const SMALL_SETS = 1_000;
  const SMALL_MAX = 15_000;

  /**
   * A set grows through all sizes; 200 million ids are drawn as the hashes they would have, since hashing as many texts
   * takes a quarter of a minute. The mean of 100 errors of 0.81 % has a standard error of 0.08 %, so other seeds may
   * miss 0.15 % at some large size; these are fixed, and what they show is that there is nothing of the
   * 2.3 % that a seam makes.
   */
  it('has no bias worth its name and the stated error, from 10 ids to 2 million', {
    timeout: 120_000,
  }, () => {
    const estimates = new Map<number, number[]>(sizes.map((size) => [size, []]));
    for (let seed = 1; seed <= SMALL_SETS; seed += 1) {
      const sizeMax = seed <= SETS ? Number.POSITIVE_INFINITY : SMALL_MAX;
      const grown = sizes.filter((size) => size <= sizeMax);
      for (const [size, found] of estimatesOf(seed, grown)) estimates.get(size)?.push(found);
    }
    for (const [size, each] of estimates) {
      const { mean, rms } = spread(each, size);
      expect(Math.abs(mean), `mean at ${size}`).toBeLessThanOrEqual(0.0015);
      expect(rms, `rms at ${size}`).toBeLessThanOrEqual(0.0095);
    }
  });

  it.each<[string, (set: number, n: number) => string]>([
    ['consecutive numbers', (set, n) => String(set * 1_000_000 + n)],
    ['numbered texts', (set, n) => `u${set * 7_777_777 + n}`],
    ['UUIDs that differ in little', (set, n) => uuidOf(set, n)],
  ])('has no bias either for ids that look like ours: %s', (_, idOf) => {
    const size = 41_000;
    const sets = Array.from({ length: 20 }, (_, set) => set);
    const estimator = hyperLogLog(same);
    const estimates = sets.map((set) => {
      const ids = Array.from({ length: size }, (_, n) => idOf(set, n));
      return estimator.result(fold(estimator, ids));
    });
    const { mean, rms } = spread(estimates, size);
    // Three standard errors of a mean of 20, and of their root mean square.
    expect(Math.abs(mean)).toBeLessThan((3 * HYPER_LOG_LOG_ERROR) / Math.sqrt(20));
    expect(rms).toBeLessThan(1.5 * HYPER_LOG_LOG_ERROR);
  });

  it('counts ranks up to the last one, which says only that all bits were zero', () => {
    const registers = new Uint8Array(REGISTERS);
    addHash(registers, 0, 0);
    expect(registers[0]).toBe(33);
    expect(estimate(registers)).toBeCloseTo(1, 3);
    const rankEach = (rank: number) => estimate(new Uint8Array(REGISTERS).fill(rank));
    // One rank more is twice as many ids; of the last rank, nobody knows how many.
    expect(rankEach(32) / rankEach(31)).toBeCloseTo(2, 6);
    expect(rankEach(33)).toBe(Number.POSITIVE_INFINITY);
    registers.fill(33);
    registers[1] = 32;
    const almost = estimate(registers);
    expect(almost).toBeGreaterThan(rankEach(32));
    expect(almost).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it('answers 0 for nothing', () => {
    expect(hyperLogLog(same).result(hyperLogLog(same).init())).toBe(0);
  });
});

function uuidOf(set: number, n: number): string {
  const digits = n.toString(16).padStart(8, '0');
  return `${digits}-0000-4000-8000-${set.toString(16).padStart(12, '0')}`;
}
