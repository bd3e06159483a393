/**
 * Which rows a window has, by their partition keys, for jobs that take rows away: the table itself cannot be asked.
 *
 * A list stands before the rows that it names are put, so that it names every row that is there, whatever run dies. It may name some
 * that are not there.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { FencedError } from '../../errors.ts';
import type { JobId } from '../../model/lane.ts';
import { type EventTime, isoTime, type ProcessingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Table } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { expirySeconds, rowListKey } from '../keys.ts';
import type { Lease } from './closing.ts';

export async function readRowList(table: Table, job: JobId, end: EventTime): Promise<string[]> {
  const item = readable(await table.get(rowListKey(job, isoTime(end)), 'strong'));
  const keys = item?.['keys'] as Uint8Array | undefined;
  return keys ? (JSON.parse(inflateRawSync(keys).toString('utf8')) as string[]) : [];
}

/** Throws FencedError where a newer run put one. */
export async function putRowList(
  table: Table,
  job: JobId,
  { end, keys, expiresAt }: { end: EventTime; keys: readonly string[]; expiresAt: ProcessingTime },
  { fence }: Pick<Lease, 'fence'>,
): Promise<void> {
  const item = {
    ...rowListKey(job, isoTime(end)),
    ...STAMP,
    keys: deflateRawSync(JSON.stringify(keys)),
    fence,
    [EXPIRES_AT]: expirySeconds(expiresAt),
  };
  const outcome = await table.put(item, { kind: 'absentOrAtMost', name: 'fence', value: fence });
  if (outcome.kind === 'refused') {
    throw new FencedError(`${job}: a newer closing run lists the rows of the window`);
  }
}
