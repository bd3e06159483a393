/** Showing something again and again. */
import { expect, it } from 'vitest';
import { watch } from '../../../cli/watch.ts';

/** What happened, in order; each reading is one of the answers. */
async function watched(answers: readonly (string | Error)[]): Promise<string[]> {
  const log: string[] = [];
  const left = [...answers];
  await watch({
    async read() {
      const answer = left.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? '';
    },
    show: (seen) => void log.push(`show ${seen}`),
    onFailure: (problem) => void log.push(`failed ${(problem as Error).message}`),
    async pause() {
      log.push('pause');
      return left.length > 0 ? 'goOn' : 'stop';
    },
  });
  return log;
}

it('shows each reading, with a pause after it', async () => {
  expect(await watched(['a', 'b'])).toEqual(['show a', 'pause', 'show b', 'pause']);
});

it('goes on after a reading that failed', async () => {
  expect(await watched(['a', new Error('out of reach'), 'b'])).toEqual([
    'show a',
    'pause',
    'failed out of reach',
    'pause',
    'show b',
    'pause',
  ]);
});

it('fails where the first reading fails', async () => {
  await expect(watched([new Error('no such stage'), 'b'])).rejects.toThrow('no such stage');
});
