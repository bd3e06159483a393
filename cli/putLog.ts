/** Which events of a file are put, in order, so that a put that fails can say from where to go on. */

import type { InputEvent } from '../inputs/readInput.ts';
import { messageOf } from '../shared/errors.ts';
import { counted } from '../shared/model/counted.ts';
import type { Undelivered } from '../shared/producer/options.ts';

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
  #last: Taken | undefined;
  /** How many of the last ones begin on one line: items of a list. */
  #onLastLine = 0;
  #undelivered = 0;
  /** Which can never be put, in order. */
  readonly #refused: number[] = [];
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
    const taken = { ordinal: this.#count, line };
    this.#onLastLine = this.#last && this.#last.line === line ? this.#onLastLine + 1 : 1;
    this.#count += 1;
    this.#last = taken;
    this.#taken.set(data, taken);
    return data;
  }

  /** It can never be put, whoever tries; the others go on. */
  refuse({ lineNumber: line }: Puttable, reason: string): void {
    const ordinal = this.#count - 1;
    this.#refused.push(ordinal);
    this.#firstRefused ??= { ordinal, line, reason };
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

  /** What went wrong and how to go on; undefined where nothing did. */
  problem(acknowledged: number, unread: unknown): string | undefined {
    const lost = this.#undelivered + this.#refused.length;
    const first = this.#firstLost ?? this.#firstRefused;
    const why = first ? [`the first${this.#placeOf(first)} because ${first.reason}`] : [];
    if (unread !== undefined && !this.#firstLost) {
      return [this.#cutShort(acknowledged, unread), ...why].join('; ');
    }
    if (!first) return undefined;
    const count = `${counted(acknowledged, 'event')} ${areOf(acknowledged)} put, ${lost} could not be`;
    return [count, ...why, ...this.#goingOn(this.#firstLost)].join('; ');
  }

  /** The input could not be read to its end: all that was read before is put. */
  #cutShort(acknowledged: number, unread: unknown): string {
    const reason = messageOf(unread);
    const refused = this.#refused.length;
    const but = refused === 0 ? '' : ` but ${refused} that can never be`;
    const put = `${counted(acknowledged, 'event')} ${areOf(acknowledged)} put, all before this${but}: ${reason}`;
    const line = this.#last?.line;
    if (line === undefined) return put;
    // Of several on a line, others may follow there: those that are put count twice.
    const several = this.#onLastLine > 1;
    const twice = several ? `, where ${this.#onLastLine} events count twice` : '';
    return `${put}; mend it, and go on with --from-line ${several ? line : line + 1}${twice}`;
  }

  #placeOf({ line }: Taken): string {
    return this.#file === undefined || line === undefined ? '' : `, ${this.#file}:${line},`;
  }

  /** Other shards may have taken events behind the first that is lost. */
  #goingOn(lost: Lost | undefined): string[] {
    if (lost?.line === undefined) return [];
    const refused = this.#refused.filter((ordinal) => ordinal > lost.ordinal).length;
    const behind = this.#count - lost.ordinal - this.#undelivered - refused;
    const are = behind === 1 ? 'is put already and counts' : 'are put already and count';
    const twice = behind > 0 ? `: ${counted(behind, 'event')} behind it ${are} twice` : '';
    return [`go on with --from-line ${lost.line}${twice}`];
  }
}

const areOf = (count: number): string => (count === 1 ? 'is' : 'are');
