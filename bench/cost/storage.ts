/**
 * How much a job stores once as much expires as is written, from two looks at its tables.
 *
 * An item of b bytes that is written to live for L seconds adds b to what is stored and bL to the bytes' remaining lives;
 * those shrink by one second a second for every byte that is stored. So over a stretch of T seconds the bytes written times
 * their lives are the growth of the remaining lives plus T times what was stored on average, and divided by T they
 * are what is stored in the long run. What the engine deletes itself, such as timer sheets, has left by then and does not
 * count twice; items that never expire are taken to stay as many, except rows of windows, which are kept for ever.
 */
import { itemBytes } from '../../shared/ports/itemSize.ts';
import { EXPIRES_AT, type Item } from '../../shared/ports/table.ts';

/** DynamoDB bills so much more for each item. */
const ITEM_OVERHEAD_BYTES = 100;
const SECONDS_A_YEAR = 365 * 86_400;

export interface Stored {
  /** Of items that expire. */
  readonly bytes: number;
  /** Of items that expire: bytes times the seconds that they have left. */
  readonly byteSeconds: number;
  /** Of items that stay. */
  readonly lastingBytes: number;
}

export function storedIn(items: Iterable<Item>, nowMs: number): Stored {
  let bytes = 0;
  let byteSeconds = 0;
  let lastingBytes = 0;
  for (const item of items) {
    const size = itemBytes(item) + ITEM_OVERHEAD_BYTES;
    const expiresAt = item[EXPIRES_AT];
    if (typeof expiresAt === 'number') {
      bytes += size;
      byteSeconds += size * Math.max(0, expiresAt - nowMs / 1_000);
    } else {
      lastingBytes += size;
    }
  }
  return { bytes, byteSeconds, lastingBytes };
}

/** In the long run, of what expires; and after a year of what `lasts`. */
export function bytesInTheLongRun(
  before: Stored,
  after: Stored,
  seconds: number,
  lasting: 'grows' | 'stays',
): number {
  const expiring =
    (after.byteSeconds - before.byteSeconds) / seconds + (after.bytes + before.bytes) / 2;
  if (lasting === 'stays') return expiring + after.lastingBytes;
  return expiring + ((after.lastingBytes - before.lastingBytes) * SECONDS_A_YEAR) / seconds;
}
