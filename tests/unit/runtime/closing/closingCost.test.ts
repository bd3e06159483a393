/** What closing one window a run costs, in counts: it follows from what is new, not from size / slide. */
import { describe, expect, it } from 'vitest';
import { meteredTable, unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import { hours, seconds, sliding } from '../../../../shared/index.ts';
import { arrivalTime, type Duration } from '../../../../shared/model/time.ts';
import { itemBytes } from '../../../../shared/ports/itemSize.ts';
import { closingKey } from '../../../../shared/state/keys.ts';
import { TestEngine } from '../../../support/engine.ts';
import { T0, untyped, visit, visitsJob } from '../../../support/jobs.ts';
import { streamRecords } from '../../../support/records.ts';

const SLIDE_S = 5;
const SLICES_A_RUN = 120;
const WINDOWS = 100;
/** No event is ahead of it. */
const ARRIVAL = arrivalTime(T0 + hours(48));

interface Cost {
  readonly read: number;
  readonly write: number;
  /** Slice contents and roll-ups that were merged. */
  readonly merged: number;
  readonly closingBytes: number;
}

/** Of each window, once a whole one and an hour more are stored. */
async function costOf(slices: number, temperature: 'warm' | 'cold'): Promise<Cost> {
  const size = (slices * SLIDE_S * 1_000) as Duration;
  const declared = untyped(
    visitsJob({ assign: sliding({ size, slide: seconds(SLIDE_S) }), allowedLateness: seconds(60) }),
  );
  let merged = 0;
  const { aggregate } = declared;
  const job = {
    ...declared,
    aggregate: {
      ...aggregate,
      decodeInto(...args: Parameters<typeof aggregate.decodeInto>) {
        merged += 1;
        return aggregate.decodeInto(...args);
      },
    },
  };
  const settings = { correctionRetention: hours(1) };
  const engine = new TestEngine(job, { settings });
  const meter = unitMeter();
  const newCloser = () => engine.coldWith({ state: meteredTable(engine.state, meter) }).close;
  const warm = newCloser();
  const feed = (slice: number) => {
    const second = slice * SLIDE_S;
    const visits = [visit(`/${slice % 7}`, second - (slice % 4) * 9), visit('/', second)];
    return engine.ingest(streamRecords(visits, { first: 2 * slice, arrival: ARRIVAL }));
  };
  const stored = slices + hours(1) / (SLIDE_S * 1_000);
  for (let slice = 0; slice < stored; slice += 1) {
    await feed(slice);
    if (slice % SLICES_A_RUN === 0) await warm('schedule');
  }
  await warm('schedule');
  const before = { ...meter, merged };
  let closed = 0;
  let closingBytes = 0;
  for (let i = 0; i < WINDOWS; i += 1) {
    await feed(stored + i);
    closed += (await (temperature === 'warm' ? warm : newCloser())('nudge')).windowsClosed;
    const closing = await engine.state.get(closingKey(job.id), 'strong');
    closingBytes = Math.max(closingBytes, closing ? itemBytes(closing) : 0);
  }
  expect(closed).toBe(WINDOWS);
  return {
    read: (meter.read - before.read) / WINDOWS,
    write: (meter.write - before.write) / WINDOWS,
    merged: (merged - before.merged) / WINDOWS,
    closingBytes,
  };
}

describe('a run that closes one window', () => {
  it.each(['warm', 'cold'] as const)(
    'costs no more than twice as much with 7,200 slices to a window as with 120 (%s)',
    { timeout: 60_000 },
    async (temperature) => {
      const few = await costOf(120, temperature);
      const many = await costOf(7_200, temperature);
      expect(many.write).toBeLessThanOrEqual(2 * few.write);
      expect(many.read).toBeLessThanOrEqual(2 * few.read);
      expect(many.merged).toBeLessThanOrEqual(2 * few.merged);
      expect(many.closingBytes).toBeLessThanOrEqual(1_024);
    },
  );
});
