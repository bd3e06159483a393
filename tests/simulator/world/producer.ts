/**
 * Makes the input: records of one or more events, some of them out of order, late, malformed or poisonous,
 * with pauses in between, and changes of the shards. It notes what each record holds.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import { streamModel } from '../streams/byName.ts';
import type { StreamModel } from '../streams/model.ts';
import type { Content, Fact, Flaw, StreamEvent } from '../truth.ts';
import { type KeyedLine, keysOfShard, putAggregate } from './aggregates.ts';
import { Aim, type Appointment, type Script } from './aim.ts';
import { bulkyEvents } from './bulk.ts';
import type { Surroundings } from './host.ts';
import { kplRecord } from './kplRecord.ts';
import type { Shard, Stream } from './stream.ts';

const REPLAY_START = Date.UTC(2017, 10, 26, 1);
const ONE_MINUTE = 60_000;
/** No job here refuses what is ahead by less. */
const AHEAD_MAX_MS = 110_000;
/** A replay leaps no further: more than the longest window. */
const LEAP_MAX_MS = 2 * 3_600_000;
const REDRIVEN_AHEAD_MAX_MS = 3_600_000;
/** 1980: what is before it is no time of an event. */
const EARLIEST_MS = Date.UTC(1980, 0, 1);
const SHARDS_MAX = 8;
const LAG_MAX_MS = 2 * 3_600_000;
const MOMENTS_MS = 100;
const KEYS_TRIED = 30;
const PACKED_MAX = 12;
/** Of a record with hardly an event in it; the limits of `--limits tight` are reached several times in one. */
const RUBBISH_LINES_MAX = 60;
const RUBBISH_KEYS = ['rubbish', 'waste', 'junk'] as const;
const BURST_RECORDS_MAX = 10;

/** Whether the events may include those that only the job as deployed at first refuses. */
export type Season = 'before mending' | 'after mending';

interface Line {
  readonly content: Content;
  readonly raw: Uint8Array;
}

export class Producer {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #random: Random;
  readonly #streams: readonly Stream[];
  /** Records that the producer has to put again. */
  readonly #again: (() => void)[] = [];
  /** Hears of records that will arrive when something has been silent for just so long. */
  readonly #onAppointment: (appointment: Appointment) => void;
  #cursor: number;
  #isBulkyDue: boolean;
  /** Draws of its own, so that a run is the same but for these records. */
  readonly #rubbish: Random;
  readonly #hasRubbish: boolean;
  #latest = 0;
  readonly #aim: Aim;
  /** Event times that are still to come under a key. */
  #script: Script | undefined;
  #season: Season = 'before mending';
  /** How much of the events has been put, from 0 to 1. */
  #progress = 0;
  readonly #bursts: Random;
  /** The records in a row whose events all have one time. */
  #burst = { time: 0, left: 0 };

