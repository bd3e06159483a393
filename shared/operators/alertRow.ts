/** Whether a row that a job's own code made can be stored: one that cannot would hold its shard for ever. */
import { PoisonEventError } from '../errors.ts';
import type { AlertTable, Row } from '../job/tables.ts';

const KEY_BYTES_MAX = 1_024;
const ROW_BYTES_MAX = 64 * 1024;

/** Throws PoisonEventError. */
export function checkAlert({ name, partitionKey, sortKey }: AlertTable, row: Row): void {
  for (const attribute of [partitionKey, sortKey]) {
    const value = row[attribute];
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0;
    if (bytes === 0 || bytes > KEY_BYTES_MAX) {
      throw new PoisonEventError(
        `a row of ${name} needs text of 1 to ${KEY_BYTES_MAX} bytes in ${attribute}, and has ${bytes}`,
      );
    }
  }
  checkSize(`a row of ${name}`, row, ROW_BYTES_MAX);
}

/** Throws PoisonEventError for a value that takes more than so many bytes, or that is no plain data. */
export function checkSize(what: string, value: unknown, bytesMax: number): void {
  const text = JSON.stringify(value);
  const bytes = text === undefined ? 0 : Buffer.byteLength(text);
  if (text === undefined || bytes > bytesMax) {
    throw new PoisonEventError(`${what} takes ${bytes} bytes; at most ${bytesMax} are stored`);
  }
}
