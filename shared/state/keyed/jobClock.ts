/** The stored job watermark of a job without windows: it only ever grows, whoever writes it. */
import type { JobId } from '../../model/lane.ts';
import { NO_WATERMARK, type Watermark, watermarkAt } from '../../model/time.ts';
import type { Table } from '../../ports/table.ts';
import { readable, STAMP, storedAs } from '../formats.ts';
import { clockKey } from '../keys.ts';

export async function readJobWatermark(table: Table, job: JobId): Promise<Watermark> {
  const stored = readable(await table.get(clockKey(job), 'strong'))?.['watermark'];
  return storedAs(stored, watermarkAt) ?? NO_WATERMARK;
}

/** Stores a watermark unless a later one stands. */
export async function putJobWatermark(
  table: Table,
  job: JobId,
  watermark: Watermark,
): Promise<void> {
  await table.put(
    { ...clockKey(job), ...STAMP, watermark },
    { kind: 'absentOrAtMost', name: 'watermark', value: watermark },
  );
}
