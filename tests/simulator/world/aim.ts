/**
 * Aims at boundaries. Answers change at exact times: where a window ends or becomes final, where a wait is over, where a
 * lane has been silent for long enough. Random times nearly never meet them, so a mistake of one millisecond would never
 * show. What is aimed lies on such a time, or one millisecond beside it.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { PutRecord, Shard, Stream } from './stream.ts';

/** Event times to come next under a key, in this order. */
export interface Script {
  readonly stream: Stream;
  readonly key: string;
  readonly times: number[];
}

/** When and where a record is to arrive. */
export interface Appointment {
  readonly stream: Stream;
  readonly key: string;
  readonly at: number;
  /** The time of its event, where that is aimed as well. */
  readonly eventTime: number | undefined;
}

/** What was put under a key lately. */
interface Recent {
  readonly stream: Stream;
  readonly key: string;
  readonly times: number[];
  lastArrival: number;
}

const ANCIENT_MS = Date.UTC(2000, 0, 1);
const BESIDE = [0, 0, -1, 1] as const;
const KEYS_KEPT = 12;
const TIMES_KEPT = 4;
/** A job that forgets a key later than this does so in no phase of a run but the last. */
const WAIT_MAX_MS = 15 * 60_000;

export class Aim {
  readonly #scenario: Scenario;
  readonly #random: Random;
  /** By stream and key, the oldest first. */
  readonly #recent = new Map<string, Recent>();
  /** By shard. */
  readonly #greatest = new Map<Shard, number>();

  constructor(scenario: Scenario, random: Random) {
    this.#scenario = scenario;
    this.#random = random;
  }

  note(stream: Stream, { partitionKey: key, arrival, facts }: PutRecord): void {
    const name = `${stream.name}/${key}`;
    const recent = this.#recent.get(name) ?? { stream, key, times: [], lastArrival: arrival };
    this.#recent.delete(name);
    this.#recent.set(name, recent);
    recent.lastArrival = arrival;
    const shard = stream.shardOf(key);
    for (const fact of facts) {
      // What is decades behind would be found expired, and none of that is to be aimed at.
      if (fact.kind !== 'event' || fact.event.timestamp < ANCIENT_MS) continue;
      recent.times.push(fact.event.timestamp);
      const greatest = this.#greatest.get(shard) ?? Number.NEGATIVE_INFINITY;
      this.#greatest.set(shard, Math.max(greatest, fact.event.timestamp));
    }
    recent.times.splice(0, recent.times.length - TIMES_KEPT);
    if (this.#recent.size > KEYS_KEPT) {
      const [oldest] = this.#recent.keys();
      if (oldest !== undefined) this.#recent.delete(oldest);
    }
  }

  forget(): void {
    this.#recent.clear();
    this.#greatest.clear();
  }

  /** Events of one key that bring an answer, or W, to a boundary; none of them later than `latest`. */
  script(stream: Stream, latest: number): Script | undefined {
    const random = this.#random;
    const known = [...this.#recent.values()].filter((each) => each.stream === stream);
    const recent = known.length > 0 ? random.pick(known) : undefined;
    const trials = this.#scenario.trials.filter(({ streams }) => streams.includes(stream.name));
    if (!recent || recent.times.length === 0 || trials.length === 0) return undefined;
    const { analysis } = random.pick(trials);
    const { outOfOrderness } = analysis;
    const anchor = random.pick(recent.times);
    const moment = random.pick(analysis.moments(anchor)) + random.pick(BESIDE);
    const greatest = this.#greatest.get(stream.shardOf(recent.key)) ?? anchor;
    const times = random.pick([
      // The event itself is there.
      [moment],
      // W comes there, and then one more event for what was before.
      [moment + outOfOrderness, anchor + random.pick(BESIDE)],
      [moment + outOfOrderness],
      // An event at W.
      [greatest - outOfOrderness + random.pick(BESIDE)],
    ]);
    return times.every((at) => at <= latest) ? { ...recent, times } : undefined;
  }

  /** An arrival after exactly so long a silence of a shard, or of a key, that something follows from it. */
  appointment(now: number): Appointment | undefined {
    const { trials, settings } = this.#scenario;
    const random = this.#random;
    if (this.#recent.size === 0) return undefined;
    const known = [...this.#recent.values()];
    const { stream, key, lastArrival, times } =
      (random.chance(0.5) ? known.at(-1) : undefined) ?? random.pick(known);
    const shard = stream.shardOf(key);
    const readers = trials.filter(({ streams }) => streams.includes(stream.name));
    const { analysis, stateRetention } = random.pick(readers.length > 0 ? readers : trials);
    const { silentUntil, eventTime } = random.pick([
      {
        silentUntil: (shard.records.at(-1)?.arrival ?? lastArrival) + settings.idleAfter,
        eventTime: this.outOfOrder(shard),
      },
      {
        silentUntil: lastArrival + stateRetention,
        eventTime: times.length > 0 ? random.pick(analysis.moments(random.pick(times))) : undefined,
      },
    ]);
    // Just before is where it matters most that nobody has decided yet.
    const at = silentUntil + random.pick([-1, ...BESIDE]);
    if (at <= now || at >= now + WAIT_MAX_MS) return undefined;
    return { stream, key, at, eventTime: random.chance(0.7) ? eventTime : undefined };
  }

  /** An event that comes a little out of order on the shard; it would be late if W had moved past what is held. */
  outOfOrder(shard: Shard): number | undefined {
    const greatest = this.#greatest.get(shard);
    const [{ analysis }] = this.#scenario.trials as [Scenario['trials'][number]];
    return greatest && greatest - this.#random.below(analysis.outOfOrderness + 1);
  }
}
