/** What silence does to the lanes of keyed jobs, and to old heads. */
import { describe, expect, it } from 'vitest';
import { meteredTable, unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import { RetryableError } from '../../../../shared/errors.ts';
import { days, hours, milliseconds, minutes, seconds } from '../../../../shared/index.ts';
import { TestEngine } from '../../../support/engine.ts';
import {
  at,
  gatedJob,
  knocksJob,
  sharedTasksJob,
  signal,
  tasksJob,
} from '../../../support/signals.ts';

describe('a silent lane of a pattern job', () => {
  const IDLE = seconds(60);
  const MARGIN = seconds(5);

  async function silentFor(ms: number, rest: 'hasMore' | 'drained' | 'ended' = 'drained') {
    const shards = new TestEngine(knocksJob());
    await shards.put('s', [signal('a', 'knock', 0), signal('a', 'knock', 1)]);
    shards.rest['s'] = rest;
    shards.clock.advance(milliseconds(ms));
    const report = await shards.cold.fire('schedule');
    return { shards, report, head: await shards.head('s') };
  }

  it.each([
    [IDLE + MARGIN - 1, 0],
    [IDLE + MARGIN, 1],
    [IDLE + MARGIN + 1, 1],
  ])('jumps after %d ms of silence: %i lanes', async (ms, lanesAdvanced) => {
    const { shards, report, head } = await silentFor(ms);
    expect(report.lanesAdvanced).toBe(lanesAdvanced);
    expect(shards.rows('alarms')).toHaveLength(lanesAdvanced);
    expect(head?.watermark).toBe(at(1) + lanesAdvanced);
    expect(await shards.cold.fire('schedule')).toMatchObject({ lanesAdvanced: 0 });
  });

  it('does not jump while its shard holds more', async () => {
    const { report, shards } = await silentFor(IDLE * 10, 'hasMore');
    expect(report).toMatchObject({ lanesAdvanced: 0, outcome: 'nothingDue' });
    expect(shards.rows('alarms')).toEqual([]);
  });

  it('ends where its shard is closed', async () => {
    const { head, shards } = await silentFor(IDLE * 10, 'ended');
    expect(head).toMatchObject({ slot: 1, ended: true, watermark: at(1) + 1 });
    expect(shards.rows('alarms')).toHaveLength(1);
    expect(await shards.cold.fire('schedule')).toMatchObject({ lanesAdvanced: 0 });
  });

  it('keeps no other from its turn where it cannot be looked into', async () => {
    const shards = new TestEngine(knocksJob());
    for (const shard of ['a', 'b', 'c']) {
      await shards.put(shard, [signal(shard, 'knock', 0), signal(shard, 'knock', 1)]);
    }
    shards.clock.advance(minutes(5));
    const ports = shards.ports;
    const reader = {
      async look(stream: string, shard: string) {
        if (shard === 'b') throw new RetryableError('throttled');
        return ports.reader.look(stream, shard, undefined);
      },
    };
    const { fire } = shards.coldWith({ reader });
    await expect(fire('schedule')).rejects.toThrow('throttled');
    expect(shards.rows('alarms').map(({ key }) => key)).toEqual(['a', 'c']);
  });

  it('on which only time-outs wait is read back once, not by every run', async () => {
    const shards = new TestEngine(knocksJob({ within: hours(1) }));
    await shards.put('s', [signal('a', 'knock', 0)]);
    for (let n = 1; n < 500; n += 1) await shards.put('s', [signal('b', 'other', n)]);
    shards.clock.advance(minutes(5));
    const ports = shards.ports;
    const meter = unitMeter();
    const state = meteredTable(ports.state, meter, { refusals: 'oneUnit' });
    const { fire } = shards.coldWith({ state });
    const units: number[] = [];
    for (let run = 0; run < 4; run += 1) {
      const before = meter.read;
      await fire('schedule');
      units.push(meter.read - before);
    }
    expect(units[0]).toBeGreaterThan(50);
    expect(Math.max(...units.slice(1))).toBeLessThan(5);
    await shards.put('s', [signal('a', 'knock', 600), signal('b', 'other', 5_000)]);
    await fire('schedule');
    expect(shards.rows('alarms').map(({ id }) => id)).toEqual(['0-600']);
  });

  it('is looked into each tenth minute while nothing waits on it, to see whether its shard is closed', async () => {
    const shards = new TestEngine(knocksJob());
    await shards.put('s', [signal('a', 'other', 0), signal('a', 'other', 1), 'garbage']);
    await shards.cold.fire('endOfInput');
    const before = shards.looks.length;
    shards.clock.advance(days(1));
    for (let minute = 0; minute < 30; minute += 1) {
      shards.clock.advance(minutes(1));
      await shards.cold.fire('schedule');
    }
    expect(shards.looks.length - before).toBe(3);
    shards.rest['s'] = 'ended';
    for (let minute = 0; minute < 10; minute += 1) {
      shards.clock.advance(minutes(1));
      await shards.cold.fire('schedule');
    }
    expect((await shards.head('s'))?.ended).toBe(true);
  });

  it('counts the same after an early jump as without', async () => {
    const { shards } = await silentFor(IDLE + MARGIN);
    await shards.put('s', [signal('a', 'knock', 1), signal('a', 'knock', 2)]);
    expect((await shards.head('s'))?.totals).toMatchObject({ late: 1, accepted: 3 });
  });

  it('gives the time-outs of the last events at the end of the input', async () => {
    const { shards } = await silentFor(0);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('alarms')).toEqual([{ key: 'a', id: '0-1' }]);
    expect(shards.rows('given-up')).toEqual([{ key: 'a', id: '1@11' }]);
    expect(await shards.head('s')).not.toHaveProperty('heldFrom');
  });
});

it.each([
  ['status', tasksJob()],
  ['shared status', sharedTasksJob()],
  ['pattern', knocksJob()],
  ['gate', gatedJob()],
])(
  'carries an aging head of a %s job forward, half a retention before it expires',
  async (_, job) => {
    const shards = new TestEngine(job);
    await shards.put('s', [signal('a', 'other', 0), signal('a', 'other', 1)]);
    await shards.cold.fire('endOfInput');
    const before = await shards.head('s');
    shards.clock.advance(milliseconds(shards.settings.logRetention / 2 - 1_000));
    await shards.cold.fire('schedule');
    expect(await shards.head('s')).toEqual(before);
    shards.clock.advance(seconds(2));
    await shards.cold.fire('schedule');
    const after = await shards.head('s');
    expect(after).toMatchObject({
      slot: (before?.slot ?? 0) + 1,
      totals: before?.totals,
      watermark: before?.watermark,
      to: before?.to,
    });
    expect(after?.expiresAt).toBeGreaterThan(before?.expiresAt ?? 0);
  },
);
