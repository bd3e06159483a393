/** Every job gives the rows that Apache Flink gave, and by rule others where the two have another rule. */
import { beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '../../cli/runJob.ts';
import type { StreamEvent } from '../../inputs/laneBatches.ts';
import { comparableRows, FLINK_JOBS, flinkInputs, flinkRows } from '../support/flinkRows.ts';
import { readEvents } from '../support/referenceRuns.ts';

const BATCHES = [1, 777, 10_000];
/** Two seconds of processor time each, one event a batch; the others show the same. */
const SLOW_ALONE: ReadonlySet<string> = new Set(['hot-items', 'ad-blacklist']);
/** No event of theirs is late, so lanes do not matter. */
const STATUS_JOBS: ReadonlySet<string> = new Set(['order-timeout', 'order-reconcile']);

const setupsOf = (job: string) =>
  (STATUS_JOBS.has(job) ? [1, 3] : [1]).flatMap((lanes) =>
    BATCHES.filter((batch) => batch > 1 || !SLOW_ALONE.has(job)).map((batch) => ({ lanes, batch })),
  );

async function rowsOf(
  job: string,
  events: readonly StreamEvent[],
  setup: { lanes: number; batch: number },
): Promise<string[]> {
  const built = FLINK_JOBS.find(({ name }) => name === job)?.build();
  if (!built) throw new Error(`there is no job ${job}`);
  return comparableRows((await runJob(built, events, { ...setup, atEnd: 'flush' })).tables);
}

describe.each(FLINK_JOBS.map(({ name }) => name))("%s gives Flink's rows", (job) => {
  let events: readonly StreamEvent[] = [];
  beforeAll(async () => {
    events = await readEvents(flinkInputs(job));
  });

  it.each(setupsOf(job))('with $lanes lane(s), in batches of $batch', async (setup) => {
    expect(await rowsOf(job, events, setup)).toEqual(flinkRows(job));
  });
});

describe('by rule, and other than Flink', () => {
  it.each([
    ['an order is paid whose pay comes late', 'order-timeout', 'diff-cep-late-pay'],
    ['an order is paid whose pay comes before its create', 'order-timeout', 'diff-cep-pay-first'],
    ['a time-out is corrected by a pay within it', 'order-timeout', 'diff-process-late-pay'],
    ['a receipt that comes late matches by its time', 'order-reconcile', 'diff-join-late'],
    ['of a repeated pay the earliest counts', 'order-reconcile', 'diff-join-repeat'],
  ])('%s', async (_, job, folder) => {
    const events = await readEvents(flinkInputs(folder));
    for (const setup of setupsOf(job)) {
      expect(await rowsOf(job, events, setup)).toEqual(flinkRows(folder));
    }
  });
});
