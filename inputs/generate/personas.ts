/**
 * Users of whom it is certain what they are, so that each tag of `user-profile` has somebody, whatever is drawn. What they do
 * takes the place of drawn events, so a sample has as many events with them as without, and all others stay what they are.
 *
 * 1. They have ids of their own, and none of their events is malformed.
 * 2. Together they do 100 things, which is at most one event in 20: a sample of fewer than 2,000 events has none of them.
 * 3. They come when a quarter of the events has come, so that no shard's first event is one of a morning long ago.
 * 4. Some have phones that were offline since the night, the morning or midday, and report all of it at once. Jobs by the
 *    hour find that late; a profile of the day does not.
 */
import type { UserBehavior } from '../../functions/hotItems/events.ts';
import { CATEGORIES, ITEMS_EACH, itemIdIn } from './catalog.ts';
import { randomFrom } from './random.ts';

/** What somebody does in place of a drawn event. */
export interface Deed {
  readonly userId: string;
  readonly itemId: number;
  readonly behavior: Behavior;
  /** When it happened, in epoch ms, where the phone was offline; else it happens as it arrives. */
  readonly happenedMs?: number;
}

type Behavior = UserBehavior['behavior'];

interface Step {
  readonly behavior: Behavior;
  /** Which of the user's own categories, from 0. */
  readonly category: number;
}

interface Persona {
  readonly steps: readonly Step[];
  /** From the first event to the last, as a share of the sample. */
  readonly length: number;
  /** The hours of the day in Shanghai in which a phone was used that reports at once, later. */
  readonly offline?: readonly [from: number, to: number];
}

/** So many times, going round so many categories. */
const times = (count: number, behavior: Behavior, categories = 1): Step[] =>
  Array.from({ length: count }, (_, n) => ({ behavior, category: n % categories }));

const VISIT = 0.08;
const EVENING_LONG = 0.7;

/** Who knows what they want, who cannot decide, who looks at one of each, who likes one thing, and who does not stop. */
const DECISIVE: Persona = {
  steps: [...times(3, 'pv'), ...times(1, 'cart'), ...times(1, 'buy')],
  length: VISIT,
};
const HESITANT: Persona = {
  steps: [...times(4, 'pv', 2), ...times(1, 'fav'), ...times(1, 'cart')],
  length: VISIT,
};
const EXPLORER: Persona = { steps: times(8, 'pv', 8), length: VISIT };
const FOCUSED: Persona = {
  steps: [...times(3, 'pv', 3), ...times(6, 'pv'), ...times(1, 'fav')],
  length: VISIT,
};
const HEAVY: Persona = {
  steps: [...times(46, 'pv', 12), ...times(4, 'cart', 4), ...times(1, 'fav'), ...times(2, 'buy')],
  length: EVENING_LONG,
};

const offline = (from: number, to: number): Persona[] => [
  { steps: times(3, 'pv', 3), length: 0, offline: [from, to] },
  { steps: [...times(2, 'pv'), ...times(1, 'cart')], length: 0, offline: [from, to] },
];

const PERSONAS: readonly Persona[] = [
  DECISIVE,
  HESITANT,
  EXPLORER,
  FOCUSED,
  HEAVY,
  ...offline(0, 5),
  ...offline(7, 10),
  ...offline(12, 16),
];

const FIRST_USER_ID = 190_001;
const SHARE_MAX = 1 / 20;
/** The part of a sample in which they come. */
const FROM = 0.25;
const TO = 0.95;

const MIDNIGHT_MS = Date.parse('2026-03-01T16:00:00Z');
const HOUR_MS = 3_600_000;

/** By the places of the events that they take, from 0. The draws are others than those of all other events. */
export function deedsOf({
  seed,
  events,
}: {
  readonly seed: number;
  readonly events: number;
}): ReadonlyMap<number, Deed> {
  const deeds = new Map<number, Deed>();
  const count = PERSONAS.reduce((sum, { steps }) => sum + steps.length, 0);
  if (count > SHARE_MAX * events) return deeds;
  const random = randomFrom(~seed);
  for (const [n, persona] of PERSONAS.entries()) {
    const userId = String(FIRST_USER_ID + n);
    const start = FROM + random() * (TO - FROM - persona.length);
    const firstCategory = Math.floor(random() * CATEGORIES);
    for (const [i, { behavior, category }] of persona.steps.entries()) {
      const part = (i + random()) / persona.steps.length;
      const itemId = itemIdIn(
        (firstCategory + category) % CATEGORIES,
        Math.floor(random() * ITEMS_EACH),
      );
      const place = freeFrom(Math.floor((start + part * persona.length) * events), deeds);
      deeds.set(place, { userId, itemId, behavior, ...happened(persona, part) });
    }
  }
  return deeds;
}

function happened({ offline }: Persona, part: number): Pick<Deed, 'happenedMs'> {
  if (!offline) return {};
  const [from, to] = offline;
  return { happenedMs: MIDNIGHT_MS + Math.floor((from + part * (to - from)) * HOUR_MS) };
}

function freeFrom(place: number, taken: ReadonlyMap<number, unknown>): number {
  let free = place;
  while (taken.has(free)) free += 1;
  return free;
}
