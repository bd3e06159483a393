/** Whether what a job's own code made can be stored: what cannot would hold its shard for ever. */
import { PoisonEventError } from '../errors.ts';
import { isListedTime, latestAttributes } from '../job/lists.ts';
import type { AlertTable, Row } from '../job/tables.ts';
import { itemBytes, UnstorableValue } from '../ports/itemSize.ts';
import { INDEXES, type IndexName } from '../ports/rowsReader.ts';
import type { Item } from '../ports/table.ts';

const KEY_BYTES_MAX = 1_024;
const ROW_BYTES_MAX = 64 * 1024;

/** Gives the bytes that the row takes with what lists it; throws PoisonEventError. */
export function checkAlert(table: AlertTable, row: Row): number {
  const { name, partitionKey, sortKey, listedBy } = table;
  for (const attribute of [partitionKey, sortKey]) {
    const value = row[attribute];
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0;
    if (bytes === 0 || bytes > KEY_BYTES_MAX) {
      throw new PoisonEventError(
        `a row of ${name} needs text of 1 to ${KEY_BYTES_MAX} bytes in ${attribute}, and has ${bytes}`,
      );
    }
  }
  if (listedBy !== undefined) {
    checkUnlisted(`a row of ${name}`, 'latest', row);
    if (!isListedTime(row[listedBy])) {
      throw new PoisonEventError(
        `a row of ${name} needs a time in ${listedBy}, written as isoTime does, since it is listed by it`,
      );
    }
  }
  const stored = { ...row, ...latestAttributes(table, row) };
  return checkStorable(`a row of ${name}`, stored, ROW_BYTES_MAX);
}

/** Throws where a row holds what only the engine may write: the index would take it for its own, or no such row at all. */
export function checkUnlisted(what: string, index: IndexName, row: Row): void {
  const taken = Object.values(INDEXES[index]).find((name) => Object.hasOwn(row, name));
  if (taken === undefined) return;
  throw new PoisonEventError(
    `${what} has ${taken}, which the engine writes itself; name it otherwise`,
  );
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
