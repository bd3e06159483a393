/** What the producer must know to make events of a stream. */
import type { Random } from '../random.ts';
import type { StreamEvent } from '../truth.ts';

export interface StreamModel {
  /** The stream's logical name. */
  readonly name: string;
  /** One of few (`variety`), so that keys come again. */
  partitionKey(random: Random, variety: number): string;
  event(partitionKey: string, timestamp: number, random: Random): StreamEvent;
  /** What is no event of this stream, as text. */
  readonly garbage: readonly string[];
}

/** `n` in more than one spelling of ids: some are integers and some are not. */
export const anId = (prefix: string, n: number): string =>
  n % 3 === 0 ? `${prefix}-${n}` : String(1_000 + n);
