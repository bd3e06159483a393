/** Which tags a user has, at the boundaries of each: by hand, and for users that are drawn near them beside the batch program. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userProfile } from '../../functions/userProfile/job.ts';
import { type Act, profilesOf, type Row } from '../support/behaviorBatch.ts';
import { alike, runActs, unlike } from '../support/behaviorRuns.ts';
import { casesOf } from '../support/table.ts';

/** What a user did, `5 pv a`: five times, in category a; at 9 in Shanghai, or when the last says, `1 pv a 17:59:59.999`. */
function actsOf(userId: string, did: string): Act[] {
  return did.split(', ').flatMap((each) => {
    const [times, behavior, categoryId = '', clock = '09:00:00.000'] = each.split(' ');
    const act = { userId, itemId: 'i', categoryId, behavior: behavior as Act['behavior'] };
    const timestamp = Date.parse(`2017-11-26T${clock}+08:00`);
    return new Array<Act>(Number(times)).fill({ ...act, timestamp });
  });
}

const CASES = casesOf(`
  did                                                      | tags
  1 pv a                                                   | morning visitor
  1 pv a, 1 cart a                                         | hesitant morning
  1 fav a                                                  | hesitant morning
  1 buy a                                                  | buyer decisive morning
  1 cart a, 1 fav a, 1 buy b                               | buyer decisive morning
  5 pv a, 1 buy a                                          | buyer decisive focused morning
  6 pv a, 1 buy a                                          | buyer focused morning
  10 pv a, 2 buy a                                         | buyer decisive focused morning
  11 pv a, 2 buy a                                         | buyer focused morning
  4 pv a                                                   | morning visitor
  5 pv a                                                   | focused morning visitor
  3 pv a, 2 pv b                                           | focused morning visitor
  9 pv a, 6 pv b                                           | focused morning visitor
  10 pv a, 7 pv b                                          | morning visitor
  5 pv b, 5 pv a                                           | morning visitor
  21 pv a, 14 pv b                                         | focused morning visitor
  1 pv a, 1 pv b, 1 pv c, 1 pv d                           | morning visitor
  1 pv a, 1 pv b, 1 pv c, 1 pv d, 1 pv e                   | explorer morning visitor
  2 pv a, 1 pv b, 1 pv c, 1 pv d                           | morning visitor
  2 pv a, 2 pv b, 2 pv c, 2 pv d, 2 pv e                   | explorer morning visitor
  2 pv a, 2 pv b, 2 pv c, 2 pv d, 1 pv e                   | morning visitor
  1 buy a, 1 pv a, 4 pv b                                  | buyer decisive explorer morning
  1 buy a, 4 pv b, 1 pv c                                  | buyer decisive explorer morning
  1 buy a, 5 pv b                                          | buyer decisive explorer morning
  1 buy b, 5 pv a                                          | buyer decisive focused morning
  1 fav b, 2 pv b, 3 pv a                                  | hesitant morning
  1 fav b, 2 pv b, 4 pv a                                  | focused hesitant morning
  1 cart b, 1 pv b, 4 pv a                                 | focused hesitant morning
  1 cart a, 1 pv a, 4 pv b                                 | explorer hesitant morning
  49 buy a                                                 | buyer decisive morning
  50 buy a                                                 | buyer decisive heavy morning
  20 buy a, 10 cart b, 10 fav c, 10 pv a                   | buyer decisive focused heavy morning
  1 pv a 00:00:00.000                                      | nightOwl visitor
  1 pv a 05:59:59.999                                      | nightOwl visitor
  1 pv a 06:00:00.000                                      | morning visitor
  1 pv a 10:59:59.999                                      | morning visitor
  1 pv a 11:00:00.000                                      | daytime visitor
  1 pv a 17:59:59.999                                      | daytime visitor
  1 pv a 18:00:00.000                                      | evening visitor
  1 pv a 22:59:59.999                                      | evening visitor
  1 pv a 23:00:00.000                                      | nightOwl visitor
  1 pv a 23:59:59.999                                      | nightOwl visitor
  1 pv a 22:00:00.000, 1 pv a 17:00:00.000                 | daytime visitor
  1 pv a 22:00:00.000, 1 pv a 10:00:00.000                 | morning visitor
  1 pv a 23:00:00.000, 1 pv a 10:00:00.000                 | nightOwl visitor
  1 pv a 17:00:00.000, 1 pv a 10:00:00.000                 | morning visitor
  1 pv a 23:00:00.000, 1 pv a 01:00:00.000, 1 pv a, 1 fav a | hesitant nightOwl
  1 pv a 19:00:00.000, 1 pv a 22:00:00.000, 1 pv a         | evening visitor
`);

const sorted = (acts: readonly Act[]): Act[] => acts.toSorted((a, b) => a.timestamp - b.timestamp);

