import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TAGS as ALL_TAGS } from '../../../functions/userProfile/tagNames.ts';
import { countTags, tagRows } from '../../../functions/userProfile/tags.ts';
import { audiencesOf, dayBefore, type TagRow } from '../../../web/charts/audience.ts';
import { hourBars, hourText, peakOf } from '../../../web/charts/hours.ts';
import { dateOf, dayEndAfter, hourEndAfter } from '../../../web/state/firstEnds.ts';
import { KINDS_OF_VISITOR, TAGS, type Tag } from '../../../web/state/tags.ts';
import { formatsOf } from '../../../web/words/formats.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2017-11-24T16:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

/** What the job writes of a day whose users have these tags. */
function rowsOf(users: readonly (readonly Tag[])[], day = 0): Map<string, TagRow> {
  const counts = { users: 0, bySet: {} };
  for (const tags of users) countTags(counts, { tags: tags.toSorted() });
  const window = { windowStart: iso(FIRST + day * DAY), windowEnd: iso(FIRST + (day + 1) * DAY) };
  return new Map(
    tagRows(counts).map((row) => [row.tag, { ...row, ...window, revision: 0, final: true }]),
  );
}

const pagesOf = (days: readonly Map<string, TagRow>[]) => {
  const page = (kind: string) => ({ rows: days.flatMap((day) => day.get(kind) ?? []) });
  return { visitor: page('visitor'), hesitant: page('hesitant'), buyer: page('buyer') };
};

/** As the job gives tags: one of the kinds, and any of the others. */
const user: fc.Arbitrary<Tag[]> = fc
  .tuple(
    fc.constantFrom(...KINDS_OF_VISITOR),
    fc.subarray(TAGS.filter((tag) => !(KINDS_OF_VISITOR as readonly Tag[]).includes(tag))),
  )
  .map(([kind, others]) => [kind, ...others]);

describe('the audience', () => {
  it('has every tag that there is, once', () => {
    expect(TAGS.toSorted()).toEqual([...ALL_TAGS]);
  });

  it('counts for each tag what the row of that tag says, by the rows of three', () => {
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 30 }), (users) => {
        const rows = rowsOf(users);
        const [day] = audiencesOf(pagesOf([rows]));
        expect(day?.users).toBe(users.length);
        for (const tag of TAGS) {
          const told = rows.get(tag) as TagRow & { users: number; share: number };
          expect(day?.tags[tag].users).toBe(told.users);
          expect(day?.tags[tag].share).toBeCloseTo(told.share, 4);
        }
      }),
    );
  });

  it('has a day once all three rows of it are there', () => {
    const [newest, before] = [rowsOf([['buyer'], ['visitor']], 1), rowsOf([['visitor']], 0)];
    newest.delete('hesitant');
    expect(audiencesOf(pagesOf([newest, before])).map(({ users }) => users)).toEqual([1]);
    expect(audiencesOf(pagesOf([]))).toEqual([]);
  });

  it('is compared with the day before, and with none where that is missing', () => {
    const days = [2, 1, 0].map((day) => rowsOf([['visitor']], day));
    const [newest, , oldest] = days as [Map<string, TagRow>, unknown, Map<string, TagRow>];
    expect(dayBefore(audiencesOf(pagesOf(days)))?.windowEnd).toBe(iso(FIRST + 2 * DAY));
    expect(dayBefore(audiencesOf(pagesOf([newest, oldest])))).toBeUndefined();
  });

  it('may change as long as one of its rows may', () => {
    const rows = rowsOf([['visitor'], ['buyer']]);
    rows.set('buyer', { ...(rows.get('buyer') as TagRow), final: false, revision: 2 });
    const [day] = audiencesOf(pagesOf([rows]));
    expect([day?.final, day?.revision]).toEqual([false, 2]);
  });
});

describe('the hours of a day', () => {
  it('are parts of the highest, which fills its bar', () => {
    expect(hourBars([0, 2, 8]).map(({ share }) => share)).toEqual([0, 0.25, 1]);
    expect(hourBars([0, 0]).map(({ share }) => share)).toEqual([0, 0]);
  });

  it('have a highest, the first of equals, unless nothing happened', () => {
    expect(peakOf([1, 5, 5])).toEqual({ hour: 1, count: 5 });
    expect(peakOf([0, 0])).toBeUndefined();
  });

  it('are named as a clock does', () => {
    expect([0, 9, 23].map(hourText)).toEqual(['00:00', '09:00', '23:00']);
  });
});

describe('where no window has closed yet, the first one ends', () => {
  it.each([
    ['2017-11-26T15:59:59.999Z', '2017-11-26T16:00:00.000Z'],
    ['2017-11-26T16:00:00.000Z', '2017-11-27T16:00:00.000Z'],
    ['2017-11-26T16:00:00.001Z', '2017-11-27T16:00:00.000Z'],
  ])("for days at %s with the shop's midnight %s", (now, end) => {
    expect(dayEndAfter(now)).toBe(end);
  });

  it.each([
    ['2017-11-26T12:59:59.999Z', '2017-11-26T13:00:00.000Z'],
    ['2017-11-26T13:00:00.000Z', '2017-11-26T14:00:00.000Z'],
    ['2017-11-26T13:00:00.001Z', '2017-11-26T14:00:00.000Z'],
  ])('for hours at %s with %s', (now, end) => {
    expect(hourEndAfter(now)).toBe(end);
  });
});

it('a day is named by its date in the shop', () => {
  expect(dateOf({ windowEnd: '2017-11-26T16:00:00.000Z' })).toBe('2017-11-26');
});

describe('figures of visitors', () => {
  const formats = formatsOf('en-GB', 'Europe/Berlin');

  it('have two decimals where they are few among many', () => {
    expect([0, 0.0003, 0.0061, 0.0099, 0.01, 0.0423, 0.5].map(formats.rate)).toEqual([
      ...['0%', '0.03%', '0.61%', '0.99%', '1%', '4.2%', '50%'],
    ]);
  });

  it("name the shop's day, wherever one looks at it from", () => {
    expect(formats.day('2017-11-25T16:00:00.000Z')).toBe('Sun 26 Nov');
  });

  it('say both days of a window of a day, and one of an hour over midnight', () => {
    const day = {
      ...{ windowStart: '2017-11-24T16:00:00.000Z', windowEnd: '2017-11-25T16:00:00.000Z' },
    };
    const now = '2017-11-26T12:55:00.000Z';
    expect(formats.window(day, now)).toBe('24 Nov, 17:00–25 Nov, 17:00');
    const hour = {
      ...{ windowStart: '2017-11-26T22:00:00.000Z', windowEnd: '2017-11-26T23:00:00.000Z' },
    };
    expect(formats.window(hour, now)).toBe('23:00–00:00');
  });
});
