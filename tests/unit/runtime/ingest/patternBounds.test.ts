/** However much falls due at once, each commit of a pattern job lets go, brings again and takes over a bounded part. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { days, milliseconds, minutes } from '../../../../shared/index.ts';
import { totalOf } from '../../../../shared/model/counts.ts';
import { LET_GO_MAX } from '../../../../shared/operators/pattern/patternRelease.ts';
import { decodeGroups } from '../../../../shared/state/columns/groups.ts';
import { type BlobReference, readBlob } from '../../../../shared/state/lane/blob.ts';
import type { Commit } from '../../../../shared/state/lane/laneLog.ts';
import { TestEngine } from '../../../support/engine.ts';
import { at, knocksJob, signal } from '../../../support/signals.ts';

const BURST = 2 * LET_GO_MAX + 500;
/** Commits of each run that has no time: four, until all alerts are told of, of which a commit brings 4,000. */
const RUNS_OF_ALERTS = [4, 3];
const HOLDS = { within: minutes(10), stateRetention: days(90) };

/** Knocks of so many keys, all at one time. */
const burst = (count = BURST, second = 0) =>
  Array.from({ length: count }, (_, n) => signal(`k${n}`, 'knock', second));

async function heldIn(shards: TestEngine, shard: string, held: BlobReference | undefined) {
  if (!held) return 0;
  return [...decodeGroups(await readBlob(shards.state, shards.lane(shard), held))].length;
}

/** Each key has knocked once, and a record has come that the others are due by. */
async function afterBurst(within = HOLDS) {
  const shards = new TestEngine(knocksJob(within));
  await shards.put('s', burst());
  await shards.put('s', [signal('last', 'other', 20)]);
  return shards;
}

describe('a burst of one time', () => {
  it('is let go over several commits, while the watermark is where the records took it', async () => {
    const shards = await afterBurst();
    expect(await shards.head('s')).toMatchObject({ watermark: at(20), letGo: expect.anything() });
    await shards.put('s', [signal('k0', 'knock', 19), signal('k0', 'knock', 20)]);
    expect((await shards.side('s')).map(({ kind, watermark }) => [kind, watermark])).toEqual([
      ['late', at(20)],
    ]);
    await shards.put('s', [signal('last', 'other', 30)]);
    const commits = await shards.commits('s');
    const states = await Promise.all(
      commits.map(async (commit) => (await shards.changedKeys('s', commit)).length),
    );
    expect(Math.max(...states)).toBe(LET_GO_MAX);
    expect(states.reduce((sum, each) => sum + each)).toBe(BURST + 1);
    expect(shards.rows('alarms')).toEqual([{ key: 'k0', id: '0-20' }]);
    const { totals } = commits.at(-1) as Commit;
    expect(totals).toEqual({ accepted: BURST + 3, filtered: 0, late: 1, dead: 0 });
    expect(totalOf(totals)).toBe(BURST + 4);
  });

  it('goes on being let go by timer runs, as far as their time goes', async () => {
    const shards = await afterBurst({ ...HOLDS, within: minutes(0.1) as typeof HOLDS.within });
    const runs = [];
    do runs.push(await shards.cold.fire('schedule', () => false));
    while (runs.at(-1)?.hasMore);
    expect(runs.map(({ lanesAdvanced }) => lanesAdvanced)).toEqual(RUNS_OF_ALERTS);
    expect(shards.rows('given-up')).toHaveLength(BURST);
    expect(await shards.head('s')).not.toHaveProperty('letGo');
  });

  it('leaves a timer run that has no time to another', async () => {
    const shards = new TestEngine(knocksJob({ ...HOLDS, within: minutes(0.1) }));
    for (let n = 0; n < 2; n += 1) await shards.put('s', burst(BURST, n / 1_000));
    await shards.put('s', [signal('last', 'other', 20)]);
    expect(await shards.cold.fire('schedule', () => false)).toMatchObject({ hasMore: true });
    expect(await shards.cold.fire('schedule')).toMatchObject({ hasMore: false });
    expect(shards.rows('alarms')).toHaveLength(BURST);
  });

  it('comes to the same for functions that know nothing of what was let go', async () => {
    const shards = await afterBurst();
    for (let second = 21; second < 24; second += 1) {
      shards.coldStart();
      await shards.put('s', [signal('last', 'other', second)]);
    }
    expect(await shards.head('s')).not.toHaveProperty('letGo');
    await shards.put('s', [...burst(BURST, 30), signal('last', 'other', 50)]);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('alarms')).toHaveLength(BURST);
  });

  it('ends a closed shard, and lets a child begin, only when all is let go', async () => {
    const shards = new TestEngine(knocksJob(HOLDS));
    shards.parents['child'] = ['s'];
    await shards.put('s', burst());
    shards.rest['s'] = 'ended';
    await shards.put('child', [signal('k20001', 'knock', 1), signal('k20001', 'knock', 2)]);
    const ends = (await shards.commits('s')).slice(-3);
    expect(ends.map(({ ended }) => ended)).toEqual([undefined, undefined, true]);
    expect(ends.map(({ watermark }) => watermark)).toEqual([at(0) + 1, at(0) + 1, at(0) + 1]);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('alarms').map(({ id }) => id)).toEqual(['0-1', '1-2']);
  });

  it('is let go at the end of the input, with all time-outs', async () => {
    const shards = new TestEngine(knocksJob(HOLDS));
    await shards.put('s', burst());
    expect(await shards.cold.fire('endOfInput')).toMatchObject({ hasMore: false });
    expect(shards.rows('given-up')).toHaveLength(BURST);
    expect(await shards.head('s')).not.toHaveProperty('heldFrom');
  });
});

