/** The time of a scheduled run: each job has all of it, and none begins what it could not bring to its swap. */
import { beforeEach, expect, it, vi } from 'vitest';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { hotPages } from '../../../functions/hotPages/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import type { JobFamily } from '../../../shared/job/job.ts';
import { scheduledHandler } from '../../../shared/lambda/scheduled.ts';

const FAMILIES: readonly JobFamily[] = [hotItems, hotPages, pvuv];

beforeEach(() => {
  vi.stubEnv('TIDEMARK_STAGE', 'test');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
});

it.each([
  ['one job', { source: 'tidemark.schedule', job: 'pvuv@1' }, 1],
  ['all jobs', {}, 3],
])('%s may begin another round while half of the time is left', async (_, event, jobs) => {
  let remaining = 60_000;
  const answers: boolean[] = [];
  const handler = scheduledHandler({
    name: 'closeWindows',
    families: FAMILIES,
    create:
      () =>
      async (_trigger, hasTime = () => false) => {
        for (const left of [60_000, 30_001, 30_000]) {
          remaining = left;
          answers.push(hasTime());
        }
      },
    note: () => {},
  });
  await handler(event, { getRemainingTimeInMillis: () => remaining });
  expect(answers).toEqual(Array.from({ length: jobs }, () => [true, true, false]).flat());
});

it('a job that could not be built is built again when it is next asked for', async () => {
  let tries = 0;
  const handler = scheduledHandler({
    name: 'closeWindows',
    families: [pvuv],
    create: () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return async () => 'done';
    },
    note: () => {},
  });
  const context = { getRemainingTimeInMillis: () => 60_000 };
  await expect(handler({}, context)).rejects.toThrow('not yet');
  expect(await handler({}, context)).toEqual({ 'pvuv@1': 'done' });
  expect(await handler({}, context)).toEqual({ 'pvuv@1': 'done' });
  expect(tries).toBe(2);
});
