/** What a disturbed stack does to invocations, seen from the functions. */
import { describe, expect, it } from 'vitest';
import { disturbed, type Faults } from '../../../infra/local/chaos/faults.ts';
import { emptyTally, type Tally, tallyText } from '../../../infra/local/chaos/tally.ts';
import type { LocalFunctions } from '../../../infra/local/functions.ts';
import { randomFrom } from '../../../inputs/generate/random.ts';

const LANES = ['shardId-000000000000', 'shardId-000000000001'];

const batch = (shard: string, n: number) => ({
  Records: [{ eventID: `${shard}:${n}`, eventSourceARN: 'arn:aws:kinesis:r:0:stream/views', n }],
});

interface Disturbed extends Faults {
  readonly tally: Tally;
  /** What the functions saw, in order. */
  readonly seen: string[];
  /** What functions of another environment saw. */
  readonly zombies: string[];
  advance(ms: number): void;
}

/** @param kill what becomes of an invocation that is to be killed */
function start(
  kill: (event: unknown) => Promise<unknown> = () => Promise.reject(new Error('killed')),
  zombie: Promise<unknown> = Promise.resolve(),
  /** What an invocation of the functions waits for. */
  work: () => Promise<unknown> = () => Promise.resolve(),
): Disturbed {
  let now = 0;
  const tally = emptyTally();
  const seen: string[] = [];
  const zombies: string[] = [];
  const noting = (where: string[], result: () => Promise<unknown>): LocalFunctions => ({
    has: () => true,
    async invoke(name, event) {
      where.push(`${name} ${JSON.stringify(event)}`);
      await result();
      return 'done';
    },
  });
  const faults = disturbed({
    functions: noting(seen, work),
    others: noting(zombies, () => zombie),
    victims: { isReady: true, invoke: (_, event) => kill(event), stop: async () => {} },
    random: randomFrom(1),
    tally,
    onFailure: () => {},
    now: () => now,
  });
  const advance = (ms: number) => {
    now += ms;
  };
  return { ...faults, tally, seen, zombies, advance };
}

/** As a mapping does it: a batch that fails comes again. */
async function deliverAll(stack: Disturbed, count: number): Promise<number> {
  let failures = 0;
  for (let n = 0; n < count; n += 1) {
    for (const shard of LANES) {
      for (let isDone = false; !isDone; ) {
        stack.advance(100);
        isDone = await stack.functions.invoke('pvuv', batch(shard, n)).then(
          () => true,
          () => false,
        );
        if (!isDone) failures += 1;
      }
    }
  }
  return failures;
}

const numbersOf = (seen: readonly string[], shard: string): number[] =>
  seen.filter((each) => each.includes(shard)).map((each) => Number(/"n":(\d+)/.exec(each)?.[1]));

describe('a disturbed stack', () => {
  it('kills, repeats, doubles and sets back, and says how often', async () => {
    const stack = start();
    const failures = await deliverAll(stack, 300);
    const { twice, late } = stack.tally;
    expect(failures).toBeGreaterThan(5);
    expect(twice).toBeGreaterThan(5);
    expect(late).toBeGreaterThan(5);
    expect(stack.zombies.length).toBeGreaterThan(2);
    const again = stack.seen.length - 2 * 300;
    expect(again).toBe(late + twice - stack.zombies.length);
  });

  it('gives each lane all of its batches, in order but for what was there before', async () => {
    const stack = start();
    await deliverAll(stack, 300);
    for (const shard of LANES) {
      let greatest = -1;
      for (const n of numbersOf(stack.seen, shard)) {
        expect(n).toBeLessThanOrEqual(greatest + 1);
        greatest = Math.max(greatest, n);
      }
      expect(greatest).toBe(299);
    }
  });

  it('comes back from an older checkpoint with every batch behind it', async () => {
    const stack = start();
    await deliverAll(stack, 300);
    const [shard = ''] = LANES;
    const numbers = numbersOf(stack.seen, shard);
    const setBack = numbers.flatMap((n, i) => (n < (numbers[i - 1] ?? 0) ? [i] : []));
    expect(setBack.length).toBeGreaterThan(0);
    for (const at of setBack) {
      const greatest = Math.max(...numbers.slice(0, at));
      const from = numbers[at] ?? 0;
      const behind = Array.from({ length: greatest - from }, (_, i) => from + i);
      expect(numbers.slice(at, at + behind.length)).toEqual(behind);
    }
  });

  it('takes an invocation that was over before its death as done, and tries another one', async () => {
    let tries = 0;
    const stack = start(async () => {
      tries += 1;
      return 'over';
    });
    expect(await deliverAll(stack, 20)).toBe(0);
    expect(tries).toBeGreaterThan(20);
  });

  it('kills what schedules invoke, and repeats none of it', async () => {
    const stack = start();
    let failures = 0;
    for (let n = 0; n < 100; n += 1) {
      stack.advance(500);
      await stack.functions.invoke('closeWindows', { job: 'pvuv@1' }).catch(() => {
        failures += 1;
      });
    }
    expect(failures).toBeGreaterThan(5);
    expect(stack.seen.length).toBe(100 - failures);
    expect(stack.tally).toMatchObject({ twice: 0, late: 0 });
  });

  it('is calm once its zombies have ended, and does nothing more', async () => {
    let end = () => {};
    const zombie = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stack = start(undefined, zombie);
    await deliverAll(stack, 100);
    expect(stack.zombies.length).toBeGreaterThan(0);
    let isCalm = false;
    const calm = stack.calm().then(() => {
      isCalm = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isCalm).toBe(false);
    end();
    await calm;
    const before = { ...stack.tally, seen: stack.seen.length };
    expect(await deliverAll(stack, 100)).toBe(0);
    expect({ ...stack.tally, seen: stack.seen.length }).toEqual({
      ...before,
      seen: before.seen + 2 * 100,
    });
  });

  it('does nothing more to a batch that is under way as it becomes calm, and waits for it', async () => {
    let work = Promise.resolve();
    const stack = start(undefined, undefined, () => work);
    await deliverAll(stack, 10);
    // Whatever the seed draws, a fault of each kind is due now; the first of them is a kill.
    stack.advance(60_000);
    await stack.functions.invoke('pvuv', batch(LANES[0] ?? '', 10)).catch(() => {});
    const { promise, resolve: end } = Promise.withResolvers<void>();
    work = promise;
    const before = { ...stack.tally, seen: stack.seen.length };
    const delivered = stack.functions.invoke('pvuv', batch(LANES[0] ?? '', 10));
    let isCalm = false;
    const calm = stack.calm().then(() => {
      isCalm = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isCalm).toBe(false);
    end();
    await Promise.all([delivered, calm]);
    // It had become a zombie before; it does not come again, nor do earlier ones.
    const after = { ...before, twice: before.twice + 1, seen: before.seen + 1 };
    expect({ ...stack.tally, seen: stack.seen.length }).toEqual(after);
  });
});

it.each([
  [
    { killed: 37, twice: 12, late: 9, split: 1 },
    'killed 37 invocations, delivered 12 batches twice and 9 late, split 1 shard',
  ],
  [
    { killed: 1, twice: 1, late: 0, split: 0 },
    'killed 1 invocation, delivered 1 batch twice and 0 late, split 0 shards',
  ],
])('%o is said as it is', (tally, text) => {
  expect(tallyText(tally)).toBe(text);
});
