/**
 * Generated events of a stream at a rate, for as long as they are wanted.
 *
 * A sample of 100 events/s (`tidemark generate`) is a shop; ten times the rate are ten such shops, whose events alternate: each
 * with users, items, orders and transactions of its own, all with the same pages, categories, channels, provinces and
 * advertisements. So what a job keeps by user or item grows with the rate, and what it keeps by page or channel does not.
 */
import { generateEvents, SAMPLE_SEED } from '../../inputs/generate/generateEvents.ts';
import type { Line } from '../records.ts';

/** Events a second of one shop. */
export const SHOP_RATE = 100;

/** Within how long a generator spreads its events, whatever their number. */
const SPAN_SECONDS: Readonly<Record<string, number>> = {
  'page-views': 20 * 60,
  'app-marketing': 20 * 60,
};
const USUAL_SPAN_SECONDS = 180 * 60;

/** Where samples that are repeated without end begin. */
export const START_MS = Date.parse('2026-03-02T10:00:00Z');

/** How many shops there are, and how many from a time on. */
export interface Shops {
  readonly first: number;
  readonly later?: { readonly fromMs: number; readonly shops: number };
}

/**
 * Events without end, in order of arrival. They arrive when they happen or later: when the latest event of their shop before
 * them did. Shops have the same habits and draws of their own, so that nothing is alike that would not be.
 */
export function* trafficOf(stream: string, { first, later }: Shops): Generator<Line> {
  const shops = Array.from({ length: Math.max(first, later?.shops ?? 0) }, (_, shop) =>
    eventsOf(stream, shop, shop < first ? START_MS : (later?.fromMs ?? START_MS)),
  );
  yield* inOrderOfArrival(shops);
}

/** The events of one shop, again and again. */
function* eventsOf(stream: string, shop: number, fromMs: number): Generator<Line> {
  const spanMs = (SPAN_SECONDS[stream] ?? USUAL_SPAN_SECONDS) * 1_000;
  const events = Math.round((SHOP_RATE * shareOf(stream) * spanMs) / 1_000);
  const options = { seed: SAMPLE_SEED + shop, events };
  let arrivalMs = fromMs;
  let beginningMs: number | undefined;
  for (let repetition = 0; ; repetition += 1) {
    for (const { line, partitionKey, eventTimeMs = 0 } of generateEvents(stream, options)) {
      beginningMs ??= beginningOf(eventTimeMs);
      const shiftMs = fromMs + repetition * spanMs - beginningMs;
      arrivalMs = Math.max(arrivalMs, eventTimeMs + shiftMs);
      yield {
        stream,
        line: lineIn(shop, String(line), shiftMs),
        partitionKey: SHARED_KEYS.includes(stream) ? partitionKey : idIn(shop, partitionKey),
        arrivalMs,
      };
    }
  }
}

/** Of the rate: a payment has one receipt, and every other event of an order is a payment. */
export const shareOf = (stream: string): number => (stream === 'receipts' ? 1 / 2 : 1);

const USER = /(?<="userId":")\d+(?=")/;

/** The event by somebody who comes once, for so long: of each such time the users are others. */
export const byVisitor = (event: Line, visitMs: number): Line => ({
  ...event,
  line: event.line.replace(USER, (id) =>
    String(Number(id) + Math.floor((event.arrivalMs - START_MS) / visitMs) * BLOCK),
  ),
});

const TEN_MINUTES_MS = 600_000;

/** When a sample begins, from its first event: all begin at full ten minutes. */
const beginningOf = (firstMs: number): number =>
  Math.round(firstMs / TEN_MINUTES_MS) * TEN_MINUTES_MS;

/** Several sources without end as they come at the same time. */
export function* inOrderOfArrival(sources: readonly Generator<Line>[]): Generator<Line> {
  const next = sources.map((source) => source.next().value as Line);
  const times = Float64Array.from(next, ({ arrivalMs }) => arrivalMs);
  for (;;) {
    let at = 0;
    for (let i = 1; i < times.length; i += 1) {
      if ((times[i] as number) < (times[at] as number)) at = i;
    }
    yield next[at] as Line;
    const following = sources[at]?.next().value as Line;
    next[at] = following;
    times[at] = following.arrivalMs;
  }
}

const ID = /(?<="(?:userId|itemId|orderId|txId)":")[^"]+(?=")/g;
/** Times in seconds and texts stay as they are: they are mistakes, and dead letters. */
const TIME = /(?<="timestamp":)\d{13}(?!\d)/;

/** The line as the shop sends it, so much later than in its sample. */
function lineIn(shop: number, line: string, shiftMs: number): string {
  const shifted = line.replace(TIME, (time) => String(Number(time) + shiftMs));
  return shop === 0 ? shifted : shifted.replace(ID, (id) => idIn(shop, id));
}

/** So far apart that no two shops share an id. */
const IDS_APART = 7_000_000;
const BLOCK = 10_000;

/** Numbers change their order, too: what is popular lies elsewhere in each shop, or state of many shops would pack too well. */
function idIn(shop: number, id: string): string {
  if (shop === 0 || id === '') return id;
  const number = Number(id);
  if (!Number.isSafeInteger(number)) return `${id}${shop}`;
  const within = number % BLOCK;
  return String(shop * IDS_APART + number - within + ((within * factorOf(shop)) % BLOCK));
}

/** Ends with 7, so it shares no factor with the block and gives no two ids the same place. */
const factorOf = (shop: number): number => (shop * 370 + 1_117) % BLOCK;

/** Pages and channels are those of all shops. */
const SHARED_KEYS = ['page-views', 'app-marketing'];
