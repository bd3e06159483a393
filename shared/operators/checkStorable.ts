/** Whether what a job's own code made can be stored: what cannot would hold its shard for ever. */
import { PoisonEventError } from '../errors.ts';
import type { AlertTable, Row } from '../job/tables.ts';
import { itemBytes, UnstorableValue } from '../ports/itemSize.ts';
import type { Item } from '../ports/table.ts';

const KEY_BYTES_MAX = 1_024;
const ROW_BYTES_MAX = 64 * 1024;

/** Gives the bytes that the row takes; throws PoisonEventError. */
export function checkAlert({ name, partitionKey, sortKey }: AlertTable, row: Row): number {
  for (const attribute of [partitionKey, sortKey]) {
    const value = row[attribute];
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0;
    if (bytes === 0 || bytes > KEY_BYTES_MAX) {
      throw new PoisonEventError(
        `a row of ${name} needs text of 1 to ${KEY_BYTES_MAX} bytes in ${attribute}, and has ${bytes}`,
      );
    }
  }
  return checkStorable(`a row of ${name}`, row, ROW_BYTES_MAX);
}

/** Gives their bytes; throws PoisonEventError for values that no table takes, or that take more than so many bytes. */
export function checkStorable(what: string, values: Item, bytesMax: number): number {
  const bytes = bytesOf(what, values);
  if (bytes > bytesMax) {
    throw new PoisonEventError(`${what} takes ${bytes} bytes; at most ${bytesMax} are stored`);
  }
  return bytes;
}

function bytesOf(what: string, values: Item): number {
  try {
    return itemBytes(values);
  } catch (error) {
    if (error instanceof UnstorableValue) {
      throw new PoisonEventError(`${what}: ${error.message}`);
    }
    throw error;
  }
}