it('of 250,000 users, a burst is let go in a small heap, with all their partial matches in it', {
  timeout: 240_000,
}, async () => {
  const users = 250_000;
  const child = fileURLToPath(new URL('../../../support/burstChild.ts', import.meta.url));
  const heap = '--max-old-space-size=350';
  const { stdout } = await promisify(execFile)(process.execPath, [heap, child, String(users)]);
  // The later login's own commit lets go the first part; the last one finds that nothing is left.
  const lanesAdvanced = Math.ceil(users / LET_GO_MAX);
  expect(JSON.parse(stdout)).toEqual({ lanesAdvanced, hasMore: false });
});

describe('very many time-outs that wait', () => {
  it('are taken over in portions, before the first event of the child', async () => {
    const shards = await afterBurst();
    shards.parents['child'] = ['s'];
    shards.rest['s'] = 'ended';
    shards.coldStart();
    await shards.put('child', [signal('k7', 'knock', 21)]);
    const commits = await shards.commits('child');
    const counts = await Promise.all(commits.map(({ held }) => heldIn(shards, 'child', held)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(BURST + 1);
    expect(commits.map(({ totals }) => totals.accepted)).toEqual([0, 0, 1]);
    expect(commits.map(({ adopting }) => adopting !== undefined)).toEqual([true, false, false]);
    await shards.put('child', [signal('last', 'other', 30)]);
    expect(shards.rows('alarms')).toEqual([{ key: 'k7', id: '0-21' }]);
    await shards.cold.fire('endOfInput');
    expect(shards.rows('given-up')).toHaveLength(BURST);
  });

  it('are brought again in portions by a lane that is silent, before they expire', async () => {
    const shards = await afterBurst();
    await shards.cold.fire('schedule');
    const before = (await shards.commits('s')).length;
    shards.clock.advance(milliseconds(shards.settings.logRetention / 2 + 1_000));
    await shards.cold.fire('schedule');
    const commits = (await shards.commits('s')).slice(before);
    const counts = await Promise.all(commits.map(({ held }) => heldIn(shards, 's', held)));
    expect(counts).toEqual([LET_GO_MAX, LET_GO_MAX, 500]);
    expect(commits.at(-1)?.heldFrom).toBe(commits[0]?.slot);
    expect(await shards.cold.fire('schedule')).toMatchObject({ lanesAdvanced: 0 });
    shards.coldStart();
    await shards.cold.fire('endOfInput');
    expect(shards.rows('given-up')).toHaveLength(BURST);
  });
});
