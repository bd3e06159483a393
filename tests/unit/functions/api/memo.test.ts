/** What is remembered is bounded, and nobody who waits is forgotten. */
import { describe, expect, it } from 'vitest';
import { createMemo } from '../../../../functions/api/memo.ts';

const KEEP_MS = 2_000;
const MB = 1024 * 1024;

describe('the memo', () => {
  it('answers who waits, though its answer is thrown out by others meanwhile', async () => {
    const memo = createMemo(() => 1);
    const { promise, resolve } = Promise.withResolvers<string>();
    let made = 0;
    const slow = memo.answer('slow', KEEP_MS, () => {
      made += 1;
      return promise;
    });
    for (let n = 0; n < 5; n += 1) {
      await memo.answer(`large ${n}`, KEEP_MS, async () => 'x'.repeat(5 * MB));
    }
    resolve('made');
    expect([await slow, made]).toEqual(['made', 1]);
  });

  it.each([
    ['10,000 small ones', 'x', 10_000],
    ['16 MB of large ones', 'x'.repeat(5 * MB), 3],
  ])('holds %s', async (_, text, held) => {
    const memo = createMemo(() => 1);
    const remembered = async (n: number) => {
      let isMade = false;
      await memo.answer(`${n}`, KEEP_MS, async () => {
        isMade = true;
        return text;
      });
      return !isMade;
    };
    for (let n = 0; n <= held; n += 1) await remembered(n);
    expect([await remembered(held), await remembered(0)]).toEqual([true, false]);
  });

  it('gives a failure to all who waited for it, and to nobody else', async () => {
    const memo = createMemo(() => 1);
    const { promise, reject } = Promise.withResolvers<string>();
    const waiting = [1, 2].map(() => memo.answer('key', KEEP_MS, () => promise));
    reject(new Error('throttled'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await memo.answer('key', KEEP_MS, async () => 'well')).toBe('well');
  });
});
