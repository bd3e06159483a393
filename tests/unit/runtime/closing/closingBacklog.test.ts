/** More rows than one run can write: every run gets on, none writes what is there, and any backlog ends. */
import { describe, expect, it } from 'vitest';
import { appPromotion } from '../../../../functions/appPromotion/job.ts';
import type { IdTotals } from '../../../../shared/aggregates/countBy.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import type { WindowJob } from '../../../../shared/job/windowJob.ts';
import { arrivalTime } from '../../../../shared/model/time.ts';
import { readClosingState } from '../../../../shared/state/inspect.ts';
import { testClock } from '../../../support/clock.ts';
import { type EngineOptions, TestEngine } from '../../../support/engine.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';
import { SlowTime } from '../../../support/slowTable.ts';

const CHANNELS = 500;
const WINDOWS = 60;

describe('500 channels in 60 windows that all close at once, at 20 ms a put', () => {
  it('are written by few invocations of 60 s, each of which gets on', {
    timeout: 60_000,
  }, async () => {
    const clock = testClock();
    const job = appPromotion.build({ size: '5min' }) as WindowJob;
    const engine = new TestEngine(job, { clock });
    const clicks = Array.from({ length: CHANNELS }, (_, n) => ({
      userId: String(n),
      channel: `channel-${n}`,
      behavior: 'CLICK',
      timestamp: T0,
    }));
    await engine.ingest(streamRecords([clicks]));
    clock.advance(minutes(6));
    const time = new SlowTime(clock, milliseconds(20));
    const marks: number[] = [];
    for (let left = 10; left > 0; left -= 1) {
      const { close } = engine.coldWith({
        state: time.table(engine.state),
        results: () => time.table(engine.results),
      });
      const report = await time.invoke(seconds(60), (hasTime) => close('schedule', hasTime));
      marks.push((await readClosingState(job.id, engine.state)).watermark);
      clock.advance(seconds(60));
      if (report !== 'killed' && !report.hasMore) break;
    }
    expect(marks).toEqual([...new Set(marks)].sort((a, b) => a - b));
    expect(marks.length).toBeLessThanOrEqual(3);
    expect(engine.rows().length).toBe(WINDOWS * (CHANNELS + 1));
    expect(engine.rows().every(({ revision }) => revision === 0)).toBe(true);
  });
});

const PAGES = 3_000;
/** As many as are written together. */
const AT_ONCE = 512;
const LATENESS = { allowedLateness: seconds(60) };

/** One window of many rows: one for each page. */
async function manyRows(options: EngineOptions = {}) {
  const visits = untyped(visitsJob(LATENESS));
  const job: WindowJob = {
    ...visits,
    table: { name: 'visits', partitionKey: 'page' },
    result: (totals) =>
      [...(totals as IdTotals)].map(([page, count]) => ({ page: String(page), count })),
  };
  let puts = 0;
  const engine = new TestEngine(job, {
    ...options,
    onResults: {
      ...options.onResults,
      async after(call) {
        if (call.operation === 'put') puts += 1;
        await options.onResults?.after?.(call);
      },
    },
  });
  const pages = Array.from({ length: PAGES }, (_, n) => visit(`/${(n * 7_919) % PAGES}`, n % 60));
  await engine.ingest(streamRecords([pages]));
  await engine.ingest(streamRecords([visit('/next', 60)], { first: 1 }));
  const takePuts = () => {
    const taken = puts;
    puts = 0;
    return taken;
  };
  return { engine, takePuts };
}

const outOfTime = () => false;

describe('one window with more rows than a run has time for', () => {
  it('is written in parts, each row once, and closes with the last', async () => {
    const { engine, takePuts } = await manyRows();
    const parts: number[] = [];
    for (let runs = 0; runs < 20; runs += 1) {
      const report = await engine.cold.close('schedule', outOfTime);
      const isClosed =
        (await readClosingState(engine.job.id, engine.state)).watermark >= T0 + 60_000;
      expect(isClosed).toBe(engine.rows().length === PAGES);
      const put = takePuts();
      if (put > 0) parts.push(put);
      if (!report.hasMore) break;
    }
    expect(parts).toEqual([...Array.from({ length: 5 }, () => AT_ONCE), PAGES % AT_ONCE]);
    expect(engine.rows().length).toBe(PAGES);
  });

  it('holds content that comes meanwhile apart until then: all its rows tell of the same moment', async () => {
    const { engine } = await manyRows();
    await engine.cold.close('schedule', outOfTime);
    const late = Array.from({ length: PAGES }, (_, n) => visit(`/${n}`, 1));
    await engine.ingest(streamRecords([late], { first: 2 }));
    while ((await readClosingState(engine.job.id, engine.state)).watermark < T0 + 60_000) {
      await engine.cold.close('schedule', outOfTime);
    }
    expect(engine.rows().every(({ revision }) => revision === 0)).toBe(true);
    await engine.cold.close('schedule');
    const answers = engine.rows().map(({ count, revision }) => [count, revision]);
    expect(answers).toEqual(Array.from({ length: PAGES }, () => [2, 1]));
  });

  it('costs no writes where a run died after its rows', async () => {
    let swaps = 0;
    const { engine, takePuts } = await manyRows({
      onState: {
        before({ operation, items }) {
          if (operation !== 'put' || items[0]?.['sk'] !== 'closing') return;
          swaps += 1;
          if (swaps === 2) throw new RetryableError('the process died');
        },
      },
    });
    await expect(engine.cold.close('schedule')).rejects.toThrow('the process died');
    expect(takePuts()).toBe(PAGES);
    engine.clock.advance(seconds(61));
    expect(await engine.cold.close('schedule')).toMatchObject({
      windowsClosed: 1,
      rowsWritten: 0,
    });
    expect(takePuts()).toBe(0);
  });
});

describe('a commit of more slices than a run takes in', () => {
  it('is taken in parts, and closes nothing before all of it is', async () => {
    const engine = new TestEngine(untyped(visitsJob()));
    const visits = Array.from({ length: 3_000 }, (_, n) => visit('/', n * 60));
    const arrival = arrivalTime(T0 + 3_000 * 60_000);
    await engine.ingest(streamRecords([visits], { arrival }));
    let rounds = 0;
    const report = await engine.cold.close('schedule', () => {
      rounds += 1;
      return true;
    });
    expect(rounds).toBeGreaterThan(3);
    expect(report).toMatchObject({ commitsRead: 1, windowsClosed: 2_999, rowsWritten: 2_999 });
    expect(
      engine.rows().every(({ visits: count, revision }) => count === 1 && revision === 0),
    ).toBe(true);
  });
});
