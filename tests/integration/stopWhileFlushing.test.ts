/** A stack that is stopped in the middle of a flush, as by Ctrl-C with `--once`. */
import { expect, it } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';

const START = Date.UTC(2024, 0, 1, 9);

it('lets the invocation under way finish while its servers are still there, and begins no other', async () => {
  const results: string[] = [];
  const failures: unknown[] = [];
  const stack = await startStack({
    shards: 1,
    onResult: (name) => void results.push(name),
    onFailure: (_, error) => void failures.push(error),
  });
  const events = Array.from({ length: 300 }, (_, n) => {
    const event = { userId: `u${n % 50}`, itemId: '1', categoryId: '1', behavior: 'pv' };
    const line = JSON.stringify({ ...event, timestamp: START + n * 60_000 });
    return { line, partitionKey: '1' };
  });
  const inputs = [{ name: 'views', stream: 'user-behavior', events: () => events }];
  await stack.replay({ inputs, speed: 'max' });
  await stack.waitUntilDrained();

  const begun = Promise.withResolvers<void>();
  const steps: string[] = [];
  const outcome = stack
    .flush(({ functionName, job }) => {
      steps.push(`${functionName} ${job}`);
      if (functionName === 'closeWindows') begun.resolve();
    })
    .catch(String);
  await begun.promise;
  results.length = 0;
  await stack.stop();
  expect(results.filter((name) => name === 'closeWindows')).toHaveLength(1);
  expect(await outcome).toBe('Error: the stack stops');
  expect(steps.at(-1)).toBe('closeWindows hot-items@1');
  expect(failures).toEqual([]);
});
