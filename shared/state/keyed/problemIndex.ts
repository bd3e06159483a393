/**
 * The keys of the sparse index `problems`: `<status>#<yyyy-mm-ddThh>#<part>`, in order of time.
 *
 * 1. By hour, so that no partition grows for ever.
 * 2. In parts, so that the problems of one hour share no partition, which takes 1,000 write units/s: when a partner fails, every
 *    order becomes a problem at once.
 * 3. Both follow from the row, so it is the same whoever writes it, and how often.
 */
import { crc32 } from 'node:zlib';
import type { Problem } from '../../job/statusJob.ts';
import { eventTime, isoTime } from '../../model/time.ts';
import type { Item } from '../../ports/table.ts';

/** `2019-05-21T09` */
const HOUR_LENGTH = 13;
const HOUR_MS = 3_600_000;
/** Sixteen thousand write units/s: a part is named by the last hex digit of the CRC-32 of the row's key. */
const PARTS = [...'0123456789abcdef'];

/** What lists a row. */
export function problemAttributes({ status, at }: Problem, key: string): Item {
  const problemAt = isoTime(at);
  const part = PARTS[crc32(key) % PARTS.length];
  return { problem: `${status}#${problemAt.slice(0, HOUR_LENGTH)}#${part}`, problemAt };
}

/** How many hours have a part of the range from `from`, before `to`, both in epoch milliseconds. */
export const hourCount = ({ from, to }: { from: number; to: number }): number =>
  Math.ceil(to / HOUR_MS) - Math.floor(from / HOUR_MS);

/** The keys that list rows of the range; of each hour first the one of rows that were written before there were parts. */
export function problemKeys(status: string, range: { from: number; to: number }): string[] {
  const first = Math.floor(range.from / HOUR_MS);
  return Array.from({ length: hourCount(range) }, (_, n) => {
    const whole = `${status}#${isoTime(eventTime((first + n) * HOUR_MS)).slice(0, HOUR_LENGTH)}`;
    return [whole, ...PARTS.map((part) => `${whole}#${part}`)];
  }).flat();
}
