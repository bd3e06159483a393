/**
 * Makes the input: records of one or more events, some of them out of order, late, malformed or poisonous,
 * with pauses in between, and changes of the shards. It notes what each record holds.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import { streamModel } from '../streams/byName.ts';
import type { StreamModel } from '../streams/model.ts';
import type { Fact, Flaw } from '../truth.ts';
import { type KeyedLine, keysOfShard, putAggregate } from './aggregates.ts';
import { Aim, type Appointment, type Script } from './aim.ts';
import { bulkyEvents } from './bulk.ts';
import { EventTimes } from './eventTimes.ts';
import { sourceShardsMax } from './forwarding.ts';
import type { Surroundings } from './host.ts';
import { kplRecord } from './kplRecord.ts';
import type { NamedSources } from './namedSources.ts';
import { garbageLine, inOtherForm, joined, type Line, lineOf } from './recordLines.ts';
import { Strays } from './strays.ts';
import type { Shard, Stream } from './stream.ts';

const ONE_MINUTE = 60_000;
const SHARDS_MAX = 8;
const MOMENTS_MS = 100;
const KEYS_TRIED = 30;
const PACKED_MAX = 12;
/** Of a record with hardly an event in it; the limits of `--limits tight` are reached several times in one. */
const RUBBISH_LINES_MAX = 60;
/** Of the records that are events throughout. */
const OTHER_FORMS = 0.1;
const RUBBISH_KEYS = ['rubbish', 'waste', 'junk'] as const;

/** Whether the events may include those that only the job as deployed at first refuses. */
export type Season = 'before mending' | 'after mending';

export class Producer {
  readonly times: EventTimes;
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #streams: readonly Stream[];
  readonly #named: NamedSources;
  /** Records that the producer has to put again. */
  readonly #again: (() => void)[] = [];
  /** Hears of records that will arrive when something has been silent for just so long. */
  readonly #onAppointment: (appointment: Appointment) => void;
  #isBulkyDue: boolean;
  /** Draws of its own, so that a run is the same but for these records. */
  readonly #rubbish: Random;
  readonly #hasRubbish: boolean;
  /** The same: what the records hold does not depend on it. */
  readonly #forms: Random;
  readonly #strays: Strays;
  readonly #aim: Aim;
  /** Event times that are still to come under a key. */
  #script: Script | undefined;
  #season: Season = 'before mending';
  /** How much of the events has been put, from 0 to 1. */
  #progress = 0;

  constructor(
    scenario: Scenario,
    around: Surroundings,
    random: Random,
    { streams, named }: { streams: readonly Stream[]; named: NamedSources },
    onAppointment: (appointment: Appointment) => void,
  ) {
    this.#scenario = scenario;
    this.#onAppointment = onAppointment;
    this.#around = around;
    this.#random = random;
    this.#streams = streams;
    this.#named = named;
    this.#aim = new Aim(scenario, random.fork('aim'));
    this.times = new EventTimes(scenario, around, random);
    this.#isBulkyDue = scenario.hasBulkyRecord;
    this.#rubbish = random.fork('rubbish');
    this.#forms = random.fork('forms');
    this.#strays = new Strays(scenario, around.situations, random.fork('strays'), this.times);
    this.#hasRubbish = this.#rubbish.chance(0.25);
  }