describe('a user who did', () => {
  const acts = sorted(CASES.flatMap(([did = ''], n) => actsOf(String(n), did)));
  const result = runActs(userProfile.build(), acts, { lanes: 3, batch: 100 });
  const byPlainLoops = profilesOf(acts).profiles;

  it.each(CASES.map(([did, tags], n) => [did, tags, n]))('%s, is %s', async (_, tags, n) => {
    const isUser = ({ userId }: { userId?: unknown }) => userId === String(n);
    const row = (await result).tables.get('user-profile')?.find(isUser);
    expect(row?.['tags']).toEqual(String(tags).split(' '));
    expect(byPlainLoops.find(isUser)?.['tags']).toEqual(String(tags).split(' '));
  });
});

const ALL_TAGS = new Set(CASES.flatMap(([, tags = '']) => tags.split(' ')));

it('has one of eleven tags, each of which is in a case', () => {
  expect(ALL_TAGS.size).toBe(11);
});

describe('users that are near a boundary', () => {
  const HOURS = [0, 5, 6, 10, 11, 17, 18, 22, 23];
  const CATEGORIES = ['7', '10', '007', 'b', 'a', '😀'];

  /** Views of which about a fifth or three fifths are in one category, some other acts, in two hours or three. */
  const user = fc
    .record({
      views: fc.constantFrom(0, 1, 4, 5, 6, 9, 10, 11, 15, 16, 35, 47, 48, 49),
      fifths: fc.constantFrom(1, 3),
      off: fc.constantFrom(-1, 0, 0, 1),
      others: fc.shuffledSubarray(CATEGORIES, { minLength: 2 }),
      acts: fc.array(
        fc.tuple(
          fc.constantFrom('cart', 'fav', 'buy', 'buy'),
          fc.constantFrom(...CATEGORIES.slice(0, 3)),
        ),
        { maxLength: 3 },
      ),
      hours: fc.array(fc.constantFrom(...HOURS), { minLength: 1, maxLength: 3 }),
    })
    .map(({ views, fifths, off, others: [first = '', ...others], acts, hours }) => {
      const ofFirst = Math.max(0, Math.min(views, Math.round((views * fifths) / 5) + off));
      const did = Array.from({ length: views }, (_, n): [string, string] => [
        'pv',
        n < ofFirst ? first : (others[n % others.length] ?? ''),
      ]);
      return [...did, ...acts].map(([behavior, categoryId], n) => ({
        itemId: `i${n % 4}`,
        categoryId,
        behavior: behavior as Act['behavior'],
        timestamp: Date.UTC(2017, 10, 26, (hours[n % hours.length] ?? 0) - 8, n % 60),
      }));
    });

  /** What is just at a boundary: of views, purchases, all events, and the hours of each. */
  const SITUATIONS: Record<string, (pv: number, buy: number, hours: number[]) => boolean> = {
    'five views a buy': (pv, buy) => buy > 0 && pv === 5 * buy,
    'one view more': (pv, buy) => buy > 0 && pv === 5 * buy + 1,
    '49 events': (_pv, _buy, hours) => hours.reduce((a, b) => a + b) === 49,
    '50 events': (_pv, _buy, hours) => hours.reduce((a, b) => a + b) === 50,
    'hours with as many': (_pv, _buy, hours) =>
      hours.indexOf(Math.max(...hours)) !== hours.lastIndexOf(Math.max(...hours)),
  };

  /** The user's tags, and at which boundaries they are, so that the property is not about nothing. */
  function situationsOf(row: Row): string[] {
    const { pv, buy } = row['counts'] as { pv: number; buy: number };
    const hours = row['hours'] as number[];
    const met = Object.keys(SITUATIONS).filter((name) => SITUATIONS[name]?.(pv, buy, hours));
    return [...met, ...(row['tags'] as string[])];
  }

  it('have the tags, the ranking and the hours that plain loops give them', async () => {
    const met = new Set<string>();
    const setup = fc.record({ lanes: fc.constantFrom(1, 3), batch: fc.constantFrom(7, 1_000) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(user, { minLength: 6, maxLength: 12 }),
        setup,
        async (users, how) => {
          const acts = sorted(
            users.flatMap((own, n) => own.map((act) => ({ userId: `u${n}`, ...act }))),
          );
          const { profiles, tags } = profilesOf(acts);
          for (const each of profiles.flatMap(situationsOf)) met.add(each);
          const { tables } = await runActs(userProfile.build(), acts, how);
          expect(unlike(tables.get('user-profile') ?? [], profiles)).toEqual(alike(profiles));
          expect(unlike(tables.get('user-tags') ?? [], tags)).toEqual(alike(tags));
        },
      ),
      { numRuns: 60 },
    );
    expect([...met].sort()).toEqual([...Object.keys(SITUATIONS), ...ALL_TAGS].sort());
  });
});
