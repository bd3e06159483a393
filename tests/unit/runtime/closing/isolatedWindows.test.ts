/** Event times that lie far apart: what `closing` holds, and what a run costs, follow from neither their number nor the gaps. */
import { expect, it } from 'vitest';
import { meteredTable, unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import { hours, seconds, sliding } from '../../../../shared/index.ts';
import { arrivalTime, type Duration } from '../../../../shared/model/time.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import { TestEngine } from '../../../support/engine.ts';
import { interceptedTable } from '../../../support/interceptedTable.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';
import { A, B } from '../../../support/site.ts';

/** 13 slices to a window, and one level of roll-ups. */
const ASSIGN = sliding({ size: seconds(65), slide: seconds(5) });
const BATCH = 10_000;
const RUNS = 40;

/** So many slices, that far apart, open all; then runs that close what lies between two of them. */
async function costOf(slices: number, gap: Duration) {
  const job = untyped(visitsJob({ assign: ASSIGN }));
  const engine = new TestEngine(job);
  const meter = unitMeter();
  let closingBytes = 0;
  const state = interceptedTable(meteredTable(engine.state, meter), {
    before({ items }) {
      const closing = items.find(({ sk }) => sk === 'closing');
      if (closing) closingBytes = Math.max(closingBytes, itemBytes(closing));
    },
  });
  const { close } = engine.coldWith({ state });
  const arrival = arrivalTime(T0 + slices * gap);
  const at = (slice: number) => visit('/', (slice * gap) / 1_000);
  await engine.ingest(streamRecords([at(0)], { arrival }), { shard: B });
  for (let from = 0; from < slices; from += BATCH) {
    const length = Math.min(BATCH, slices - from);
    const visits = Array.from({ length }, (_, n) => at(from + n));
    await engine.ingest(streamRecords([visits], { first: from, arrival }), { shard: A });
    await close('schedule');
  }
  const filled = { ...meter };
  let windows = 0;
  for (let n = 1; n <= RUNS; n += 1) {
    await engine.ingest(streamRecords([at(n)], { first: n, arrival }), { shard: B });
    windows += (await close('schedule')).windowsClosed;
  }
  return {
    closingBytes,
    windows,
    write: (meter.write - filled.write) / RUNS,
    read: (meter.read - filled.read) / RUNS,
    /** Of each slice, while they were filled in. */
    filling: filled.write / slices,
  };
}

it('100,000 slices an hour apart cost a run no more than twice what 720 in a row do', {
  timeout: 120_000,
}, async () => {
  const few = await costOf(720, seconds(5));
  const many = await costOf(100_000, hours(1));
  expect(few.windows).toBe(RUNS);
  expect(many.windows).toBe(13 * RUNS);
  expect(few.closingBytes).toBeLessThanOrEqual(1_024);
  expect(many.closingBytes).toBeLessThanOrEqual(4_096);
  expect(many.write).toBeLessThanOrEqual(2 * few.write);
  expect(many.read).toBeLessThanOrEqual(2 * few.read);
  expect(many.filling).toBeLessThanOrEqual(0.02);
});
