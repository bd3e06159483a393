/**
 * Batch requests: cut into chunks, a few at a time, and what DynamoDB leaves unprocessed asked again.
 *
 * DynamoDB answers a batch in part when it is short of throughput or the reply would pass 16 MB, so a rest is
 * normal: it is asked again after a growing, jittered pause. Pauses start over whenever a try gets somewhere; a rest that
 * makes no progress for `FRUITLESS_TRIES_MAX` tries is a `RetryableError`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../../errors.ts';

/** Time and chance, as the pauses between tries use them. */
export interface Backoff {
  sleep(ms: number): Promise<unknown>;
  /** In [0, 1). */
  random(): number;
}

export const systemBackoff: Backoff = { sleep: (ms) => pause(ms), random: Math.random };

const FRUITLESS_TRIES_MAX = 8;
const PAUSE_MS_FIRST = 25;
const PAUSE_MS_MAX = 1_000;
const CHUNKS_AT_ONCE = 4;

/** A uniform pause up to a bound that doubles: spreads clients that were refused together ("full jitter"). */
const pauseMs = (fruitless: number, random: () => number): number =>
  random() * Math.min(PAUSE_MS_MAX, PAUSE_MS_FIRST * 2 ** fruitless);

export interface BatchWork<Request> {
  readonly requests: readonly Request[];
  readonly chunkSize: number;
  /** Sends one chunk; gives back what was left unprocessed. */
  readonly send: (chunk: readonly Request[]) => Promise<readonly Request[]>;
  readonly backoff: Backoff;
  /** Names the request in errors. */
  readonly what: string;
}

/** Sends everything, or throws the first failure. */
export async function sendAll<Request>(work: BatchWork<Request>): Promise<void> {
  const chunks: (readonly Request[])[] = [];
  for (let at = 0; at < work.requests.length; at += work.chunkSize) {
    chunks.push(work.requests.slice(at, at + work.chunkSize));
  }
  await drain(chunks, (chunk) => sendChunk(chunk, work));
}

async function sendChunk<Request>(
  chunk: readonly Request[],
  { send, backoff, what }: BatchWork<Request>,
): Promise<void> {
  let rest = chunk;
  let fruitless = 0;
  for (;;) {
    const left = await send(rest);
    if (left.length === 0) return;
    fruitless = left.length < rest.length ? 0 : fruitless + 1;
    if (fruitless >= FRUITLESS_TRIES_MAX) {
      throw new RetryableError(`${what}: ${left.length} left unprocessed after ${fruitless} tries`);
    }
    rest = left;
    await backoff.sleep(pauseMs(fruitless, backoff.random));
  }
}

/**
 * Works off a queue, a few at a time. After a failure nothing new is started, but what was started is waited
 * for, so that no write of ours is under way once the caller knows of the failure.
 */
async function drain<Work>(queue: Work[], run: (work: Work) => Promise<void>): Promise<void> {
  async function work(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        await run(next);
      } catch (failure) {
        queue.length = 0;
        throw failure;
      }
    }
  }
  const workers = Array.from({ length: Math.min(CHUNKS_AT_ONCE, queue.length) }, work);
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