  constructor(
    scenario: Scenario,
    around: Surroundings,
    random: Random,
    streams: readonly Stream[],
    onAppointment: (appointment: Appointment) => void,
  ) {
    this.#scenario = scenario;
    this.#onAppointment = onAppointment;
    this.#around = around;
    this.#random = random;
    this.#streams = streams;
    this.#aim = new Aim(scenario, random.fork('aim'));
    this.#cursor = REPLAY_START + random.below(ONE_MINUTE);
    this.#isBulkyDue = scenario.hasBulkyRecord;
    this.#rubbish = random.fork('rubbish');
    this.#hasRubbish = this.#rubbish.chance(0.25);
    this.#bursts = random.fork('bursts');
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
    this.#burst.left = 0;
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

  /** When the last consequence of the events so far is due, in event time. */
  get latestConsequence(): number {
    return Math.max(
      ...this.#scenario.trials.map(({ analysis }) => this.#latest + analysis.horizon),
    );
  }

  /** Moves the event times of a replay on. What was before is too old to come back to. */
  skip(ms: number): void {
    this.#cursor += ms;
    this.#aim.forget();
    this.#script = undefined;
  }

  #maybeReshard(stream: Stream): void {
    const { timeline, faults, situations, trace } = this.#around;
    if (!this.#random.chance(faults.reshard) || stream.shards.length >= SHARDS_MAX) return;
    if (this.#scenario.trials.some(hangsOnLag)) return;
    trace.add(timeline.now, `stream ${stream.name}: ${stream.reshard()}`);
    situations.meet('resharding');
  }

  #gap(): number {
    const { mixture, gapMs } = this.#scenario;
    if (this.#random.chance(mixture.silence)) {
      this.#burst.left = 0;
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
    this.#cursor += this.#random.between(0, this.#scenario.stepMs);
    if (this.#hasRubbish && this.#rubbish.chance(0.04)) this.#putRubbish(stream);
    this.#maybeBurst();
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
    const partitionKey = appointment?.key ?? this.#partitionKey(stream, model);
    this.#put(
      stream,
      partitionKey,
      Array.from({ length: size }, () =>
        this.#line(model, partitionKey, season, appointment?.eventTime),
      ),
    );
    return size;
  }

  #putBulky(stream: Stream): number {
    this.#isBulkyDue = false;
    const { timeline } = this.#around;
    const time = this.#scenario.mode === 'live' ? timeline.now - 1_000 : this.#cursor;
    const events = bulkyEvents(stream.name, time, this.#random);
    this.#put(stream, 'bulky', events.map(lineOf));
    return 1;
  }

  #putRubbish(stream: Stream): void {
    const random = this.#rubbish;
    const model = streamModel(stream.name);
    const key = random.pick(RUBBISH_KEYS);
    const lines = Array.from({ length: random.between(10, RUBBISH_LINES_MAX) }, () => ({
      content: { kind: 'garbage' } as const,
      raw: garbageOf(model, random),
    }));
    this.#put(stream, key, lines);
    this.#around.situations.meet('record of nothing but dead letters');
  }

  #maybeBurst(): void {
    const { mode, burst } = this.#scenario;
    if (this.#burst.left > 0) this.#burst.left -= 1;
    else if (this.#bursts.chance(burst)) {
      const time = mode === 'live' ? this.#around.timeline.now : this.#cursor;
      this.#burst = { time, left: this.#bursts.between(2, BURST_RECORDS_MAX) };
      this.#around.situations.meet('burst of one time');
    }
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
    const { mixture, mode } = this.#scenario;
    const isUnderWay = this.#script?.stream === stream && this.#script.times.length > 0;
    if (isUnderWay) return this.#script;
    if (!this.#random.chance(mixture.aimed)) return undefined;
    const { now } = this.#around.timeline;
    const latest = mode === 'live' ? now + AHEAD_MAX_MS : this.#cursor + LEAP_MAX_MS;
    this.#script = this.#aim.script(stream, latest);
    // A replay goes on from where it is.
    if (mode === 'replay') this.#cursor = Math.max(this.#cursor, ...(this.#script?.times ?? []));
    return this.#script;
  }

  #put(stream: Stream, partitionKey: string, entries: readonly Line[]): void {
    const facts: Fact[] = entries.map(({ content, raw }, index) => ({ ...content, raw, index }));
    const times = this.#random.chance(this.#scenario.mixture.duplicated) ? 2 : 1;
    const lines = facts.map(({ raw }) => raw);
    const isAggregated = this.#random.chance(this.#scenario.mixture.aggregated);
    const data = isAggregated
      ? kplRecord(lines.map((line) => ({ partitionKey, data: line })))
      : joined(lines, this.#random);
    if (isAggregated) this.#around.situations.meet('record of the Kinesis Producer Library');
    for (let i = 0; i < times; i += 1) {
      const put = stream.put(partitionKey, this.#around.timeline.now, data, facts);
      this.#aim.note(stream, put);
    }
  }

  /** @param at its event time, where that is given. */
  #line(model: StreamModel, partitionKey: string, season: Season, at?: number): Line {
    if (this.#random.chance(this.#scenario.mixture.garbage)) {
      return { content: { kind: 'garbage' }, raw: garbageOf(model, this.#random) };
    }
    const flaw = season === 'before mending' ? this.#flaw() : undefined;
    const event = model.event(partitionKey, this.#timestamp(at), this.#random);
    return lineOf(flaw === undefined ? event : { ...event, flaw });
  }

  #flaw(): Flaw | undefined {
    const { mixture } = this.#scenario;
    const isPoison = this.#random.chance(mixture.poison);
    const isUnreadable = this.#random.chance(mixture.unreadable);
    if (isUnreadable) return 'unreadable';
    return isPoison ? 'poison' : undefined;
  }

  #timestamp(given?: number): number {
    const time = given ?? this.#drawnTime();
    // What is refused as too far ahead may be redriven when it no longer is.
    if (time <= this.#around.timeline.now + REDRIVEN_AHEAD_MAX_MS)
      this.#latest = Math.max(this.#latest, time);
    return time;
  }

  #drawnTime(): number {
    const { mixture, mode, trials, lull } = this.#scenario;
    const random = this.#random;
    const { now } = this.#around.timeline;
    if (this.#burst.left > 0) return this.#burst.time;
    const [{ analysis }] = trials as [Scenario['trials'][number]];
    if (random.chance(mixture.ancient)) {
      // Decades behind is expired in a window job, and late or just old in the others.
      const isExpired = trials.some((trial) => trial.analysis.kind === 'window');
      const earliest = isExpired ? EARLIEST_MS - 1 : EARLIEST_MS;
      return random.pick([Math.floor(now / 1_000), EARLIEST_MS - 1, earliest]);
    }
    if (random.chance(mixture.future)) return now + random.pick(this.#tooFarAhead);
    const base = mode === 'live' ? now - random.below(500) : this.#cursor;
    if (random.chance(mixture.ahead)) return base + random.below(AHEAD_MAX_MS);
    if (random.chance(mixture.late)) {
      const furthest = 2 * analysis.reach;
      return base - random.below(lull === 'none' ? furthest : 3 * furthest);
    }
    return random.chance(mixture.disordered)
      ? base - random.below(2 * analysis.outOfOrderness + 2_000)
      : base;
  }

  /** How far ahead of its arrival an event may be refused; rarely just not, where that does not leap over years of a replay. */
  get #tooFarAhead(): readonly number[] {
    const skews = this.#scenario.trials.map(({ analysis }) => analysis.maxFutureSkew);
    const isLive = this.#scenario.mode === 'live';
    // An event that is put again arrives later, when it is not so far ahead any more.
    if (!isLive && this.#scenario.mixture.manyKeys > 0) return [86_400_000];
    // What one job refuses, another may take.
    const beyond = (isLive ? skews : [Math.max(...skews)]).map((skew) => skew + 1);
    const justNot = isLive ? skews : [];
    return [...beyond, ...beyond, 600_001, 86_400_000, ...justNot];
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

function garbageOf(model: StreamModel, random: Random): Uint8Array {
  return Buffer.from(
    random.pick<string | readonly number[]>([
      'not json',
      '{"timestamp":',
      '[]',
      '42',
      ...model.garbage,
      [0xff, 0xfe, 0x7b],
    ]) as string,
  );
}

/**
 * Which records of a key meet depends on how far two lanes are apart, where a status job forgets sooner than that: then
 * each key stays on its lane.
 */
const hangsOnLag = ({ analysis, stateRetention }: Scenario['trials'][number]): boolean =>
  analysis.kind === 'status' && stateRetention < LAG_MAX_MS;

const lineOf = (event: StreamEvent): Line => ({
  content: { kind: 'event', event },
  raw: Buffer.from(JSON.stringify(event)),
});

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
