/**
 * A source whose events a named producer puts: the producer is the project's own, and whoever runs it is not to be relied on. It
 * dies and begins again further back, gives up, and now and then two of it are alive.
 */
import {
  createNamedProducer,
  type NamedProducer,
  ProducerEnded,
} from '../../../shared/producer/namedProducer.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Fact } from '../truth.ts';
import type { Surroundings } from './host.ts';
import { namedSink } from './namedSink.ts';
import type { Stream } from './stream.ts';

/** An event of the source, or several that stand on one line. */
export interface SourceItem {
  readonly offset: number | bigint;
  readonly partitionKey: string;
  readonly line: Uint8Array;
  readonly facts: readonly Fact[];
}

const BACK_MAX = 12;
const AGAIN_MS: readonly [number, number] = [10, 60_000];
const TIMEOUT_MS: readonly [number, number] = [2_000, 90_000];
const POLL_MS = 700;
const FLUSHES = 0.25;
/** Beyond 2^53 in some runs: what is rounded would be dropped. */
const BEGINNINGS: readonly (number | bigint)[] = [0, 1_000, 2 ** 53 - 20, 2n ** 70n];

export interface NamedSourceOptions {
  readonly name: string;
  readonly stream: Stream;
  readonly around: Surroundings;
  /** Those that its producer meets now. */
  faults(): Faults;
  readonly random: Random;
  /** Until when shards are split or merged while records are on their way. */
  readonly shardsMax: number;
  onBug(error: unknown): void;
}

export class NamedSource {
  readonly stream: Stream;
  readonly #options: NamedSourceOptions;
  readonly #random: Random;
  readonly #items: SourceItem[] = [];
  readonly #byOffset = new Map<bigint, SourceItem>();
  /** So many items are known to be stored. */
  #stored = 0;
  /** From there on items may be put again: what came before is long forgotten. */
  #floor = 0;
  readonly #alive = new Set<object>();
  readonly #outage = { until: 0 };
  #next: number | bigint;

  constructor(options: NamedSourceOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.#random = options.random;
    this.#next = this.#random.pick(BEGINNINGS);
  }

  get isIdle(): boolean {
    return this.#stored === this.#items.length && !this.stream.hasAnyOnTheWay;
  }

  get position(): string {
    const { name } = this.#options;
    return `${name}: ${this.#stored} of ${this.#items.length} events known to be stored`;
  }

  /** `<stream> <name> <place>` of each. */
  get events(): string[] {
    const { name, stream } = this.#options;
    return this.#items.flatMap(({ offset, facts }) =>
      facts.map(({ index }) => `${stream.name} ${name} ${offset}/${index}`),
    );
  }

  add(item: Omit<SourceItem, 'offset'>): void {
    const offset = this.#next;
    const step = this.#random.pick([1, 1, 1, 2, 90, 20_000]);
    this.#next = typeof offset === 'bigint' ? offset + BigInt(step) : sum(offset, step);
    this.#items.push({ ...item, offset });
    this.#byOffset.set(BigInt(offset), { ...item, offset });
    if (this.#alive.size === 0) this.#begin();
  }

  /** All that is alive dies, and nothing of before is ever put again. */
  forgetPast(): void {
    this.#alive.clear();
    this.#floor = this.#items.length;
  }

  #begin(): void {
    const { around, name, faults } = this.#options;
    const back = faults().producerCrash > 0 ? this.#random.below(BACK_MAX) : 0;
    const from = Math.max(this.#floor, this.#stored - back);
    if (this.#stored > from) around.situations.meet('producer restarted further back');
    around.trace.add(around.timeline.now, `producer ${name}: begins at ${from}`);
    const self = {};
    this.#alive.add(self);
    this.#run(self, from).catch((error: unknown) => this.#options.onBug(error));
  }

  async #run(self: object, from: number): Promise<void> {
    const { situations } = this.#options.around;
    const isAlive = () => this.#alive.has(self);
    try {
      await this.#putAll(self, from, isAlive);
    } catch (error) {
      if (!(error instanceof ProducerEnded)) throw error;
      situations.meet('producer gave up');
      this.#alive.delete(self);
      this.#beginAgain();
    }
  }

  /** Until it dies, or everything is stored. */
  async #putAll(self: object, from: number, isAlive: () => boolean): Promise<void> {
    const producer = this.#producer(isAlive);
    const flush = async (upTo: number): Promise<void> => {
      await producer.flush();
      if (isAlive()) this.#stored = Math.max(this.#stored, upTo);
    };
    let at = from;
    while (isAlive()) {
      const item = this.#items[at];
      if (!item) {
        await flush(at);
        if (this.isIdle) this.#alive.delete(self);
        await this.#options.around.timeline.sleep(POLL_MS);
        continue;
      }
      this.#maybeFail(self);
      await producer.put(item.partitionKey, item.line, item.offset);
      at += 1;
      if (this.#random.chance(FLUSHES)) await flush(at);
    }
  }

  #producer(isAlive: () => boolean): NamedProducer {
    const { name, stream, around, faults } = this.#options;
    const { timeline, situations } = around;
    const isHard = faults().putRefused + faults().putLost > 0;
    const random = this.#random;
    return createNamedProducer({
      name,
      sink: namedSink({
        stream,
        around,
        faults,
        random,
        isAlive,
        outage: this.#outage,
        shardsMax: this.#options.shardsMax,
        factsOf: (offset) => this.#byOffset.get(offset)?.facts ?? [],
      }),
      lingerMs: random.pick([0, 50, 3_000]),
      recordBytesMax: random.pick([200, 700, 2_000, 25 * 1024]),
      deliveryTimeoutMs: isHard ? random.between(...TIMEOUT_MS) : 10 * 60_000,
      now: () => timeline.now,
      sleep: (ms) => timeline.sleep(Math.round(ms)),
      random: () => random.next(),
      onUndelivered: ({ events }) => situations.meet('event given up', events.length),
    });
  }

  /** The producer dies, with all that it has on its way, or another one of its name begins beside it. */
  #maybeFail(self: object): void {
    const { situations } = this.#options.around;
    const faults = this.#options.faults();
    if (this.#random.chance(faults.producerTwice) && this.#alive.size < 3) {
      situations.meet('two producers of one name');
      this.#begin();
    }
    if (!this.#random.chance(faults.producerCrash)) return;
    situations.meet('producer died');
    this.#alive.delete(self);
    this.#beginAgain();
  }

  #beginAgain(): void {
    const { timeline } = this.#options.around;
    timeline.after(this.#random.between(...AGAIN_MS), () => {
      if (this.#alive.size === 0 && this.#stored < this.#items.length) this.#begin();
    });
  }
}

function sum(offset: number, step: number): number | bigint {
  const next = offset + step;
  return Number.isSafeInteger(next) ? next : BigInt(offset) + BigInt(step);
}
