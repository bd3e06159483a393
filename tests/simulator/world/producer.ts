/**
 * Makes the input: records of one or more events, some of them out of order, late, malformed or poisonous,
 * with pauses in between, and changes of the shards. It notes what each record holds.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import { type Behavior, type Content, type Fact, POISON_USER, UNKNOWN_BEHAVIOR } from '../truth.ts';
import type { Surroundings } from './host.ts';
import { kplRecord } from './kplRecord.ts';
import type { Stream } from './stream.ts';

const REPLAY_START = Date.UTC(2017, 10, 26, 1);
const ONE_MINUTE = 60_000;
/** No job here refuses what is ahead by less. */
const AHEAD_MAX_MS = 110_000;
const REDRIVEN_AHEAD_MAX_MS = 3_600_000;
const SHARDS_MAX = 8;
const PACKED_MAX = 12;
const BULKY_EVENTS = 1_100;
/** Too many for the commit, so that they become items of their own. */
const BULKY_DEAD_LETTERS = 60;
const BULKY_ID_LENGTH = 250;
/** Chinese, Japanese and Korean signs: much content for few characters. */
const BULKY_SIGNS: readonly [number, number] = [0x4e00, 0x9fff];

/** Whether the events may include those that only the job as deployed at first refuses. */
export type Season = 'before mending' | 'after mending';

export class Producer {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #stream: Stream;
  #cursor: number;
  #isBulkyDue: boolean;
  #latest = 0;
  /** How much of the events has been put, from 0 to 1. */
  #progress = 0;

  constructor(scenario: Scenario, around: Surroundings, random: Random, stream: Stream) {
    this.#scenario = scenario;
    this.#around = around;
    this.#random = random;
    this.#stream = stream;
    this.#cursor = REPLAY_START + random.below(ONE_MINUTE);
    this.#isBulkyDue = scenario.hasBulkyRecord;
  }

  /** Puts so many events, over time. */
  async produce(events: number, season: Season): Promise<void> {
    const { timeline, faults, situations, trace } = this.#around;
    let left = events;
    while (left > 0) {
      this.#progress = 1 - left / events;
      await timeline.sleep(this.#gap());
      if (this.#random.chance(faults.reshard) && this.#stream.shards.length < SHARDS_MAX) {
        trace.add(timeline.now, `stream ${this.#stream.reshard()}`);
        situations.meet('resharding');
      }
      left -= this.#putRecord(left, season);
    }
  }

  /** The end of the last window that an event so far may lie in. */
  get latestWindowEnd(): number {
    return Math.max(...this.#scenario.trials.map(({ analysis }) => this.#latest + analysis.size));
  }

  /** Moves the event times of a replay on. */
  skip(ms: number): void {
    this.#cursor += ms;
  }

  #gap(): number {
    const { mixture, gapMs } = this.#scenario;
    if (this.#random.chance(mixture.silence)) {
      return Math.round(this.#random.magnitude(15_000, 12 * ONE_MINUTE));
    }
    return this.#random.between(1, gapMs);
  }

  /** Puts one record and says how many events it took. */
  #putRecord(left: number, season: Season): number {
    this.#cursor += this.#random.between(0, this.#scenario.stepMs);
    if (this.#isBulkyDue && season === 'before mending' && this.#random.chance(0.2)) {
      this.#isBulkyDue = false;
      this.#put('bulky', this.#bulkyContents());
      return 1;
    }
    const isPacked = this.#random.chance(this.#scenario.mixture.packed);
    const size = isPacked ? this.#random.between(2, Math.max(2, Math.min(left, PACKED_MAX))) : 1;
    const partitionKey = this.#itemId();
    this.#put(
      partitionKey,
      Array.from({ length: size }, () => this.#entry(partitionKey, season)),
    );
    return size;
  }

  #put(partitionKey: string, entries: readonly { content: Content; raw: Uint8Array }[]): void {
    const facts: Fact[] = entries.map(({ content, raw }, index) => ({ ...content, raw, index }));
    const times = this.#random.chance(this.#scenario.mixture.duplicated) ? 2 : 1;
    const lines = facts.map(({ raw }) => raw);
    const isAggregated = this.#random.chance(this.#scenario.mixture.aggregated);
    const data = isAggregated ? kplRecord(partitionKey, lines) : joined(lines, this.#random);
    if (isAggregated) this.#around.situations.meet('record of the Kinesis Producer Library');
    for (let i = 0; i < times; i += 1) {
      this.#stream.put(partitionKey, this.#around.timeline.now, data, facts);
    }
  }

  #entry(itemId: string, season: Season): { content: Content; raw: Uint8Array } {
    if (this.#random.chance(this.#scenario.mixture.garbage)) {
      return { content: { kind: 'garbage' }, raw: this.#garbage() };
    }
    const event = this.#event(itemId, season);
    return { content: { kind: 'event', event }, raw: Buffer.from(JSON.stringify(event)) };
  }

  #event(itemId: string, season: Season): Behavior {
    const { mixture } = this.#scenario;
    const random = this.#random;
    const isOld = season === 'before mending';
    const isPoison = isOld && random.chance(mixture.poison);
    const isUnknown = isOld && random.chance(mixture.unknown);
    return {
      userId: isPoison ? POISON_USER : `${random.pick(['', 'u'])}${random.below(9)}`,
      itemId,
      categoryId: `c${random.below(3)}`,
      behavior: isUnknown ? UNKNOWN_BEHAVIOR : random.pick(['pv', 'pv', 'pv', 'cart', 'buy']),
      timestamp: this.#timestamp(),
    };
  }

