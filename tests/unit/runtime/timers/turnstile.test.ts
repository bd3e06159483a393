/** One after the other, whatever becomes of those before. */
import { expect, it } from 'vitest';
import { Turnstile } from '../../../../shared/runtime/timers/turnstile.ts';

/** Work that a test ends by hand. */
function openWork(name: string, done: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = async () => {
    done.push(`${name} begins`);
    const result = await promise;
    done.push(`${name} ends`);
    return result;
  };
  return { work, resolve, reject };
}

const settled = async () => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

it('lets work begin once what came before it is done, in the order in which it came', async () => {
  const done: string[] = [];
  const turnstile = new Turnstile();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => openWork(name, done)) as [
    ReturnType<typeof openWork>,
    ReturnType<typeof openWork>,
    ReturnType<typeof openWork>,
  ];
  const results = [a, b, c].map(({ work }) => turnstile.take(work));
  // The last is ready first.
  c.resolve('of c');
  b.resolve('of b');
  await settled();
  expect(done).toEqual(['a begins']);
  a.resolve('of a');
  expect(await Promise.all(results)).toEqual(['of a', 'of b', 'of c']);
  expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

it('tells of a failure whoever asked for the work, and lets the next one through', async () => {
  const turnstile = new Turnstile();
  const failing = turnstile.take(() => Promise.reject(new Error('of the first')));
  const throwing = turnstile.take(() => {
    throw new Error('of the second');
  });
  const next = turnstile.take(async () => 'done');
  await expect(failing).rejects.toThrow('of the first');
  await expect(throwing).rejects.toThrow('of the second');
  expect(await next).toBe('done');
});

it('lets work through that comes while other work is under way, or long after', async () => {
  const turnstile = new Turnstile();
  const order: string[] = [];
  const outer = turnstile.take(async () => {
    order.push('outer');
    return { inner: turnstile.take(async () => order.push('inner')) };
  });
  await (await outer).inner;
  await turnstile.take(async () => order.push('later'));
  expect(order).toEqual(['outer', 'inner', 'later']);
});
