/**
 * Which rows a window has, by their partition keys, for jobs that take rows away: the table itself cannot be asked.
 *
 * A list stands before the rows that it names are put, so that it names every row that is there, whatever run dies. It may name some
 * that are not there. It is put in the place of the one that was read: what another run names meanwhile is not lost.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { FencedError, JobDefinitionError } from '../../errors.ts';
import type { JobId } from '../../model/lane.ts';
import { type EventTime, isoTime, type ProcessingTime } from '../../model/time.ts';
import { EXPIRES_AT, type Table, type WriteOutcome } from '../../ports/table.ts';
import { readable, STAMP } from '../formats.ts';
import { expirySeconds, rowListKey } from '../keys.ts';
import type { Lease } from './closing.ts';

export interface RowList {
  readonly keys: readonly string[];
  /** Of the run that put it; undefined where there is none. */
  readonly fence: number | undefined;
}

/** Deflated. An item may have 400 KB. */
const LIST_BYTES_MAX = 380 * 1024;

export async function readRowList(table: Table, job: JobId, end: EventTime): Promise<RowList> {
  const item = readable(await table.get(rowListKey(job, isoTime(end)), 'strong'));
  if (!item) return { keys: [], fence: undefined };
  const keys = inflateRawSync(item['keys'] as Uint8Array).toString('utf8');
  return { keys: JSON.parse(keys) as string[], fence: item['fence'] as number };
}

interface NewList {
  readonly end: EventTime;
  readonly keys: readonly string[];
  readonly expiresAt: ProcessingTime;
  /** In the place of which it is put. */
  readonly read: RowList;
}

/**
 * 'refused' where another list stands there by now.
 * @throws FencedError where a newer run put the one that was read
 * @throws JobDefinitionError where it is too large
 */
export async function putRowList(
  table: Table,
  job: JobId,
  { end, keys, expiresAt, read }: NewList,
  { fence }: Pick<Lease, 'fence'>,
): Promise<WriteOutcome['kind']> {
  if (read.fence !== undefined && read.fence > fence) {
    throw new FencedError(`${job}: a newer closing run lists the rows of the window`);
  }
  const packed = deflateRawSync(JSON.stringify(keys));
  if (packed.length > LIST_BYTES_MAX) {
    throw new JobDefinitionError(
      `${job}: ${keys.length} rows of a window take ${packed.length} bytes to list, and at most ${LIST_BYTES_MAX} are stored; ` +
        'give fewer rows, or shorter keys, or do without takesRowsAway',
    );
  }
  const item = {
    ...rowListKey(job, isoTime(end)),
    ...STAMP,
    keys: packed,
    fence,
    [EXPIRES_AT]: expirySeconds(expiresAt),
  };
  const outcome = await table.put(
    item,
    read.fence === undefined
      ? { kind: 'absent' }
      : { kind: 'equals', name: 'fence', value: read.fence },
  );
  return outcome.kind;
}
