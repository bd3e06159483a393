/** What real streams have: events that arrive out of order, a few of them very late, and a few malformed ones. */
import type { Source } from '../../shared/job/source.ts';
import { eventTime, isoTime } from '../../shared/model/time.ts';
import type { InputEvent } from '../readInput.ts';
import type { Random } from './random.ts';

interface Delay {
  /** Of all events. */
  readonly share: number;
  readonly shortestMs?: number;
  readonly longestMs: number;
}

export interface Delays {
  readonly outOfOrder: Delay;
  /** From devices that were offline. */
  readonly offline: Delay;
}

/** How long an event is on its way, in whole ms. */
export function delayOf({ outOfOrder, offline }: Delays, random: Random): number {
  const drawn = random();
  if (drawn < offline.share) return between(offline, random);
  return drawn < offline.share + outOfOrder.share ? between(outOfOrder, random) : 0;
}

const between = ({ shortestMs = 0, longestMs }: Delay, random: Random): number =>
  Math.floor(shortestMs + random() * (longestMs - shortestMs));

export interface Written {
  readonly timestamp: number;
}

export interface Format<Event extends Written> {
  readonly source: Source<Event>;
  /** An attribute that a malformed event may lack, and one that it may have empty. */
  readonly missing: keyof Event & string;
  readonly empty: keyof Event & string;
  /** Attributes with values that no event of the stream has. */
  readonly unknown?: Partial<Readonly<Record<keyof Event & string, string>>>;
}

const MALFORMED_SHARE = 0.0005;

/** The event as it goes to the stream; one in 2,000 is malformed. */
export function inputEvent<Event extends Written>(
  event: Event,
  format: Format<Event>,
  random: Random,
): InputEvent {
  const line =
    random() < MALFORMED_SHARE ? malformed(event, format, random) : JSON.stringify(event);
  return { line, partitionKey: format.source.partitionKey(event), eventTimeMs: event.timestamp };
}

function malformed<Event extends Written>(
  event: Event,
  { missing, empty, unknown }: Format<Event>,
  random: Random,
): string {
  const line = JSON.stringify(event);
  const mistakes = [
    line.slice(0, -10),
    JSON.stringify({ ...event, [missing]: undefined }),
    JSON.stringify({ ...event, [empty]: '' }),
    JSON.stringify({ ...event, timestamp: Math.floor(event.timestamp / 1_000) }),
    JSON.stringify({ ...event, timestamp: isoTime(eventTime(event.timestamp)) }),
    ...(unknown ? [JSON.stringify({ ...event, ...unknown })] : []),
  ];
  return mistakes[Math.floor(random() * mistakes.length)] ?? line;
}
