/** What became of the events of a put, so that one that fails can say how far it came. */
import type { InputEvent } from '../../inputs/readInput.ts';
import { messageOf } from '../../shared/errors.ts';
import { counted } from '../../shared/model/counted.ts';
import type { Undelivered } from '../../shared/producer/options.ts';

type Puttable = Pick<InputEvent, 'line' | 'lineNumber'>;

/** An event that was taken: the how-manieth, and its line. */
interface Taken {
  readonly ordinal: number;
  readonly line: number | undefined;
}

interface Lost extends Taken {
  readonly reason: string;
}

export class PutLog {
  /** Absent where the events are of no file. */
  readonly #file: string | undefined;
  /** By the bytes that the producer was given, which it gives back. */
  readonly #taken = new WeakMap<Uint8Array, Taken>();
  #count = 0;
  #undelivered = 0;
  /** How many can never be put. */
  #refused = 0;
  /** The first that could not be put although others like it could be. */
  #firstLost: Lost | undefined;
  /** The first that can never be put. */
  #firstRefused: Lost | undefined;

  constructor(file?: string) {
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get hasLost(): boolean {
    return this.#undelivered > 0;
  }

  /** The bytes to put. */
  take({ line: text, lineNumber: line }: Puttable): Uint8Array {
    const data = typeof text === 'string' ? Buffer.from(text) : text;
    this.#taken.set(data, { ordinal: this.#count, line });
    this.#count += 1;
    return data;
  }

  /** The last one can never be put, whoever tries; the others go on. */
  refuse({ lineNumber: line }: Puttable, reason: string): void {
    this.#refused += 1;
    this.#firstRefused ??= { ordinal: this.#count - 1, line, reason };
  }

  lose({ events, reason }: Undelivered): void {
    this.#undelivered += events.length;
    for (const { data } of events) {
      const taken = this.#taken.get(data);
      if (taken && taken.ordinal < (this.#firstLost?.ordinal ?? Number.POSITIVE_INFINITY)) {
        this.#firstLost = { ...taken, reason };
      }
    }
  }

  /**
   * What went wrong; undefined where nothing did.
   * @param unread why no more of the input could be read
   */
  problem(acknowledged: number, unread?: unknown): string | undefined {
    const put = putText(acknowledged);
    const refused = this.#refusedText();
    if (this.#firstLost) {
      const lost = `${put}, ${this.#undelivered} could not be; the first${this.#because(this.#firstLost)}`;
      return [lost, ...refused].join('; ');
    }
    if (unread !== undefined) {
      const but = refused.length > 0 ? ' that can be' : '';
      return [`${put}, all before this${but}: ${messageOf(unread)}`, ...refused].join('; ');
    }
    return refused.length > 0 ? [put, ...refused].join('; ') : undefined;
  }

  /** Not to be mended where they stand: what is behind them is put, and so they would be taken for put. */
  #refusedText(): string[] {
    if (!this.#firstRefused) return [];
    const many = this.#refused > 1;
    const which = many
      ? `, the first${this.#because(this.#firstRefused)}`
      : this.#because(this.#firstRefused);
    return [
      `${this.#refused} can never be${which}; mended, ${many ? 'they go in a file of their own' : 'it goes in a file of its own'}`,
    ];
  }

  #because({ line, reason }: Lost): string {
    const place = this.#file === undefined || line === undefined ? '' : `, ${this.#file}:${line},`;
    return `${place} because ${reason}`;
  }
}

export const putText = (events: number): string =>
  `${counted(events, 'event')} ${events === 1 ? 'is' : 'are'} put`;
