/** Seeds that failed once pass, each in the world that it has today. */
import { describe, expect, it } from 'vitest';
import { runCorpus } from './corpus.ts';
import { simulate } from './run.ts';

/**
 * Seeds that failed once, and why. A change of the simulator gives old seeds new worlds, so each bug is also
 * a canary (`canaries.ts`), which keeps it caught.
 */
const SEEDS: readonly (readonly [seed: number, bug: string, job?: string])[] = [
  [6, 'unread commits were left in the log until they expired'],
  [62, 'a late event that throws was late or dead, depending on its batch'],
  [79, 'side output could not be read over gaps of expired commits'],
  [95, 'windows behind a silent lane expired before they were closed'],
  [1_064, 'two overlapping closing runs gave different rows the same revision'],
  [
    17_486,
    'an event whose state was forgotten was dead or accepted, depending on how often it came',
  ],
  [4, 'the watermark of a dead letter depended on where its batch ended', 'login-fail'],
  [2_696, 'a log was taken for lost that was just being written', 'ad-blacklist'],
  [81, 'a log was taken for lost that was just being written', 'pvuv'],
  [6_472, 'somebody slow who opened a lane did not find it where it was retired meanwhile'],
  [15_644, 'the oracle took a record that was overtaken for the last one before a silence'],
  [6_910, 'a retired lane of a keyed job that a zombie opened again was listed for ever'],
  [399, 'no timer fired on a lane that had never had an event of its own, but redriven ones'],
];

const WITH_LOW_LIMITS: readonly (readonly [seed: number, bug: string])[] = [
  [50_332, 'what had been brought again of one commit was taken for brought again of the next'],
  [
    62_941,
    'a lane stood still for a commit: a time-out was set at the very place where letting go stopped',
  ],
  [4_652, 'runs that were rare did not get round to renewing all that a store is restored from'],
  [50_907, 'a call that gave way in the middle of closing said that nothing was left'],
];

describe('fixed bugs stay fixed', () => {
  it.each(SEEDS.map(([seed, bug, job]) => ({ seed, bug, job })))(
    'seed $seed: $bug',
    async ({ seed, job }) => {
      const { failure } = await simulate(seed, job ? { job } : {});
      expect(failure).toBeUndefined();
    },
  );

  it.each(WITH_LOW_LIMITS.map(([seed, bug]) => ({ seed, bug })))(
    'seed $seed with low limits: $bug',
    async ({ seed }) => {
      const { failures } = await runCorpus({
        from: seed,
        count: 1,
        failuresMax: 1,
        limits: 'tight',
      });
      expect(failures).toEqual([]);
    },
  );
});
