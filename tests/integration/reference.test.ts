/** The published values of the course project, from its own input file, through the local stack. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInput } from '../../cli/input/readInput.ts';
import { runJob } from '../../cli/run/runJob.ts';
import { hotItems } from '../../functions/hotItems/job.ts';
import { pvuv } from '../../functions/pvuv/job.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import type { Item } from '../../shared/ports/table.ts';
import { referenceFile } from '../support/referenceFile.ts';
import { comparable } from './rows.ts';

const { path: FILE, isThere } = referenceFile('UserBehavior.csv.gz');

const events = () => readInput('user-behavior', FILE, { timeUnit: 's' });
const shanghai = (time: string): string => new Date(`2017-11-26T${time}:00+08:00`).toISOString();

describe.skipIf(!isThere)('the reference file through the local stack', () => {
  let stack: Stack;
  let boards: readonly Item[];
  let traffic: readonly Item[];

  beforeAll(async () => {
    stack = await startStack({ shards: 2 });
    const inputs = [{ name: 'reference', stream: 'user-behavior', events }];
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
    await stack.flush();
    boards = await stack.rows('hot-items');
    traffic = await stack.rows('pvuv');
  }, 120_000);
  afterAll(() => stack.stop());

  it.each([
    ['10:10', ['2338453=30', '812879=18', '2563440=14']],
    ['10:15', ['2338453=33', '812879=18']],
    ['10:20', ['2338453=32', '812879=18', '3244134=15', '4649427=13']],
  ])('gives the published ranking for %s', (time, published) => {
    const row = boards.find(
      (each) => each['board'] === 'items:pv' && each['windowEnd'] === shanghai(time),
    );
    const ranking = row?.['ranking'] as readonly Item[];
    const shown = ranking.map(({ id, count }) => `${id}=${count}`);
    expect(shown.slice(0, published.length)).toEqual(published);
  });

  it('gives the published traffic', () => {
    const shown = traffic.map(({ windowEnd, pv, uv }) => [windowEnd, pv, uv]).sort();
    expect(shown).toEqual([
      [shanghai('10:00'), 41_890, 28_196],
      [shanghai('11:00'), 48_022, 32_160],
      [shanghai('12:00'), 8_449, 6_936],
    ]);
  });

  it('gives the rows of an in-process run, all boards and windows', async () => {
    const setup = { lanes: 1, batch: 10_000, atEnd: 'flush' } as const;
    const hot = await runJob(hotItems.build(), events(), setup);
    const hourly = await runJob(pvuv.build(), events(), setup);
    expect(comparable(boards)).toEqual(comparable(hot.rows));
    expect(comparable(traffic)).toEqual(comparable(hourly.rows));
  }, 60_000);
});
