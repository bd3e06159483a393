/** The funnel on the course project's file, in process: every row as a program of plain loops over the lines has it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { funnel } from '../../functions/funnel/job.ts';
import { actsIn, funnelOf } from '../support/behaviorBatch.ts';
import { alike, runActs, unlike } from '../support/behaviorRuns.ts';
import { referenceFile } from '../support/referenceFile.ts';

const { path: FILE, isThere } = referenceFile('UserBehavior.csv.gz');

const SETUPS = [1, 3, 8].flatMap((lanes) => [777, 10_000].map((batch) => ({ lanes, batch })));

describe.skipIf(!isThere)('the funnel on the reference file', () => {
  let acts: ReturnType<typeof actsIn> = [];
  let expected: ReturnType<typeof funnelOf> = [];
  beforeAll(() => {
    acts = actsIn(FILE);
    expected = funnelOf(acts);
  });

  it('has in all as many viewers as traffic has: 28,196, then 32,160, then 6,936', () => {
    const all = expected.filter(({ categoryId }) => categoryId === 'all');
    expect(all.map(({ viewers }) => viewers)).toEqual([28_196, 32_160, 6_936]);
  });

  it.each(SETUPS)('has every row as it should be, with %j', async (setup) => {
    expect(expected.length).toBe(3 * 51);
    const { rows, stats } = await runActs(funnel.build(), acts, setup);
    expect(stats).toMatchObject({ accepted: acts.length, filtered: 0, late: 0, dead: 0 });
    expect(unlike(rows, expected)).toEqual(alike(expected));
  });

  it('has them for more categories and shorter windows', async () => {
    const finer = funnelOf(acts, { sizeMs: 15 * 60_000, top: 200 });
    const job = funnel.build({ size: '15min', top: '200' });
    const { rows } = await runActs(job, acts, { lanes: 3, batch: 10_000 });
    expect(unlike(rows, finer)).toEqual(alike(finer));
  });
});
