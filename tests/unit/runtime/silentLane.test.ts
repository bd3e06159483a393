/** What silence does to the lanes of ordered jobs, and to old heads. */
import { describe, expect, it } from 'vitest';
import { days, milliseconds, seconds } from '../../../shared/index.ts';
import { Shards } from '../../support/shards.ts';
import { at, gatedJob, knocksJob, signal, tasksJob } from '../../support/signals.ts';

describe('a silent lane of a pattern job', () => {
  const IDLE = seconds(60);
  const MARGIN = seconds(5);

  async function silentFor(ms: number, rest: 'hasMore' | 'drained' | 'ended' = 'drained') {
    const shards = new Shards(knocksJob());
    await shards.put('s', [signal('a', 'knock', 0), signal('a', 'knock', 1)]);
    shards.rest['s'] = rest;
    shards.clock.advance(milliseconds(ms));
    const report = await shards.firer.run('schedule');
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
    expect(await shards.firer.run('schedule')).toMatchObject({ lanesAdvanced: 0 });
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
    expect(await shards.firer.run('schedule')).toMatchObject({ lanesAdvanced: 0 });
  });

  it('is not looked into while nothing waits on it', async () => {
    const shards = new Shards(knocksJob());
    await shards.put('s', [signal('a', 'other', 0), signal('a', 'other', 1), 'garbage']);
    await shards.firer.run('endOfInput');
    shards.clock.advance(days(1));
    await shards.firer.run('schedule');
    expect(shards.looks).toEqual([]);
  });

  it('counts the same after an early jump as without', async () => {
    const { shards } = await silentFor(IDLE + MARGIN);
    await shards.put('s', [signal('a', 'knock', 1), signal('a', 'knock', 2)]);
    expect((await shards.head('s'))?.totals).toMatchObject({ late: 1, accepted: 3 });
  });

  it('gives the time-outs of the last events at the end of the input', async () => {
    const { shards } = await silentFor(0);
    await shards.firer.run('endOfInput');
    expect(shards.rows('alarms')).toEqual([{ key: 'a', id: '0-1' }]);
    expect(shards.rows('given-up')).toEqual([{ key: 'a', id: '1@11' }]);
    expect(await shards.head('s')).not.toHaveProperty('heldFrom');
  });
});

it.each([
  ['status', tasksJob()],
  ['pattern', knocksJob()],
  ['gate', gatedJob()],
])(
  'carries an aging head of a %s job forward, half a retention before it expires',
  async (_, job) => {
    const shards = new Shards(job);
    await shards.put('s', [signal('a', 'other', 0), signal('a', 'other', 1)]);
    await shards.firer.run('endOfInput');
    const before = await shards.head('s');
    shards.clock.advance(milliseconds(shards.settings.logRetention / 2 - 1_000));
    await shards.firer.run('schedule');
    expect(await shards.head('s')).toEqual(before);
    shards.clock.advance(seconds(2));
    await shards.firer.run('schedule');
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
