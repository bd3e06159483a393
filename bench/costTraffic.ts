/**
 * Generated events of a stream at a rate, for as long as they are wanted.
 *
 * A sample of 100 events/s (`tidemark generate`) is a shop; ten times the rate are ten such shops, whose events alternate: each
 * with users, items, orders and transactions of its own, all with the same pages, categories, channels, provinces and
 * advertisements. So what a job keeps by user or item grows with the rate, and what it keeps by page or channel does not.
 */
import { generateEvents, SAMPLE_SEED } from '../cli/generate/generateEvents.ts';

/** Events a second of one shop. */
export const SHOP_RATE = 100;

export interface CostEvent {
  readonly stream: string;
  readonly line: string;
  readonly partitionKey: string;
  /** When it reaches the stream, in epoch milliseconds; ascending. */
  readonly arrivalMs: number;
}

/** Within how long a generator spreads its events, whatever their number. */
const SPAN_SECONDS: Readonly<Record<string, number>> = {
  'page-views': 20 * 60,
  'app-marketing': 20 * 60,
};
const USUAL_SPAN_SECONDS = 180 * 60;

/** Where samples that are repeated without end begin. */
export const START_MS = Date.parse('2026-03-02T10:00:00Z');

/**
 * Events without end, in order of arrival. They arrive when they happen or later: when the latest event before them did.
 * @param shopsAt how many shops there are at a time
 */
export function* trafficOf(
  stream: string,
  shopsAt: (atMs: number) => number,
): Generator<CostEvent> {
  let latestMs = START_MS;
  for (const { line, partitionKey, eventTimeMs, shiftMs } of repeatedSample(stream)) {
    latestMs = Math.max(latestMs, eventTimeMs + shiftMs);
    const shops = shopsAt(latestMs);
    const template = templateOf(line);
    const key = keyIdOf(stream, partitionKey);
    for (let shop = 0; shop < shops; shop += 1) {
      yield {
        stream,
        line: lineOf(template, shop, shiftMs),
        partitionKey: key ? idIn(key, shop) : partitionKey,
        arrivalMs: latestMs,
      };
    }
  }
}

/** The events of one shop, and how much later than in their sample they happen. */
function* repeatedSample(stream: string) {
  const spanMs = (SPAN_SECONDS[stream] ?? USUAL_SPAN_SECONDS) * 1_000;
  const events = Math.round((SHOP_RATE * shareOf(stream) * spanMs) / 1_000);
  let beginningMs: number | undefined;
  for (let repetition = 0; ; repetition += 1) {
    for (const event of generateEvents(stream, { seed: SAMPLE_SEED, events })) {
      const eventTimeMs = event.eventTimeMs ?? 0;
      beginningMs ??= beginningOf(eventTimeMs);
      const shiftMs = START_MS + repetition * spanMs - beginningMs;
      yield { line: String(event.line), partitionKey: event.partitionKey, eventTimeMs, shiftMs };
    }
  }
}

/** Of the rate: a payment has one receipt, and every other event of an order is a payment. */
export const shareOf = (stream: string): number => (stream === 'receipts' ? 1 / 2 : 1);

const TEN_MINUTES_MS = 600_000;

/** When a sample begins, from its first event: all begin at full ten minutes. */
const beginningOf = (firstMs: number): number =>
  Math.round(firstMs / TEN_MINUTES_MS) * TEN_MINUTES_MS;

/** Several streams as they come at the same time. */
export function* inOrderOfArrival(traffics: readonly Generator<CostEvent>[]): Generator<CostEvent> {
  const next = traffics.map((traffic) => traffic.next().value as CostEvent);
  for (;;) {
    let first = 0;
    for (let i = 1; i < next.length; i += 1) {
      if ((next[i] as CostEvent).arrivalMs < (next[first] as CostEvent).arrivalMs) first = i;
    }
    yield next[first] as CostEvent;
    next[first] = traffics[first]?.next().value as CostEvent;
  }
}

/** A line with what differs from shop to shop, and its time, taken out. */
interface Template {
  readonly texts: readonly string[];
  readonly slots: readonly Slot[];
}

type Slot = { readonly id: Id } | { readonly timeMs: number };

/** Numbers differ by their value, others by their ending. */
type Id = { readonly number: number } | { readonly text: string };

/** Times in seconds and texts stay as they are: they are mistakes, and dead letters. */
const SLOT = /(?<="(?:userId|itemId|orderId|txId)":")[^"]+(?=")|(?<="timestamp":)\d{13}(?!\d)/g;

function templateOf(line: string): Template {
  const texts: string[] = [];
  const slots: Slot[] = [];
  let from = 0;
  for (const { 0: found, index } of line.matchAll(SLOT)) {
    texts.push(line.slice(from, index));
    slots.push(line[index - 1] === '"' ? { id: idOf(found) } : { timeMs: Number(found) });
    from = index + found.length;
  }
  return { texts: [...texts, line.slice(from)], slots };
}

function lineOf({ texts, slots }: Template, shop: number, shiftMs: number): string {
  let line = texts[0] ?? '';
  for (const [i, slot] of slots.entries()) {
    line += 'id' in slot ? idIn(slot.id, shop) : slot.timeMs + shiftMs;
    line += texts[i + 1];
  }
  return line;
}

function idOf(text: string): Id {
  const number = Number(text);
  return Number.isSafeInteger(number) && text !== '' ? { number } : { text };
}

/** So far apart that no two shops share an id. */
const IDS_APART = 7_000_000;

function idIn(id: Id, shop: number): string {
  if ('number' in id) return String(id.number + shop * IDS_APART);
  return shop === 0 ? id.text : `${id.text}${shop}`;
}

/** Pages and channels are those of all shops. */
const SHARED_KEYS = ['page-views', 'app-marketing'];

const keyIdOf = (stream: string, partitionKey: string): Id | undefined =>
  SHARED_KEYS.includes(stream) ? undefined : idOf(partitionKey);
