/** The sources of a run's named producers: one to a stream, or many whose producers do nothing wrong. */
import { type Faults, noFaults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Scenario } from '../scenario.ts';
import type { Fact } from '../truth.ts';
import { sourceShardsMax } from './forwarding.ts';
import type { Surroundings } from './host.ts';
import { MANY, SHARDS_MAX } from './namedSink.ts';
import { NamedSource } from './namedSource.ts';
import type { Line } from './recordLines.ts';
import type { Stream } from './stream.ts';

/** Of the records that nothing else is aimed at. */
const NAMED = 0.65;
/** Two events on one line. */
const PAIRED = 0.15;

export interface NamedSourcesOptions {
  readonly scenario: Pick<Scenario, 'named' | 'trials'>;
  readonly around: Surroundings;
  readonly random: Random;
  readonly streams: readonly Stream[];
  /** The partition key that a stream's source declares; undefined where the bytes have none. */
  partitionKeyOf(stream: string, raw: Uint8Array): string | undefined;
  onBug(error: unknown): void;
}

export class NamedSources {
  readonly #options: NamedSourcesOptions;
  readonly #random: Random;
  readonly #sources: readonly NamedSource[];

  constructor(options: NamedSourcesOptions) {
    const { scenario, around, random, streams, onBug } = options;
    this.#options = options;
    this.#random = random;
    const count = { none: 0, one: 1, many: MANY }[scenario.named];
    const shardsMax = sourceShardsMax(scenario, SHARDS_MAX);
    const faults = (): Faults => (scenario.named === 'many' ? noFaults() : around.faults);
    this.#sources = streams.flatMap((stream) =>
      Array.from({ length: count }, (_, i) => {
        const name = `${stream.name}/source-${i}`;
        const own = { name, stream, random: random.fork(name) };
        return new NamedSource({
          ...own,
          around,
          faults,
          shardsMax,
          onBug,
        });
      }),
    );
  }

  /** The lines of a record, which a named producer puts; false where they are not its own. */
  take(stream: Stream, partitionKey: string, lines: readonly Line[]): boolean {
    const own = this.#sources.filter((source) => source.stream === stream);
    if (own.length === 0 || !this.#random.chance(NAMED)) return false;
    const source = this.#random.pick(own);
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at] as Line;
      const next = lines[at + 1];
      const isPaired = next && isEvent(line) && isEvent(next) && this.#random.chance(PAIRED);
      if (isPaired) at += 1;
      const facts = (isPaired ? [line, next] : [line]).map(factOf);
      const key = isEvent(line) ? partitionKey : this.#keyOf(stream, line.raw);
      source.add({ partitionKey: key, line: isPaired ? pairOf(line, next) : line.raw, facts });
    }
    return true;
  }

  /** Whether everything is stored, and known to be. */
  get isIdle(): boolean {
    return this.#sources.every(({ isIdle }) => isIdle);
  }

  get pending(): string[] {
    return this.#sources.filter(({ isIdle }) => !isIdle).map(({ position }) => position);
  }

  eventsOn(streams: readonly string[]): string[] {
    return this.#sources
      .filter(({ stream }) => streams.includes(stream.name))
      .flatMap(({ events }) => events);
  }

  forgetPast(): void {
    for (const source of this.#sources) source.forgetPast();
  }

  /** Of what is no event, its text. */
  #keyOf({ name }: Stream, raw: Uint8Array): string {
    const text = Buffer.from(raw);
    const isText = Buffer.from(text.toString('utf8')).equals(text);
    return this.#options.partitionKeyOf(name, raw) ?? text.toString(isText ? 'utf8' : 'latin1');
  }
}

const isEvent = ({ content, key }: Line): boolean => content.kind === 'event' && key === undefined;

const factOf = ({ content, raw }: Line, index: number): Fact => ({ ...content, raw, index });

const pairOf = (first: Line, second: Line): Buffer =>
  Buffer.concat([Buffer.from('['), first.raw, Buffer.from(', '), second.raw, Buffer.from(']')]);
