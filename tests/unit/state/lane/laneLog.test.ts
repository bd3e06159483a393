/** The log of a lane: slots are taken once, and none may be missing. */
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../../../../shared/adapters/memory/table.ts';
import { InvariantViolation } from '../../../../shared/errors.ts';
import {
  eventTime,
  NO_WATERMARK,
  processingTime,
  watermarkAt,
} from '../../../../shared/model/time.ts';
import type { Table } from '../../../../shared/ports/table.ts';
import { logPartition, slotKey, stateTable } from '../../../../shared/state/keys.ts';
import { createLane, FIRST_LANE } from '../../../../shared/state/lane/laneItem.ts';
import {
  appendCommit,
  type Commit,
  readHead,
  readLog,
  readTaken,
  recommittedHead,
} from '../../../../shared/state/lane/laneLog.ts';
import { sequenceNumber } from '../../../support/records.ts';

const LANE = { job: 'visits@1', stream: 'page-views', shard: 'shardId-000000000000' };
const newTable = () => memoryTable(stateTable('state'));

const commitAt = (slot: number, extra: Partial<Commit> = {}): Commit => ({
  slot,
  from: { sequence: sequenceNumber(slot * 10), index: 0 },
  to: { sequence: sequenceNumber(slot * 10 + 9), index: 3 },
  greatest: eventTime(1_000 + slot),
  watermark: watermarkAt(900 + slot),
  totals: { accepted: slot, filtered: 1, late: 2, dead: 3 },
  lastValidAt: processingTime(5_000 + slot),
  shape: 'abcd',
  expiresAt: processingTime(60_000),
  deltas: Uint8Array.of(1, 2, 3),
  ...extra,
});

async function slotsFrom(table: ReturnType<typeof newTable>, from: number | 'oldest') {
  const slots: number[] = [];
  for await (const { slot } of readLog(table, LANE, from)) slots.push(slot);
  return slots;
}

async function takenSlots(table: Pick<Table, 'query'>, from: number, to: number) {
  const slots: number[] = [];
  for await (const { slot } of readTaken(table, LANE, from, to)) slots.push(slot);
  return slots;
}

describe('a commit', () => {
  it.each([
    ['with contents', commitAt(0)],
    ['with side output inside', commitAt(0, { side: Uint8Array.of(9) })],
    ['with side output elsewhere', commitAt(0, { side: { id: 'abc', chunks: 2 } })],
  ])('is read as it was written, %s', async (_, commit) => {
    const table = newTable();
    await appendCommit(table, LANE, commit);
    expect(await readHead(table, LANE)).toEqual(commit);
  });

  it('is read as it was written before any valid event', async () => {
    const { deltas: _, ...rest } = commitAt(0);
    const commit = {
      ...rest,
      greatest: undefined,
      watermark: NO_WATERMARK,
      lastValidAt: undefined,
    };
    const table = newTable();
    await appendCommit(table, LANE, commit);
    expect(await readHead(table, LANE)).toEqual(commit);
  });

  it('takes its slot once', async () => {
    const table = newTable();
    expect(await appendCommit(table, LANE, commitAt(0))).toBe('appended');
    expect(await appendCommit(table, LANE, commitAt(0, { shape: 'other' }))).toBe('taken');
    expect((await readHead(table, LANE))?.shape).toBe('abcd');
  });
});

describe('the log', () => {
  it('has as head the greatest slot as a number', async () => {
    const table = newTable();
    expect(await readHead(table, LANE)).toBeUndefined();
    for (const slot of [9, 10, 100]) await appendCommit(table, LANE, commitAt(slot));
    expect((await readHead(table, LANE))?.slot).toBe(100);
  });

  it('belongs to its lane alone', async () => {
    const table = newTable();
    await appendCommit(table, { ...LANE, stream: 'user-behavior' }, commitAt(0));
    await appendCommit(table, { ...LANE, job: 'visits@2' }, commitAt(0));
    expect(await readHead(table, LANE)).toBeUndefined();
  });

  it('is read in order from a slot on, or from what is left of it', async () => {
    const table = newTable();
    for (let slot = 0; slot < 12; slot += 1) await appendCommit(table, LANE, commitAt(slot));
    expect(await slotsFrom(table, 9)).toEqual([9, 10, 11]);
    expect(await slotsFrom(table, 12)).toEqual([]);
    table.remove({ pk: logPartition(LANE), sk: slotKey(0) });
    expect((await slotsFrom(table, 'oldest'))[0]).toBe(1);
  });

  it.each([0, 1])('may not miss slot %d', async (missing) => {
    const table = newTable();
    for (let slot = 0; slot < 3; slot += 1) await appendCommit(table, LANE, commitAt(slot));
    table.remove({ pk: logPartition(LANE), sk: slotKey(missing) });
    await expect(slotsFrom(table, 0)).rejects.toThrow(InvariantViolation);
    await expect(slotsFrom(table, 0)).rejects.toThrow(`slot ${missing} is missing`);
  });

  it.each([0, 1, 2])('may not miss slot %d where it is known to be taken', async (missing) => {
    const table = newTable();
    for (let slot = 0; slot < 3; slot += 1) await appendCommit(table, LANE, commitAt(slot));
    table.remove({ pk: logPartition(LANE), sk: slotKey(missing) });
    const reading = takenSlots(table, 0, 2);
    await expect(reading).rejects.toThrow(InvariantViolation);
    await expect(reading).rejects.toThrow(`slot ${missing} is missing`);
  });

  it.each([
    ['the newest', [4, 5], [4]],
    ['one in between', [3], [3]],
    ['all', [2, 3, 4, 5], [2]],
    ['none', [], []],
  ])(
    'is read cheaply where slots are taken, and surely from where a replica lacks %s',
    async (_, lacking, surelyFrom) => {
      const table = newTable();
      for (let slot = 0; slot < 7; slot += 1) await appendCommit(table, LANE, commitAt(slot));
      const surely: unknown[] = [];
      const replica: Pick<Table, 'query'> = {
        async *query(request) {
          const isSure = request.consistency === 'strong';
          if (isSure) surely.push(request.from);
          for await (const item of table.query(request)) {
            const isLacking = lacking.some((slot) => item['sk'] === slotKey(slot));
            if (isSure || !isLacking) yield item;
          }
        },
      };
      expect(await takenSlots(replica, 2, 5)).toEqual([2, 3, 4, 5]);
      expect(surely).toEqual(surelyFrom.map(slotKey));
    },
  );
});

it('creates a lane once, with the parents it was first given', async () => {
  const table = newTable();
  expect(await createLane(table, LANE, { ...FIRST_LANE, parents: ['p'] })).toBe('created');
  expect(await createLane(table, LANE, { ...FIRST_LANE, parents: [] })).toBe('existed');
  expect([...table.items()]).toMatchObject([{ parents: ['p'] }]);
});

it('rests without moving anything but the slot and the time to live', () => {
  const head = commitAt(7, { side: Uint8Array.of(1) });
  const { deltas: _deltas, side: _side, ...progress } = head;
  expect(recommittedHead(head, processingTime(99_000))).toEqual({
    ...progress,
    slot: 8,
    from: head.to,
    expiresAt: 99_000,
  });
});
