/** Profiles and tags on the course project's file, in process: every row as a program of plain loops over the lines has it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { userProfile } from '../../functions/userProfile/job.ts';
import { actsIn, profilesOf } from '../support/behaviorBatch.ts';
import { alike, runActs, unlike } from '../support/behaviorRuns.ts';
import { referenceFile } from '../support/referenceFile.ts';

const { path: FILE, isThere } = referenceFile('UserBehavior.csv.gz');

const USERS = 66_454;
const EVENTS = 110_300;
const SETUPS = [1, 3, 8].flatMap((lanes) => [777, 10_000].map((batch) => ({ lanes, batch })));

describe.skipIf(!isThere)('user profiles on the reference file', () => {
  let acts: ReturnType<typeof actsIn> = [];
  let expected: ReturnType<typeof profilesOf> = { profiles: [], tags: [] };
  beforeAll(() => {
    acts = actsIn(FILE);
    expected = profilesOf(acts);
  });

  it('are of one cut day with 66,454 users', () => {
    expect(acts.length).toBe(EVENTS);
    expect(expected.profiles.length).toBe(USERS);
    const [start, end] = ['2017-11-25T16:00:00.000Z', '2017-11-26T16:00:00.000Z'];
    for (const row of expected.tags)
      expect(row).toMatchObject({ windowStart: start, windowEnd: end });
    // Every user has one tag of these, and one of the part of the day.
    const users = (...tags: string[]) =>
      expected.tags
        .filter(({ tag }) => tags.includes(String(tag)))
        .reduce((sum, row) => sum + Number(row['users']), 0);
    expect(users('visitor', 'hesitant', 'buyer')).toBe(USERS);
    expect(users('nightOwl', 'morning', 'daytime', 'evening')).toBe(USERS);
  });

  it.each(SETUPS)('have every row as it should be, with %j', async (setup) => {
    const { tables, stats } = await runActs(userProfile.build(), acts, setup);
    expect(stats).toMatchObject({ accepted: EVENTS, filtered: 0, late: 0, dead: 0, expired: 0 });
    expect(unlike(tables.get('user-tags') ?? [], expected.tags)).toEqual(alike(expected.tags));
    const profiles = tables.get('user-profile') ?? [];
    expect(unlike(profiles, expected.profiles)).toEqual(alike(expected.profiles));
  });
});
