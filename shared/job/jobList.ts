/** All jobs of a project: what no two of them may share, since both would take what is stored of one for their own. */
import { JobDefinitionError } from '../errors.ts';
import { type JobFamily, tablesOf } from './job.ts';

/** What jobs know and wait for; the deployment's tables have names beside it. */
const STATE_TABLE = 'state';

/** The jobs by their functions' names, as they are. Throws JobDefinitionError where two have one id or one result table. */
export function jobList<Jobs extends Readonly<Record<string, JobFamily>>>(jobs: Jobs): Jobs {
  const functionOf = new Map<string, string>();
  const writerOf = new Map<string, string>();
  for (const [name, { usual }] of Object.entries(jobs)) {
    const other = functionOf.get(usual.id);
    if (other !== undefined) {
      throw new JobDefinitionError(
        `the jobs ${other} and ${name} of functions/jobs.ts are both ${usual.id}; give one another name or version`,
      );
    }
    functionOf.set(usual.id, name);
    for (const table of tablesOf(usual)) {
      if (table.name === STATE_TABLE) throw engineTable(usual.id);
      const writer = writerOf.get(table.name);
      if (writer !== undefined) throw sharedTable(table.name, writer, usual.id);
      writerOf.set(table.name, usual.id);
    }
  }
  return jobs;
}

const engineTable = (job: string): JobDefinitionError =>
  new JobDefinitionError(
    `the job ${job} writes to the table ${STATE_TABLE}, which is the engine's; give its rows a table of their own`,
  );

function sharedTable(table: string, writer: string, job: string): JobDefinitionError {
  const who =
    writer === job
      ? `the job ${job} writes twice to`
      : `the jobs ${writer} and ${job} both write to`;
  return new JobDefinitionError(
    `${who} the table ${table}; give each kind of rows a table of its own`,
  );
}