  /** Puts so many events, over time. */
  async produce(events: number, season: Season): Promise<void> {
    const { timeline } = this.#around;
    this.beginSeason(season);
    let left = events;
    while (left > 0) {
      this.#progress = 1 - left / events;
      const isAimed = this.#random.chance(this.#scenario.mixture.onTheDot);
      const appointment = isAimed ? this.#aim.appointment(timeline.now) : undefined;
      if (appointment) this.#onAppointment(appointment);
      await timeline.sleep(appointment ? appointment.at - timeline.now : this.#gap());
      const stream = appointment?.stream ?? this.#random.pick(this.#streams);
      if (!appointment) this.#maybeReshard(stream);
      left -= this.#putRecord(stream, left, { season, appointment });
      if (this.#random.chance(0.5)) this.#putAgain();
    }
    this.#putAgain();
  }

  beginSeason(season: Season): void {
    this.#season = season;
    this.times.endBurst();
  }

  /** Puts a record into this shard within moments, if it can find a key that belongs there. */
  putInto(shard: Shard): void {
    const { stream: name, id } = shard;
    const stream = this.#streams.find((each) => each.name === name);
    if (!stream) return;
    this.#around.timeline.after(this.#random.below(MOMENTS_MS), () => {
      const model = streamModel(name);
      for (let i = 0; i < KEYS_TRIED; i += 1) {
        const key = model.partitionKey(this.#random, KEYS_TRIED);
        if (stream.shardOf(key).id !== id) continue;
        const at = this.#random.chance(0.5) ? this.#aim.outOfOrder(shard) : undefined;
        this.#put(stream, key, [this.#line(model, key, this.#season, at)]);
        this.#around.situations.meet('record just after a look');
        return;
      }
    });
  }

  /** Moves the event times of a replay on. What was before is too old to come back to. */
  skip(ms: number): void {
    this.times.skip(ms);
    this.#aim.forget();
    this.#script = undefined;
  }

  #maybeReshard(stream: Stream): void {
    const { timeline, faults, situations, trace } = this.#around;
    if (!this.#random.chance(faults.reshard)) return;
    if (stream.shards.length >= sourceShardsMax(this.#scenario, SHARDS_MAX)) return;
    trace.add(timeline.now, `stream ${stream.name}: ${stream.reshard(timeline.now)}`);
    situations.meet('resharding');
  }

  #gap(): number {
    const { mixture, gapMs } = this.#scenario;
    if (this.#random.chance(mixture.silence)) {
      this.times.endBurst();
      return Math.round(this.#random.magnitude(15_000, 12 * ONE_MINUTE));
    }
    return this.#random.between(1, gapMs);
  }

  /** Puts one record and says how many events it took. */
  #putRecord(
    stream: Stream,
    left: number,
    { season, appointment }: { season: Season; appointment: Appointment | undefined },
  ): number {
    this.times.step();
    if (this.#hasRubbish && this.#rubbish.chance(0.04)) this.#putRubbish(stream);
    this.times.maybeBurst();
    if (this.#isBulkyDue && season === 'before mending' && this.#random.chance(0.2)) {
      return this.#putBulky(stream);
    }
    const model = streamModel(stream.name);
    const isPacked = this.#random.chance(this.#scenario.mixture.packed);
    const script = appointment ? undefined : this.#nextOf(stream);
    if (script) {
      const times = script.times.splice(0, isPacked ? script.times.length : 1);
      const lines = times.map((at) => this.#line(model, script.key, season, at));
      this.#put(stream, script.key, lines);
      return times.length;
    }
    const size = isPacked ? this.#random.between(2, Math.max(2, Math.min(left, PACKED_MAX))) : 1;
    if (!appointment && this.#random.chance(this.#scenario.mixture.manyKeys)) {
      return this.#putManyKeys(stream, Math.max(2, Math.min(left, size)), season);
    }
    this.#putLines(stream, size, { season, appointment });
    return size;
  }

  #putLines(
    stream: Stream,
    size: number,
    { season, appointment }: { season: Season; appointment: Appointment | undefined },
  ): void {
    const model = streamModel(stream.name);
    const partitionKey = appointment?.key ?? this.#partitionKey(stream, model);
    const lines = Array.from({ length: size }, () =>
      this.#line(model, partitionKey, season, appointment?.eventTime),
    );
    if (!appointment && this.#named.take(stream, partitionKey, lines)) return;
    this.#put(stream, partitionKey, this.#strays.among(lines, model));
  }

  #putBulky(stream: Stream): number {
    this.#isBulkyDue = false;
    const { current } = this.times;
    const time = this.#scenario.mode === 'live' ? current - 1_000 : current;
    const events = bulkyEvents(stream.name, time, this.#random);
    this.#put(stream, 'bulky', events.map(lineOf));
    return 1;
  }

  #putRubbish(stream: Stream): void {
    const random = this.#rubbish;
    const model = streamModel(stream.name);
    const key = random.pick(RUBBISH_KEYS);
    const count = random.between(10, RUBBISH_LINES_MAX);
    const lines = Array.from({ length: count }, () => garbageLine(model, random));
    this.#put(stream, key, lines);
    this.#around.situations.meet('record of nothing but dead letters');
  }

  /** An aggregate of many keys. What lands on a wrong shard comes again, each for itself, before or after what is next. */
  #putManyKeys(stream: Stream, count: number, season: Season): number {
    const { timeline, situations } = this.#around;
    const model = streamModel(stream.name);
    const draw = () => this.#partitionKey(stream, model);
    const keys = keysOfShard(stream, this.#random, { count, draw });
    const lines = keys.map((key) => ({ partitionKey: key, ...this.#line(model, key, season) }));
    const put = (some: readonly KeyedLine[]) =>
      putAggregate(stream, some, { now: timeline.now, random: this.#random });
    if (new Set(keys).size > 1) situations.meet('aggregate of many keys');
    const misplaced = put(lines);
    situations.meet('misplaced event put again', misplaced.length);
    for (const line of misplaced) this.#again.push(() => void put([line]));
    return keys.length;
  }

  /** Puts again what landed on a wrong shard. */
  #putAgain(): void {
    for (const put of this.#again.splice(0)) put();
  }

  /** What is to come next on the stream, where it is aimed. */
  #nextOf(stream: Stream): Script | undefined {
    const isUnderWay = this.#script?.stream === stream && this.#script.times.length > 0;
    if (isUnderWay) return this.#script;
    if (!this.#random.chance(this.#scenario.mixture.aimed)) return undefined;
    this.#script = this.#aim.script(stream, this.times.aimable);
    this.times.leapTo(this.#script?.times ?? []);
    return this.#script;
  }

  #put(stream: Stream, partitionKey: string, entries: readonly Line[]): void {
    const facts: Fact[] = entries.map(({ content, raw, key }, index) => ({
      ...content,
      raw,
      index,
      ...(key === undefined ? {} : { key }),
    }));
    const times = this.#random.chance(this.#scenario.mixture.duplicated) ? 2 : 1;
    const lines = facts.map(({ raw }) => raw);
    const isAggregated = this.#random.chance(this.#scenario.mixture.aggregated);
    const asOne = isAggregated
      ? kplRecord(lines.map((line) => ({ partitionKey, data: line })))
      : joined(lines, this.#random);
    const data = (isAggregated ? undefined : this.#inOtherForm(entries)) ?? asOne;
    if (isAggregated) this.#around.situations.meet('record of the Kinesis Producer Library');
    for (let i = 0; i < times; i += 1) {
      const put = stream.put(partitionKey, this.#around.timeline.now, data, facts);
      this.#aim.note(stream, put);
    }
  }

  #inOtherForm(entries: readonly Line[]): Uint8Array | undefined {
    if (!this.#forms.chance(OTHER_FORMS)) return undefined;
    const data = inOtherForm(entries, this.#forms);
    if (data) this.#around.situations.meet('record in another form than lines');
    return data;
  }

  /** @param at its event time, where that is given. */
  #line(model: StreamModel, partitionKey: string, season: Season, at?: number): Line {
    if (this.#random.chance(this.#scenario.mixture.garbage)) {
      return garbageLine(model, this.#random);
    }
    const flaw = season === 'before mending' ? this.#flaw() : undefined;
    const event = model.event(partitionKey, this.times.next(at), this.#random);
    return lineOf(flaw === undefined ? event : { ...event, flaw });
  }

  #flaw(): Flaw | undefined {
    const { mixture } = this.#scenario;
    const isPoison = this.#random.chance(mixture.poison);
    const isUnreadable = this.#random.chance(mixture.unreadable);
    if (isUnreadable) return 'unreadable';
    return isPoison ? 'poison' : undefined;
  }

  #partitionKey(stream: Stream, model: StreamModel): string {
    const any = (): string => model.partitionKey(this.#random, this.#scenario.variety);
    let key = any();
    if (this.#scenario.lull === 'none') return key;
    const [silent] = stream.shards;
    const isLull = this.#progress > 0.2 && this.#progress < 0.7;
    for (let i = 0; i < 5 && isLull === (stream.shardOf(key) === silent); i += 1) key = any();
    return key;
  }
}
