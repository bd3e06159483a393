/** How the jobs are, as the command says it; and one that cannot be read hides no other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusJson } from '../../../../cli/status/show.ts';
import { type JobsAnswer, jobsAnswer } from '../../../../functions/api/contract/answers.ts';
import { INGEST_JOBS } from '../../../../functions/jobs.ts';
import { type MemoryTable, memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { readFacts } from '../../../../shared/health/facts.ts';
import { assess } from '../../../../shared/health/findings.ts';
import { hours, minutes, processingTime, seconds } from '../../../../shared/model/time.ts';
import { DEFAULT_SETTINGS } from '../../../../shared/runtime/settings.ts';
import { putFailure } from '../../../../shared/state/failures.ts';
import { closingKey, stateTable } from '../../../../shared/state/keys.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';
import { interceptedTable } from '../../../support/interceptedTable.ts';

let stage: ApiStage;
beforeAll(async () => {
  stage = await startApiStage();
  const at = stage.clock.now();
  const long = processingTime(at - hours(2));
  const failure = { error: 'InvariantViolation', message: 'user 937166 stands in no place' };
  await putFailure(stage.state, 'pvuv@1', { by: 'ingest', at, ...failure }, hours(24));
  await putFailure(stage.state, 'pvuv@1', { by: 'closeWindows', at: long, ...failure }, hours(24));
});
afterAll(() => stage.stop());

async function jobs(options: Parameters<ApiStage['api']>[0] = {}): Promise<JobsAnswer['jobs']> {
  const response = await stage.api(options).request('/v1/jobs');
  const body = await response.json();
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return jobsAnswer.parse(body).jobs;
}

async function copyOfState(): Promise<MemoryTable> {
  const copy = memoryTable(stateTable('state'));
  for (const item of stage.state.items()) await copy.put(item, { kind: 'always' });
  return copy;
}

describe('/v1/jobs', () => {
  it('says what `tidemark status --format json` prints', async () => {
    stage.clock.advance(minutes(1));
    const now = stage.clock.now();
    const look = { now, stage: 'test' };
    const answers = await jobs();
    for (const [at, family] of Object.values(INGEST_JOBS).entries()) {
      const facts = await readFacts({
        name: family.name,
        job: family.build(),
        state: stage.state,
        settings: DEFAULT_SETTINGS,
        batchWindow: seconds(10),
        now,
      });
      const printed = JSON.parse(statusJson({ facts, findings: assess(facts, look) }, look));
      const { expired, ...counts } = printed.counts;
      const { seconds: _, ...recent } = printed.recent;
      const [newest] = printed.errors.toSorted((a: { at: string }, b: { at: string }) =>
        b.at.localeCompare(a.at),
      );
      expect(answers[at]).toMatchObject({
        name: family.name,
        id: printed.job,
        watermark: printed.watermark ?? null,
        watermarkBy: printed.watermarkBy ?? 'events',
        lanes: printed.lanes,
        counts,
        expired,
        recent,
        findings: printed.findings,
        lastError: newest ?? null,
      });
      expect(answers[at]?.lagSeconds ?? 0).toBeCloseTo(printed.lagSeconds ?? 0, -1);
      expect(answers[at]?.eventsPerSecond).toBeCloseTo(printed.eventsPerSecond, 1);
    }
    expect(answers.some(({ lastError }) => lastError?.by === 'ingest')).toBe(true);
  });

  it('says how many copies there were, and what is not remembered, where there are any', async () => {
    const state = await copyOfState();
    for (const item of stage.state.items()) {
      const [accepted, filtered, late, dead] = (item['totals'] ?? []) as number[];
      const isHead = accepted !== undefined && String(item['pk']).startsWith('hot-items@1');
      const totals = [accepted, filtered, late, dead, 3, 2, 1] as number[];
      if (isHead) await state.put({ ...item, totals }, { kind: 'always' });
    }
    const [hotItems, other] = await jobs({ state });
    const lanes = (hotItems?.lanes.listed ?? 0) + (hotItems?.lanes.retired ?? 0);
    expect(hotItems?.counts).toMatchObject({ repeated: 2 * lanes, unremembered: lanes });
    expect(hotItems?.counts).not.toHaveProperty('misplaced');
    expect(other?.counts).not.toHaveProperty('repeated');
  });

  it('tells of a job whose state newer code has written, and of all others', async () => {
    const state = await copyOfState();
    await state.put({ ...closingKey('hot-items@1'), format: 99 }, { kind: 'always' });
    const failures: unknown[] = [];
    const answers = await jobs({ state, onFailure: (error) => failures.push(error) });
    const [unread, ...others] = answers;
    expect(unread).toMatchObject({ name: 'hot-items', isUnreadable: true, watermark: null });
    expect(unread?.findings).toMatchObject([
      {
        kind: 'unreadable',
        urgency: 'attention',
        what: expect.stringContaining('has format 99, and this code reads formats 1 to'),
        todo: 'docs/operations.md#going-back-to-earlier-code',
      },
    ]);
    expect(others.map(({ watermark }) => watermark)).not.toContain(null);
    expect(others.some(({ isUnreadable }) => isUnreadable)).toBe(false);
    expect(failures).toMatchObject([{ name: 'NewerFormatError' }]);
  });

  it('tells nothing of what an error holds that nobody expected', async () => {
    const state = interceptedTable(stage.state, {
      before: () => Promise.reject(new TypeError('secret of user 17')),
    });
    const answers = await jobs({ state });
    expect(answers.every(({ isUnreadable }) => isUnreadable)).toBe(true);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  it('says so where the tables do not answer, instead of that of each job', async () => {
    const state = interceptedTable(stage.state, {
      before: () => Promise.reject(new RetryableError('throttled')),
    });
    expect((await stage.api({ state }).request('/v1/jobs')).status).toBe(503);
  });

  it('shows what an error says only where persons need no pseudonyms', async () => {
    const [open, hidden] = [await jobs(), await jobs({ pseudonymKey: 'k'.repeat(32) })].map((all) =>
      JSON.stringify(all.find(({ name }) => name === 'pvuv')),
    );
    expect(open).toContain('937166');
    expect(hidden).not.toContain('937166');
    expect(hidden).toContain('tidemark status pvuv --stage test shows it');
  });
});