  #timestamp(): number {
    const time = this.#drawnTime();
    // What is refused as too far ahead may be redriven when it no longer is.
    if (time <= this.#around.timeline.now + REDRIVEN_AHEAD_MAX_MS)
      this.#latest = Math.max(this.#latest, time);
    return time;
  }

  #drawnTime(): number {
    const { mixture, mode, trials, lull } = this.#scenario;
    const random = this.#random;
    const { now } = this.#around.timeline;
    const [{ analysis }] = trials as [Scenario['trials'][number]];
    if (random.chance(mixture.ancient)) return Math.floor(now / 1_000);
    if (random.chance(mixture.future)) return now + random.pick([600_001, 86_400_000]);
    const base = mode === 'live' ? now - random.below(500) : this.#cursor;
    if (random.chance(mixture.ahead)) return base + random.below(AHEAD_MAX_MS);
    if (random.chance(mixture.late)) {
      const { size, lateness, outOfOrderness } = analysis;
      const furthest = 2 * (size + lateness + outOfOrderness);
      return base - random.below(lull === 'none' ? furthest : 3 * furthest);
    }
    return random.chance(mixture.disordered)
      ? base - random.below(2 * analysis.outOfOrderness + 2_000)
      : base;
  }

  #garbage(): Uint8Array {
    return Buffer.from(
      this.#random.pick<string | readonly number[]>([
        'not json',
        '{"userId":"1","itemId":',
        '[]',
        '42',
        '{"userId":1,"itemId":"2","categoryId":"3","behavior":"pv","timestamp":1}',
        '{"userId":"","itemId":"2","categoryId":"3","behavior":"pv","timestamp":1511658000000}',
        '{"userId":"1","itemId":"2","categoryId":"3","behavior":"pv","timestamp":1511658000000.5}',
        [0xff, 0xfe, 0x7b],
      ]) as string,
    );
  }

  #itemId(): string {
    let id = this.#anyItemId();
    if (this.#scenario.lull === 'none') return id;
    const [silent] = this.#stream.shards;
    const isLull = this.#progress > 0.2 && this.#progress < 0.7;
    for (let i = 0; i < 5 && isLull === (this.#stream.shardOf(id) === silent); i += 1) {
      id = this.#anyItemId();
    }
    return id;
  }

  #anyItemId(): string {
    const n = this.#random.below(this.#scenario.items);
    return n % 3 === 0 ? `item-${n}` : String(1_000 + n);
  }

  /** As much as fits a record of 1 MB, hardly compressible. */
  #bulkyContents(): { content: Content; raw: Uint8Array }[] {
    const time = this.#timestampOfBulk();
    const isDead = this.#random.chance(0.5);
    const behavior = isDead ? UNKNOWN_BEHAVIOR : 'pv';
    return Array.from({ length: isDead ? BULKY_DEAD_LETTERS : BULKY_EVENTS }, (_, i) => {
      const signs = Array.from({ length: BULKY_ID_LENGTH }, () =>
        this.#random.between(...BULKY_SIGNS),
      );
      const itemId = String.fromCharCode(...signs);
      const event = { userId: `u${i}`, itemId, categoryId: 'c0', behavior, timestamp: time };
      return { content: { kind: 'event', event }, raw: Buffer.from(JSON.stringify(event)) };
    });
  }

  #timestampOfBulk(): number {
    return this.#scenario.mode === 'live' ? this.#around.timeline.now - 1_000 : this.#cursor;
  }
}

/** Lines of a record, some with blank lines in between or an end of line at the end. */
function joined(lines: readonly Uint8Array[], random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [i, line] of lines.entries()) {
    if (i > 0) parts.push(Buffer.from(random.chance(0.1) ? '\n \n' : '\n'));
    parts.push(line);
  }
  if (lines.length > 1 && random.chance(0.2)) parts.push(Buffer.from('\n'));
  return Buffer.concat(parts);
}
