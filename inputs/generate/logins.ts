/**
 * Attempts to log in, usually for three hours, from 2026-03-02 18:00 in Shanghai. Most succeed; who mistypes tries again
 * after some seconds. One in 250 is the first of a burst: somebody guesses a user's password from a few addresses, 4 to 20
 * attempts 0.2 to 1.8 s apart, and one burst in five ends with the right one. On the evening of evening.ts, two hours long,
 * a list of accounts is attacked besides, for a minute each.
 *
 * 10 % of the attempts come up to 2.5 s out of order; 0.1 % come 5 s to 10 min after they happened, and are late. 0.05 % are
 * malformed.
 */
import { type Login, logins } from '../../functions/loginFail/events.ts';
import type { InputEvent } from '../readInput.ts';
import {
  type Arrival,
  first,
  inArrivalOrder,
  type Story,
  storiesOf,
  timesWithin,
} from './arrivals.ts';
import { EVENING, lengthMs, type Span } from './evening.ts';
import { delayOf, type Format, inputEvent } from './flaws.ts';
import { type Random, randomFrom, zipf } from './random.ts';
import type { GeneratorOptions } from './sample.ts';

const START_MS = Date.parse('2026-03-02T10:00:00Z');
const SECOND_MS = 1_000;
const USUAL: Span = { fromMs: START_MS, toMs: START_MS + 180 * 60 * SECOND_MS };

const USERS = 3_000;
const FIRST_USER_ID = 100_000;

const DELAYS = {
  outOfOrder: { share: 0.1, longestMs: 2_500 },
  offline: { share: 0.001, shortestMs: 5 * SECOND_MS, longestMs: 600 * SECOND_MS },
};
const MISTYPED_SHARE = 0.08;
const BURST = {
  share: 0.004,
  attempts: { min: 4, max: 20 },
  pauseMs: { min: 200, max: 1_800 },
  rightShare: 0.2,
  addresses: 3,
};
const RETRY_MS = { min: 3 * SECOND_MS, max: 20 * SECOND_MS };
/** Attempts that come of one visit, on average: they space the visits so that all attempts take the span. */
const ATTEMPTS_PER_VISIT = 1.135;

const drawUser = zipf(USERS, 0.5);

const FORMAT: Format<Login> = {
  source: logins,
  missing: 'ip',
  empty: 'userId',
  unknown: { outcome: 'maybe' },
};

export function generateLogins({ seed, events, course }: GeneratorOptions): Generator<InputEvent> {
  const random = randomFrom(seed);
  if (course !== 'evening') {
    return first(events, inArrivalOrder(storiesOf(visits(USUAL, events, random), events)));
  }
  const attempts = Math.floor(events * loginAttack.share);
  const others = visits(EVENING.whole, events - attempts, random);
  return first(events, inArrivalOrder(storiesOf(withAttack(others, attempts, random), events)));
}

function* visits(span: Span, events: number, random: Random): Generator<Story> {
  const pauseMs = (lengthMs(span) * ATTEMPTS_PER_VISIT) / events;
  for (let n = 0; ; n += 1) {
    const from = span.fromMs + (n + random()) * pauseMs;
    const attempts = random() < BURST.share ? burst(from, random) : visit(from, random);
    const turn = span.fromMs + n * pauseMs;
    yield { from: turn, arrivals: attempts.map((each) => arrival(each, random)) };
  }
}

const { loginAttack } = EVENING;

/** The attack's attempts are stories of their own among the others, in order of time. */
function* withAttack(stories: Iterable<Story>, attempts: number, random: Random): Generator<Story> {
  const times = timesWithin(loginAttack, attempts, random);
  let next = times.next();
  for (const story of stories) {
    for (; !next.done && next.value < story.from; next = times.next()) {
      const from = next.value;
      yield { from, arrivals: [arrival(attackAt(Math.floor(from), random), random)] };
    }
    yield story;
  }
}

function attackAt(timestamp: number, random: Random): Login {
  const { userIds, fromMs, toMs } = loginAttack;
  const turn = Math.floor(((timestamp - fromMs) / (toMs - fromMs)) * userIds.length);
  return { userId: userIds[turn] ?? '', ip: attackerAddress(random), outcome: 'fail', timestamp };
}

function arrival(login: Login, random: Random): Arrival {
  const at = login.timestamp + delayOf(DELAYS, random);
  return { at, event: inputEvent(login, FORMAT, random) };
}

function visit(at: number, random: Random): Login[] {
  const user = drawUser(random);
  const common = { userId: userId(user), ip: homeAddress(user) };
  const attempts: Login[] = [];
  let timestamp = Math.floor(at);
  while (random() < MISTYPED_SHARE) {
    attempts.push({ ...common, outcome: 'fail', timestamp });
    timestamp += between(RETRY_MS, random);
  }
  return [...attempts, { ...common, outcome: 'success', timestamp }];
}

function burst(at: number, random: Random): Login[] {
  const userIdOfVictim = userId(drawUser(random));
  const attempts: Login[] = [];
  let timestamp = Math.floor(at);
  for (let left = between(BURST.attempts, random); left > 0; left -= 1) {
    const isRight = left === 1 && random() < BURST.rightShare;
    attempts.push({
      userId: userIdOfVictim,
      ip: attackerAddress(random),
      outcome: isRight ? 'success' : 'fail',
      timestamp,
    });
    timestamp += between(BURST.pauseMs, random);
  }
  return attempts;
}

const between = ({ min, max }: { min: number; max: number }, random: Random): number =>
  min + Math.floor(random() * (max - min + 1));

const userId = (user: number): string => String(FIRST_USER_ID + ((user * 7_919) % USERS));

/** From blocks that are reserved for examples. */
const attackerAddress = (random: Random): string =>
  `203.0.113.${Math.floor(random() * BURST.addresses) + 1}`;
const homeAddress = (user: number): string => `198.18.${(user * 37) % 256}.${(user * 101) % 256}`;
