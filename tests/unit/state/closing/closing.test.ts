/** The closing item: its stored form, its lease, its swap. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import {
  eventTime,
  NO_WATERMARK,
  processingTime,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import { PLAIN_EDITION } from '../../../../shared/model/window.ts';
import type { PageEntry } from '../../../../shared/operators/closing/pageEntry.ts';
import {
  askAgain,
  readClosing,
  readCursors,
  swapClosing,
  takeLease,
} from '../../../../shared/state/closing/closing.ts';
import { type ClosingState, EMPTY } from '../../../../shared/state/closing/closingState.ts';
import { stateTable } from '../../../../shared/state/keys.ts';
import { createLane, FIRST_LANE } from '../../../../shared/state/lane/laneItem.ts';

const JOB = 'visits@1';
const UNTIL = processingTime(1_000);
const newTable = () => memoryTable(stateTable('state'));

async function leaseOn(table: ReturnType<typeof newTable>) {
  const lease = await takeLease(table, JOB, await readClosing(table, JOB), UNTIL);
  if (!lease) throw new Error('the lease was free');
  return lease;
}

const watermarks = fc.oneof(fc.constant(NO_WATERMARK), fc.integer().map(watermarkAt));
const slices = fc.integer({ min: -1_000_000_000, max: 2_000_000_000 }).map(eventTime);
const pages: fc.Arbitrary<PageEntry> = fc
  .record({
    page: fc.record({
      fence: fc.integer({ min: 1, max: 3 }),
      n: fc.nat({ max: 2 }),
    }),
    level: fc.nat({ max: 2 }),
    slice: slices,
    ahead: fc.nat({ max: 100 }),
  })
  .map(({ page, level, slice, ahead }) => ({
    page: { ...page, parts: page.fence },
    level,
    slice,
    edition: ahead < 50 ? PLAIN_EDITION : eventTime(slice + ahead),
  }));
const stored = {
  level: fc.integer({ min: -1, max: 3 }),
  fence: fc.nat(),
  n: fc.nat(),
  expiresAt: fc.nat({ max: 400_000 }).map((hour) => processingTime(hour * 3_600_000)),
};
const blocks = fc
  .record({ ...stored, depth: fc.nat({ max: 3 }), first: slices, span: fc.nat() })
  .map(({ span, ...ref }) => ({ ...ref, last: eventTime(ref.first + span) }));
const runs = fc.record({ ...stored, run: fc.integer() });
const ends = fc.integer().map(eventTime);
const ranges = fc.record({ first: ends, last: ends });
const states: fc.Arbitrary<ClosingState> = fc.record({
  watermark: watermarks,
  finalUpTo: watermarks,
  expiredBefore: watermarks,
  pages: fc.array(pages, { maxLength: 15 }),
  blocks: fc.array(blocks, { maxLength: 4 }),
  sealedUpTo: watermarks,
  pending: fc.array(ranges, { maxLength: 3 }),
  goal: fc.option(
    fc.record({ watermark: watermarks, finalUpTo: watermarks, expiredBefore: watermarks }),
    { nil: undefined },
  ),
  window: fc.option(
    fc.record({
      end: slices,
      after: fc.string(),
      summed: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat()),
    }),
    { nil: undefined },
  ),
  begun: fc
    .dictionary(fc.string({ minLength: 1 }), fc.record({ slot: fc.nat(), contents: fc.nat() }))
    .map((record) => new Map(Object.entries(record))),
  runs: fc.option(fc.array(runs, { minLength: 1, maxLength: 4 }), { nil: undefined }),
  lanes: fc
    .dictionary(
      fc.string({ minLength: 1 }),
      fc.record({
        cursor: fc.nat(),
        watermark: watermarks,
        lastValidAt: fc.oneof(fc.constant(undefined), fc.nat().map(processingTime)),
        headExpiresAt: fc.nat().map(processingTime),
        expired: fc.nat(),
      }),
    )
    .map((record) => new Map(Object.entries(record))),
});
const byPlace = (entries: readonly PageEntry[]) =>
  entries.map((each) => JSON.stringify(each)).sort();

describe('what is stored', () => {
  it('is what is read', async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const table = newTable();
        await swapClosing(table, JOB, state, await leaseOn(table));
        const read = (await readClosing(table, JOB)).state;
        expect({ ...read, pages: byPlace(read.pages) }).toEqual({
          ...state,
          pages: byPlace(state.pages),
        });
        expect([...(await readCursors(table, JOB))]).toEqual(
          [...state.lanes].map(([name, { cursor }]) => [name, cursor]),
        );
      }),
    );
  });

  it('is nothing before the first run', async () => {
    const { state, lease } = await readClosing(newTable(), JOB);
    expect(state).toEqual(EMPTY);
    expect(lease).toEqual({ version: 0, fence: 0, until: 0, overtaken: 0 });
  });
});

describe('the lanes of a job', () => {
  it('are listed with the shards they came from, other jobs apart', async () => {
    const table = newTable();
    const lane = { job: JOB, stream: 'page-views', shard: 'c' };
    await createLane(table, lane, { ...FIRST_LANE, parents: ['a', 'b'] });
    await createLane(table, { ...lane, job: 'visits@10' }, { ...FIRST_LANE, parents: [] });
    await createLane(table, { ...lane, shard: 'd' }, { ...FIRST_LANE, parents: [] });
    const { lanes } = await readClosing(table, JOB);
    expect([...lanes].map(([name, { parents }]) => [name, parents])).toEqual([
      ['page-views/c', ['a', 'b']],
      ['page-views/d', []],
    ]);
  });
});

describe('the lease', () => {
  it('goes to one of those who saw it free, and raises the fence', async () => {
    const table = newTable();
    const seen = await readClosing(table, JOB);
    expect(await takeLease(table, JOB, seen, UNTIL)).toEqual({
      version: 1,
      fence: 1,
      until: UNTIL,
      overtaken: 0,
    });
    expect(await takeLease(table, JOB, seen, UNTIL)).toBeUndefined();
    const next = await takeLease(table, JOB, await readClosing(table, JOB), UNTIL);
    expect(next).toMatchObject({ fence: 2 });
  });

  it('is given back by the swap, which keeps the fence', async () => {
    const table = newTable();
    expect(await swapClosing(table, JOB, EMPTY, await leaseOn(table))).toBe('done');
    expect((await readClosing(table, JOB)).lease).toEqual({
      version: 2,
      fence: 1,
      until: 0,
      overtaken: 0,
    });
  });

  it('lost to a successor makes the swap fail, whatever the successor has done', async () => {
    const table = newTable();
    const first = await leaseOn(table);
    const second = await leaseOn(table);
    expect(await swapClosing(table, JOB, EMPTY, first)).toBe('fenced');
    expect(await swapClosing(table, JOB, EMPTY, second)).toBe('done');
    expect(await swapClosing(table, JOB, EMPTY, first)).toBe('fenced');
  });

  it('says which run did not give it back, for good', async () => {
    const table = newTable();
    await swapClosing(table, JOB, EMPTY, await leaseOn(table));
    await leaseOn(table);
    const third = await leaseOn(table);
    expect(third).toMatchObject({ fence: 3, overtaken: 2 });
    await swapClosing(table, JOB, EMPTY, third);
    expect(await leaseOn(table)).toMatchObject({ fence: 4, overtaken: 2 });
  });

  it('tells its holder at the swap that somebody asked for another run', async () => {
    const table = newTable();
    const held = await leaseOn(table);
    expect(await askAgain(table, JOB, (await readClosing(table, JOB)).lease)).toBe('asked');
    expect(await swapClosing(table, JOB, EMPTY, held)).toBe('again');
    const next = await leaseOn(table);
    expect(await swapClosing(table, JOB, EMPTY, next)).toBe('done');
  });

  it('cannot be asked once it has changed hands', async () => {
    const table = newTable();
    const held = await leaseOn(table);
    await swapClosing(table, JOB, EMPTY, held);
    expect(await askAgain(table, JOB, held)).toBe('refused');
  });
});
