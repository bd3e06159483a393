/** Users of every kind in the sample of behaviour: what they do, and that each tag of a profile has somebody. */
import { describe, expect, it } from 'vitest';
import { runJob } from '../../../cli/runJob.ts';
import { funnel } from '../../../functions/funnel/job.ts';
import { type UserBehavior, userBehavior } from '../../../functions/hotItems/events.ts';
import { userProfile } from '../../../functions/userProfile/job.ts';
import { generateEvents } from '../../../inputs/generate/generateEvents.ts';
import type { GeneratorOptions } from '../../../inputs/generate/sample.ts';
import type { Job } from '../../../shared/job/job.ts';
import { HOUR_MS } from './eveningTimes.ts';
import { sampleRead } from './sampleRead.ts';

/** From so many events on they are there. */
const LEAST = 2_000;
const FIRST = 190_001;
const LAST = 190_011;
const SEEDS = [0, 1, 2, 3, 4, 7, 2 ** 32 - 1];
const SAMPLES = SEEDS.flatMap((seed) =>
  (['usual', 'evening'] as const).map((course) => ({ seed, course, events: LEAST })),
);
const ALL: readonly Required<GeneratorOptions>[] = [
  ...SAMPLES,
  { seed: 1, course: 'evening', events: 40_000 },
  { seed: 1, course: 'usual', events: 8_000 },
];

const EVERY_TAG = [
  ...['buyer', 'daytime', 'decisive', 'evening', 'explorer', 'focused', 'heavy', 'hesitant'],
  ...['morning', 'nightOwl', 'visitor'],
];

/** What each comes to, by what is told of them in `docs/inputs.md`. */
const TAGS: Readonly<Record<string, string>> = {
  '190001': 'buyer decisive evening',
  '190002': 'evening hesitant',
  '190003': 'evening explorer visitor',
  '190004': 'evening focused hesitant',
  '190005': 'buyer evening explorer heavy',
  '190006': 'nightOwl visitor',
  '190007': 'hesitant nightOwl',
  '190008': 'morning visitor',
  '190009': 'hesitant morning',
  '190010': 'daytime visitor',
  '190011': 'daytime hesitant',
};
const OFFLINE = Object.keys(TAGS).slice(5);

const isPersona = ({ userId }: { readonly userId?: unknown }): boolean =>
  Number(userId) >= FIRST && Number(userId) <= LAST;

const isOf = (userId: string, line: string): boolean => line.includes(`"userId":"${userId}"`);

const run = (job: Job, options: GeneratorOptions, lanes = 1) =>
  runJob(job, generateEvents(userBehavior.stream, options), { lanes, batch: 100, atEnd: 'flush' });

describe.each(ALL)('of $events events of seed $seed, $course,', (options) => {
  it('each tag has a user, and each persona has its tags', async () => {
    const { tables } = await run(userProfile.build(), options, 2);
    const tags = tables.get('user-tags') ?? [];
    const had = tags.filter(({ users }) => (users as number) > 0).map(({ tag }) => tag);
    expect(had.sort()).toEqual(EVERY_TAG);
    const profiles = (tables.get('user-profile') ?? []).filter(isPersona);
    const found = profiles.map(({ userId, tags }) => [userId, (tags as string[]).join(' ')]);
    expect(Object.fromEntries(found)).toEqual(TAGS);
  });
});

describe.each(SAMPLES)('of seed $seed, $course, whoever is certain to be there', (options) => {
  const { events, lines } = sampleRead(userBehavior, options);
  const byUser = Map.groupBy(events.filter(isPersona), ({ userId }) => userId);
  const of = (userId: number): UserBehavior[] => byUser.get(String(userId)) ?? [];
  const [decisive, hesitant, explorer, focused, heavy] = [0, 1, 2, 3, 4].map((n) => of(FIRST + n));

  it('does a hundred things, of which none is malformed', () => {
    expect([...byUser.keys()].sort()).toEqual(Object.keys(TAGS));
    expect(events.filter(isPersona).length).toBe(100);
    expect(lines.filter((line) => line.includes('"userId":"1900')).length).toBe(100);
  });

  it('is decisive, hesitant, an explorer, focused or heavy by a margin', () => {
    expect(doneBy(decisive)).toEqual({ pv: 3, cart: 1, buy: 1 });
    expect(doneBy(hesitant)).toEqual({ pv: 4, fav: 1, cart: 1 });
    expect(doneBy(explorer)).toEqual({ pv: 8 });
    expect(greatestShare(explorer)).toBe(1 / 8);
    expect(doneBy(focused)).toEqual({ pv: 9, fav: 1 });
    expect(greatestShare(focused)).toBe(7 / 9);
    expect(heavy?.length).toBe(53);
    expect(greatestShare(heavy)).toBeLessThan(0.1);
  });

  it('comes when a quarter of the events has come', () => {
    expect(events.slice(0, events.length / 4).some(isPersona)).toBe(false);
  });

  it('was offline in the night, the morning or at midday, and reports all of it at once', () => {
    const hours = OFFLINE.map((userId) => of(Number(userId)).map(hourOf));
    for (const [n, [from, to]] of [
      [0, 5],
      [7, 10],
      [12, 16],
    ].entries()) {
      for (const hour of hours.slice(2 * n, 2 * n + 2).flat()) {
        expect(hour).toBeGreaterThanOrEqual(from as number);
        expect(hour).toBeLessThan(to as number);
      }
    }
    expect(hours.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3]);
    for (const userId of OFFLINE) {
      const places = lines.flatMap((line, place) => (isOf(userId, line) ? [place] : []));
      expect((places[2] ?? 0) - (places[0] ?? 0)).toBeLessThan(10);
    }
  });

  it('is late for an hour where the phone was offline, and opens none', async () => {
    for (const lanes of [1, 4]) {
      const { rows, sideEvents } = await run(funnel.build(), options, lanes);
      const late: string[] = [];
      for await (const event of sideEvents()) {
        if (event.kind === 'late') late.push(Buffer.from(event.raw).toString());
      }
      const reported = late.filter((line) => OFFLINE.some((userId) => isOf(userId, line)));
      expect(reported.length).toBe(18);
      const ends = rows.map(({ windowEnd }) => String(windowEnd)).sort();
      expect(ends[0]).toBe(
        options.course === 'evening' ? '2026-03-02T10:00:00.000Z' : '2026-03-02T11:00:00.000Z',
      );
    }
  });
});

it('samples with fewer events have none of them', () => {
  const few = sampleRead(userBehavior, { events: LEAST - 1 });
  expect(few.events.some(isPersona)).toBe(false);
});

/** In Shanghai. */
const hourOf = ({ timestamp }: UserBehavior): number => (timestamp / HOUR_MS + 8) % 24;

function doneBy(events: readonly UserBehavior[] = []): Record<string, number> {
  const done = Map.groupBy(events, ({ behavior }) => behavior);
  return Object.fromEntries([...done].map(([behavior, { length }]) => [behavior, length]));
}

/** Of the views, those in the category with most. */
function greatestShare(events: readonly UserBehavior[] = []): number {
  const views = events.filter(({ behavior }) => behavior === 'pv');
  const counts = [...Map.groupBy(views, ({ categoryId }) => categoryId).values()];
  return Math.max(...counts.map(({ length }) => length)) / views.length;
}
