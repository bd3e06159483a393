import { describe, expect, it } from 'vitest';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { INGEST_JOBS } from '../../../functions/jobs.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { ingestFunctionsOf } from '../../../infra/ingestFunctions.ts';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { deployedJobs, runnable, undeployedJobs } from '../../../infra/local/deployedJobs.ts';
import { type Phase, phaseText } from '../../../infra/local/phase.ts';
import { progressOf } from '../../../infra/local/progress.ts';
import { type Picture, pictureLines } from '../../../infra/local/screen.ts';
import type { JobStatus } from '../../../infra/local/status.ts';
import { NO_COUNTS } from '../../../shared/model/counts.ts';
import { watermarkAt } from '../../../shared/model/time.ts';
import { ROOT } from '../../tidy/repository.ts';

const step = (done: number, functionName = 'closeWindows') => ({
  functionName,
  job: 'pvuv@1',
  done,
  of: 10,
});

describe('the phase', () => {
  it.each<[Phase, string | RegExp]>([
    [{ kind: 'putting' }, /^putting the input$/],
    [
      { kind: 'putting', pace: { eventTimeMs: Date.UTC(2026, 2, 2, 12, 34, 5), speed: 60 } },
      /^putting the input: 12:34:05 UTC, 60 x$/,
    ],
    [{ kind: 'comparing' }, /^comparing all rows/],
    [{ kind: 'reading' }, /the functions read on/],
    [
      { kind: 'closing', step: step(1), elapsedMs: 900 },
      'closing windows of pvuv@1: 1 of 10 steps done',
    ],
    [
      { kind: 'closing', step: step(4), elapsedMs: 20_000 },
      'closing windows of pvuv@1: 4 of 10 steps done, about 30 s left',
    ],
    [
      { kind: 'closing', step: step(9, 'fireTimers'), elapsedMs: 90 },
      'firing timers of pvuv@1: 9 of 10 steps done, about 1 s left',
    ],
    [{ kind: 'stopping' }, /^stopping/],
  ])('%o', (phase, text) => {
    expect(phaseText(phase)).toMatch(text);
  });
});

describe('progress', () => {
  it('knows how long it has been closing, and which windows closed', () => {
    let now = 0;
    const progress = progressOf(() => now);
    progress.onPut(10);
    now = 5_000;
    progress.onStep(step(0));
    now = 9_000;
    progress.onStep(step(2));
    expect(progress.phase()).toEqual({ kind: 'closing', step: step(2), elapsedMs: 4_000 });
    progress.onResult('closeWindows', { a: { windowsClosed: 2 }, b: { windowsClosed: 3 } });
    progress.onResult('hotItems', { batchItemFailures: [] });
    expect(progress).toMatchObject({ put: 10, windowsClosed: 5, changes: 5 });
    expect(progress.failures.text()).toBeUndefined();
  });

  it('knows how far a paced input is, until it is put', () => {
    const progress = progressOf();
    const pace = { eventTimeMs: 1_000, speed: 60 };
    progress.onReached(pace);
    expect(progress.phase()).toEqual({ kind: 'putting', pace });
    progress.enter({ kind: 'reading' });
    progress.onReached(pace);
    expect(progress.phase()).toEqual({ kind: 'reading' });
  });

  it('counts failed invocations, thrown and given back, and tells the last one in a line', () => {
    const progress = progressOf();
    progress.onResult('hotItems', { batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(progress.failures.text()).toMatch(/^1 failure, the last: hotItems: gave/);
    progress.onFailure('pvuv', new Error('task timed out\nand more'));
    expect(progress.failures.text()).toBe('2 failures, the last: pvuv: task timed out');
  });
});

describe('the picture', () => {
  const job = (name: string, watermarkBy: JobStatus['watermarkBy']): JobStatus => ({
    name,
    counts: { ...NO_COUNTS, accepted: 40_000 },
    watermark: watermarkAt(Date.UTC(2026, 2, 2, 12)),
    watermarkBy,
  });
  const picture: Picture = {
    put: 68_000,
    total: 68_000,
    windowsClosed: 3,
    phase: { kind: 'waiting' },
    status: Array.from({ length: 8 }, (_, n) => job(`job-${n}`, n === 0 ? 'clock' : 'events')),
    failure: `1 failure, the last: pvuv: ${'x'.repeat(100)}`,
    places: ['Kinesis http://127.0.0.1:4567', 'Lambda http://127.0.0.1:4569', 'put: …'],
  };

  it('fits a terminal of 24 lines, with its addresses and failures', () => {
    const lines = pictureLines(picture, 80, 24);
    expect(lines.length).toBeLessThan(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(-3)).toEqual(picture.places);
    expect(lines.at(-4)).toMatch(/^1 failure, .*…$/);
    expect(pictureLines(picture, 80, 50)).toContain('');
  });

  it('says of a watermark that the clock has moved it past all events', () => {
    const lines = pictureLines(picture, 80, 50);
    expect(lines.find((line) => line.startsWith('job-0'))).toMatch(/12:00:00 by the clock$/);
    expect(lines.find((line) => line.startsWith('job-1'))).toMatch(/12:00:00$/);
  });
});

describe('a job that the deployment lacks', () => {
  const definitions = readDefinitions({ root: ROOT, stage: 'local' });

  it('is none of the project’s', () => {
    expect(undeployedJobs(definitions)).toEqual([]);
  });

  it('is named, and left out of the picture', () => {
    const jobs = { pvuv, hotItemsV2: hotItems };
    expect(undeployedJobs(definitions, jobs)).toEqual([
      'the job hot-items of functions/jobs.ts does not run: serverless.yml has no function hotItemsV2',
    ]);
    expect(deployedJobs(definitions, jobs).map(({ name }) => name)).toEqual(['pvuv']);
  });

  it('gets no records, and no run of the schedule; the others do', () => {
    const tables = definitions.tables.filter(({ name }) => name !== 'pvuv');
    const { functions } = runnable({ ...definitions, tables });
    const mapped = functions.filter(({ mappings }) => mappings.length > 0);
    const ingesting = Object.entries(INGEST_JOBS).flatMap(([name, { usual }]) =>
      name === 'pvuv' ? [] : ingestFunctionsOf(name, usual),
    );
    expect(mapped.map(({ name }) => name)).toEqual(
      expect.arrayContaining(ingesting.map(({ name }) => name)),
    );
    expect(mapped).toHaveLength(ingesting.length);
    const asked = functions.flatMap(({ schedules }) => schedules.map(({ input }) => input['job']));
    expect(asked).not.toContain('pvuv@1');
    expect(asked).toContain('hot-items@1');
    expect(runnable(definitions)).toEqual(definitions);
  });

  it.each([
    [
      'its stream',
      {
        ...definitions,
        functions: definitions.functions.map((each) => ({ ...each, mappings: [] })),
      },
      'the function pvuv in serverless.yml does not read user-behavior',
    ],
    ['its table', { ...definitions, tables: [] }, 'infra/tables.yml has no table pvuv'],
    [
      'the keys of its table',
      {
        ...definitions,
        tables: definitions.tables.map((each) => ({ ...each, partitionKey: 'page' })),
      },
      'infra/tables.yml gives the table pvuv the key page and windowEnd, and the job site and windowEnd',
    ],
  ])('with %s', (_, defined, reason) => {
    expect(undeployedJobs(defined, { pvuv })).toEqual([
      `the job pvuv of functions/jobs.ts does not run: ${reason}`,
    ]);
  });
});
