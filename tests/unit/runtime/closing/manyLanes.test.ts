/** What a run costs where a job has had very many lanes, in counts: it follows from those that live. */
import { describe, expect, it } from 'vitest';
import { putClosing, putDeadLanes, shardNumbered } from '../../../../bench/deadLanes.ts';
import { meteredTable, unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import { JobDefinitionError } from '../../../../shared/errors.ts';
import { days, minutes } from '../../../../shared/index.ts';
import { processingTime } from '../../../../shared/model/time.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import { readLaneStatuses } from '../../../../shared/state/inspect.ts';
import { closingKey } from '../../../../shared/state/keys.ts';
import { CLOCK_START } from '../../../support/clock.ts';
import { TestEngine } from '../../../support/engine.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

const LIVE = 40;
const DEAD = 19_960;
/** As many lanes as `closing` could ever hold. */
const MERGED = 19_000;
const MEASURED = 10;
const DYING = {
  live: LIVE,
  silentSince: processingTime(CLOCK_START - days(9)),
  watermark: T0,
};

/** Runs that retire all that has ended, at 2,000 lanes each, and then some. */
const RUNS = 15;

const parentsOfLive = (dead: number) =>
  Object.fromEntries(
    Array.from({ length: dead > 0 ? LIVE : 0 }, (_, i) => [
      shardNumbered(dead + i),
      [shardNumbered(dead - LIVE + i)],
    ]),
  );

interface Cost {
  readonly read: number;
  readonly write: number;
  readonly requests: number;
}

/** Of a run that closes a window to which each of the live lanes brought something. */
async function costOfClosing(dead: number) {
  const engine = new TestEngine(untyped(visitsJob()), { parents: parentsOfLive(dead) });
  const merged = await putDeadLanes(engine.state, engine.job, { ...DYING, dead });
  const known = new Map([...merged].slice(0, MERGED));
  if (dead > 0) await putClosing(engine.state, engine.job, known, T0);
  const meter = unitMeter();
  const newCloser = () => engine.coldWith({ state: meteredTable(engine.state, meter) }).close;
  let minute = 0;
  const feed = async () => {
    minute += 1;
    engine.clock.advance(minutes(1));
    for (let i = 0; i < LIVE; i += 1) {
      const records = streamRecords([visit(`/${i}`, 60 * minute)], { first: minute });
      await engine.ingest(records, { shard: shardNumbered(dead + i) });
    }
  };
  const warm = newCloser();
  for (let run = 0; run < RUNS; run += 1) {
    await feed();
    // At the brink it takes in no further lanes before others are retired.
    if (dead > 0 && run < 2) await expect(warm('schedule')).rejects.toThrow(JobDefinitionError);
    else await warm('schedule');
  }
  const costs: Cost[] = [];
  for (const closer of [() => warm, newCloser]) {
    const before = { ...meter };
    for (let run = 0; run < MEASURED; run += 1) {
      await feed();
      expect((await closer()('schedule')).windowsClosed).toBe(1);
    }
    costs.push(since(before, meter));
  }
  const closing = await engine.state.get(closingKey(engine.job.id), 'strong');
  return { costs, engine, closingBytes: closing ? itemBytes(closing) : 0 };
}

const since = (before: Cost, after: Cost): Cost => ({
  read: (after.read - before.read) / MEASURED,
  write: (after.write - before.write) / MEASURED,
  requests: (after.requests - before.requests) / MEASURED,
});

function expectWithinTwice(many: readonly Cost[], few: readonly Cost[]): void {
  for (const [i, cost] of many.entries()) {
    for (const what of ['read', 'write', 'requests'] as const) {
      expect(cost[what], what).toBeLessThanOrEqual(2 * (few[i]?.[what] ?? 0));
    }
  }
}

describe('20,000 lanes of which 40 live', () => {
  it('cost closing hardly more than the 40 alone, from the brink of what its item holds', async () => {
    const few = await costOfClosing(0);
    const many = await costOfClosing(DEAD);
    expectWithinTwice(many.costs, few.costs);
    expect(many.closingBytes).toBeLessThan(2 * few.closingBytes);
    const lanes = await readLaneStatuses(many.engine.job.id, many.engine.state);
    // Those that live, and their parents: their streams may still hold records.
    expect(lanes.filter(({ standing }) => standing === 'listed')).toHaveLength(2 * LIVE);
    const accepted = lanes.reduce((sum, { counts }) => sum + counts.accepted, 0);
    expect(accepted).toBe(DEAD + LIVE * (RUNS + 2 * MEASURED));
  }, 120_000);
});
