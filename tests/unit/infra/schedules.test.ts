/** Scheduled functions on the local stack: an invocation for each job, as the deployment has a rule for each. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFlushes } from '../../../infra/local/flush.ts';
import { startSchedules } from '../../../infra/local/schedules.ts';

const scheduleOf = (job: string) => ({
  rate: 'rate(1 minute)',
  input: { source: 'tidemark.schedule', job },
});
const function_ = (name: string, jobs: readonly string[]) => ({
  name,
  physicalName: name,
  handler: '',
  timeoutSeconds: 60,
  memoryMegabytes: 1_024,
  mappings: [],
  schedules: jobs.map(scheduleOf),
});
const definitions = {
  functions: [
    function_('hotItems', []),
    function_('closeWindows', ['a@1', 'b@1']),
    function_('fireTimers', ['b@1', 'c@1']),
  ],
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('every minute each job has an invocation of its own, whatever becomes of the others', async () => {
  const invoked: unknown[] = [];
  const failures: unknown[] = [];
  const schedules = startSchedules({
    definitions,
    invoke: async (name, event) => {
      invoked.push([name, event]);
      if (JSON.stringify(event).includes('a@1')) throw new Error('a@1 fails');
    },
    onFailure: (failure) => failures.push(String(failure)),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  const minute = [
    ['closeWindows', { source: 'tidemark.schedule', job: 'a@1' }],
    ['closeWindows', { source: 'tidemark.schedule', job: 'b@1' }],
    ['fireTimers', { source: 'tidemark.schedule', job: 'b@1' }],
    ['fireTimers', { source: 'tidemark.schedule', job: 'c@1' }],
  ];
  expect(invoked).toEqual(minute);
  expect(failures).toEqual(['Error: a@1 fails']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(invoked).toEqual([...minute, ...minute]);
  await schedules.stop();
});

it('a flush ends the input for each job, timers first, until none is left, and says who failed', async () => {
  const invoked: string[] = [];
  const left = new Map([['closeWindows b@1', 2]]);
  const { flush } = createFlushes(definitions, {
    waitUntilIdle: async () => {},
    async invoke(name, event) {
      const { source, job } = event as { source: string; job: string };
      expect(source).toBe('tidemark.flush');
      const run = `${name} ${job}`;
      invoked.push(run);
      if (run === 'fireTimers b@1') throw new Error('b@1 fails');
      const more = left.get(run) ?? 0;
      left.set(run, more - 1);
      return { [job]: { outcome: 'closed', hasMore: more > 0 } };
    },
  });
  const outcome = flush().catch(String);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toBe('Error: b@1 fails');
  expect(invoked).toEqual([
    'fireTimers b@1',
    'fireTimers c@1',
    'closeWindows a@1',
    'closeWindows b@1',
    'closeWindows b@1',
    'closeWindows b@1',
  ]);
});

it('a flush that is stopped ends with the invocation under way, and begins nothing more', async () => {
  const invoked: string[] = [];
  const underWay = Promise.withResolvers<unknown>();
  const flushes = createFlushes(definitions, {
    waitUntilIdle: async () => {},
    invoke(name, event) {
      invoked.push(`${name} ${(event as { job: string }).job}`);
      return underWay.promise;
    },
  });
  const outcome = flushes.flush().catch(String);
  await vi.advanceTimersByTimeAsync(0);
  let hasStopped = false;
  const stopped = flushes.stop().then(() => {
    hasStopped = true;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(hasStopped).toBe(false);
  // Also where it has more to do: another call would come for the rest.
  underWay.resolve({ 'b@1': { outcome: 'closed', hasMore: true } });
  await stopped;
  expect(await outcome).toBe('Error: the stack stops');
  await expect(flushes.flush()).rejects.toThrow('the stack stops');
  expect(invoked).toEqual(['fireTimers b@1']);
});
