/** The events that are measured: the reference file where it is there, else generated ones; and variants of them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type UserBehavior, userBehavior } from '../functions/hotItems/events.ts';
import { generateEvents, SAMPLE_SEED } from '../inputs/generate/generateEvents.ts';
import { interleave } from '../inputs/interleave.ts';
import { readInput } from '../inputs/readInput.ts';
import type { StreamName } from '../shared/model/lane.ts';
import type { Line } from './records.ts';

export type BenchEvent = UserBehavior;

interface BenchInput {
  readonly name: string;
  readonly events: readonly BenchEvent[];
}

const REFERENCE = fileURLToPath(new URL('../../shared/data/UserBehavior.csv.gz', import.meta.url));
/** As dense as the reference file: 14 events a second, over three hours. */
const GENERATED = { seed: SAMPLE_SEED, events: 152_000 };
const GENERATED_SPAN_MS = 3 * 3_600_000;
const EARLIEST_MS = Date.parse('1980-01-01T00:00:00Z');

export async function loadInput(): Promise<BenchInput> {
  const isThere = existsSync(REFERENCE);
  const lines = isThere
    ? readInput(userBehavior.stream, REFERENCE, { timeUnit: 's' })
    : generateEvents(userBehavior.stream, GENERATED);
  const events: BenchEvent[] = [];
  for await (const { line } of lines) {
    const event = eventIn(String(line));
    if (event) events.push(event);
  }
  return isThere
    ? { name: 'UserBehavior.csv.gz', events }
    : { name: 'generated events', events: inOrder(events) };
}

/** Without what phones report that were offline since the morning: sorted, it would make a day of the three hours. */
function inOrder(events: readonly BenchEvent[]): BenchEvent[] {
  const sorted = events.toSorted((a, b) => a.timestamp - b.timestamp);
  const endMs = sorted.at(-1)?.timestamp ?? 0;
  return sorted.filter(({ timestamp }) => timestamp > endMs - GENERATED_SPAN_MS);
}

/** Malformed lines are part of the sample, but not of what is measured. */
function eventIn(line: string): BenchEvent | undefined {
  try {
    const parsed = userBehavior.parse(JSON.parse(line));
    if ('problem' in parsed) return undefined;
    return parsed.event.timestamp < EARLIEST_MS ? undefined : parsed.event;
  } catch {
    return undefined;
  }
}

/**
 * The input again and again, one after the other, `speed` times as fast: the traffic of a bigger shop whose
 * users and items are those of the input.
 */
export function* replays(
  events: readonly BenchEvent[],
  options: { readonly speed: number; readonly total: number },
): Generator<BenchEvent> {
  const first = events[0]?.timestamp ?? 0;
  const span = (events.at(-1)?.timestamp ?? 0) - first + 1_000;
  for (let n = 0; n < options.total; n += 1) {
    const event = events[n % events.length] as BenchEvent;
    const sinceStart = Math.floor(n / events.length) * span + event.timestamp - first;
    yield { ...event, timestamp: first + Math.floor(sinceStart / options.speed) };
  }
}

/** How many times as fast as it was the input must be replayed for so many events a second. */
export function speedFor(events: readonly BenchEvent[], eventsPerSecond: number): number {
  const spanMs = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) + 1_000;
  return eventsPerSecond / (events.length / (spanMs / 1_000));
}

/** The event as a stream carries it when it happens. */
export const lineOf = (e: BenchEvent): Line => ({
  stream: userBehavior.stream,
  line: `{"userId":"${e.userId}","itemId":"${e.itemId}","categoryId":"${e.categoryId}","behavior":"${e.behavior}","timestamp":${e.timestamp}}`,
  partitionKey: e.itemId,
  arrivalMs: e.timestamp,
});

/** User ids that are no integers, as another shop might have them. */
export const withTextUserId = (event: BenchEvent): BenchEvent => ({
  ...event,
  userId: `user-${Number(event.userId).toString(36)}`,
});

/** How many events of each stream. The generator's take the same time, usually three hours, however many they are. */
type Shares = Readonly<Record<StreamName, number>>;

/** Generated events in the order in which they arrive, several streams as they would come at the same time. */
export async function generatedLines(shares: Shares): Promise<Line[]> {
  async function* eventsOf([stream, events]: readonly [StreamName, number]) {
    const options = { seed: SAMPLE_SEED, events };
    for (const event of generateEvents(stream, options)) yield { ...event, stream };
  }
  const lines: Line[] = [];
  let arrivalMs = 0;
  for await (const event of interleave(Object.entries(shares).map(eventsOf))) {
    const { stream, line, partitionKey, eventTimeMs = 0 } = event;
    arrivalMs = Math.max(arrivalMs, eventTimeMs);
    lines.push({ stream, line: String(line), partitionKey, arrivalMs });
  }
  return lines;
}
