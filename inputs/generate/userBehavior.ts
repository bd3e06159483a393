/**
 * Behaviour in a shop on an evening: usually three hours from 2026-03-02 18:00 in Shanghai, when traffic rises to
 * its daily peak at 20:30. A few items are very popular, and every 20 minutes another one is on promotion. On the evening of
 * evening.ts, two hours long, an item takes off besides. Where there is room, there are users of every kind: personas.ts.
 *
 * What real streams have too: 5 % of the events come up to 5 s out of order; 0.05 % come from phones that were
 * offline, up to 90 min after they happened, so most of them are late; 0.05 % are malformed.
 */
import { type UserBehavior, userBehavior } from '../../functions/hotItems/events.ts';
import { eventTime, isoTime } from '../../shared/model/time.ts';
import type { InputEvent } from '../readInput.ts';
import { categoryIdOf, ITEMS, itemIdOf, scatter } from './catalog.ts';
import { EVENING, lengthMs, type Span } from './evening.ts';
import { type Deed, deedsOf } from './personas.ts';
import { type Random, randomFrom, weighted, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T10:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const USUAL: Span = { fromMs: START_MS, toMs: START_MS + 180 * MINUTE_MS };
const DAILY_PEAK_MS = 150 * MINUTE_MS;

const USERS = 8_000;
const FIRST_USER_ID = 100_000;

const PROMOTION_MS = 20 * MINUTE_MS;
const PROMOTION_SHARE = 0.03;
const OUT_OF_ORDER = { share: 0.05, longestMs: 5_000 };
const OFFLINE = { share: 0.0005, longestMs: 90 * MINUTE_MS };
const MALFORMED_SHARE = 0.0005;

const drawUser = zipf(USERS, 0.6);
const drawItem = zipf(ITEMS, 0.95);
const drawBehavior = weighted([
  ['pv', 892],
  ['cart', 55],
  ['fav', 31],
  ['buy', 22],
] as const);

export function* generateBehavior(options: GeneratorOptions): Generator<InputEvent> {
  const { seed, events, course } = options;
  const random = randomFrom(seed);
  const span = course === 'evening' ? EVENING.whole : USUAL;
  const meanMs = lengthMs(span) / events;
  const usualRhythm = meanRhythm(span);
  const promoted = Array.from({ length: Math.ceil(lengthMs(span) / PROMOTION_MS) }, () =>
    Math.floor(random() * ITEMS),
  );
  const deeds = deedsOf(options);
  let turn = span.fromMs;
  for (let n = 0; n < events; n += 1) {
    // Every event arrives at some time in its own turn; turns are shorter when traffic is denser.
    const length = meanMs * (usualRhythm / rhythm(turn));
    const arrival = Math.min(turn + random() * length, span.toMs - 1);
    const drawn =
      random() < PROMOTION_SHARE ? promotedAt(arrival - span.fromMs, promoted) : drawItem(random);
    const takesOff = course === 'evening' && random() < takeOffShare(arrival);
    const itemId = takesOff ? Number(takeOff.itemId) : itemIdOf(drawn);
    const event: UserBehavior = {
      userId: String(FIRST_USER_ID + scatter(drawUser(random), USERS)),
      itemId: String(itemId),
      categoryId: categoryIdOf(itemId),
      behavior: drawBehavior(random),
      timestamp: Math.max(span.fromMs, Math.floor(arrival - delay(random))),
    };
    const line = lineOf(event, random);
    const deed = deeds.get(n);
    yield deed ? instead(event, deed) : inputEvent(event, line);
    turn += length;
  }
}

const inputEvent = (event: UserBehavior, line = JSON.stringify(event)): InputEvent => ({
  line,
  partitionKey: userBehavior.partitionKey(event),
  eventTimeMs: event.timestamp,
});

/** All of an event is drawn nevertheless, so that the draws of the next ones do not depend on it. */
function instead(
  { timestamp }: UserBehavior,
  { userId, itemId, behavior, happenedMs = timestamp }: Deed,
): InputEvent {
  return inputEvent({
    userId,
    itemId: String(itemId),
    categoryId: categoryIdOf(itemId),
    behavior,
    timestamp: happenedMs,
  });
}

const { takeOff } = EVENING;

/** Of all behaviour at a time, what is for the item that takes off: as a trapezium. */
function takeOffShare(at: number): number {
  const { rising, falling, share } = takeOff;
  const up = (at - rising.fromMs) / (rising.toMs - rising.fromMs);
  const down = (falling.toMs - at) / (falling.toMs - falling.fromMs);
  return share * Math.max(0, Math.min(1, up, down));
}

const promotedAt = (sinceStart: number, promoted: readonly number[]): number =>
  promoted[Math.floor(sinceStart / PROMOTION_MS) % promoted.length] ?? 0;

/** Relative traffic at a time of day: a sine with its peak in the evening. */
const rhythm = (at: number): number =>
  1 + 0.6 * Math.cos((2 * Math.PI * (at - START_MS - DAILY_PEAK_MS)) / DAY_MS);

function meanRhythm(span: Span): number {
  let sum = 0;
  for (let at = span.fromMs; at < span.toMs; at += MINUTE_MS) sum += rhythm(at);
  return sum / (lengthMs(span) / MINUTE_MS);
}

function delay(random: Random): number {
  const drawn = random();
  if (drawn < OFFLINE.share) return random() * OFFLINE.longestMs;
  return drawn < OFFLINE.share + OUT_OF_ORDER.share ? random() * OUT_OF_ORDER.longestMs : 0;
}

function lineOf(event: UserBehavior, random: Random): string {
  const line = JSON.stringify(event);
  if (random() >= MALFORMED_SHARE) return line;
  const { categoryId: _, ...incomplete } = event;
  const mistakes = [
    line.slice(0, -10),
    JSON.stringify(incomplete),
    JSON.stringify({ ...event, timestamp: Math.floor(event.timestamp / 1_000) }),
    JSON.stringify({ ...event, behavior: 'zoom' }),
    JSON.stringify({ ...event, timestamp: isoTime(eventTime(event.timestamp)) }),
  ];
  return mistakes[Math.floor(random() * mistakes.length)] ?? line;
}
