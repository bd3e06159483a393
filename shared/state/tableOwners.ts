/**
 * Which job writes a result table. One job owns it for good: two versions of a job that wrote the same rows would
 * fence each other out, or take each other's states for their own, and their timers would be nobody's.
 *
 * The owner is noted once, by the first ingest function: put if absent, never changed. Ingest functions alone check it,
 * since without their commits nothing is closed and no timer fires.
 */
import { JobDefinitionError } from '../errors.ts';
import { type Job, tablesOf } from '../job/job.ts';
import type { Table } from '../ports/table.ts';
import { readable, STAMP } from './formats.ts';
import { tableOwnerKey } from './keys.ts';

/** A check that the job owns every table it writes; free once it has passed. Throws JobDefinitionError. */
export function tableOwnership(job: Job, state: Table): () => Promise<void> {
  let isOwner = false;
  return async () => {
    if (isOwner) return;
    await Promise.all(tablesOf(job).map(({ name }) => claim(state, name, job)));
    isOwner = true;
  };
}

async function claim(state: Table, table: string, job: Job): Promise<void> {
  const key = tableOwnerKey(table);
  const noted = readable(await state.get(key, 'eventual'));
  if (noted?.['job'] === job.id) return;
  if (!noted) {
    const outcome = await state.put({ ...key, ...STAMP, job: job.id }, { kind: 'absent' });
    if (outcome.kind === 'written') return;
  }
  const owner = readable(await state.get(key, 'strong'))?.['job'];
  if (owner === job.id) return;
  throw new JobDefinitionError(
    `${job.id} writes the table ${table}, whose rows are those of ${owner}; give it a table of its own, beside the ` +
      'old one, and switch readers over once it has caught up',
  );
}
