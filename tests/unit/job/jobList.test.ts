import { expect, it } from 'vitest';
import { adBlacklist } from '../../../functions/adBlacklist/job.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { pvuv } from '../../../functions/pvuv/job.ts';
import { JobDefinitionError } from '../../../shared/errors.ts';
import type { JobFamily } from '../../../shared/job/job.ts';
import { jobList } from '../../../shared/job/jobList.ts';

/** The same job under another version, or with another table. */
function changed(family: JobFamily, change: object): JobFamily {
  return { ...family, usual: { ...family.usual, ...change } as JobFamily['usual'] };
}
const TABLE = { name: 'other', partitionKey: 'site' };

it('is what it was given, where no two jobs share anything', () => {
  const jobs = { pvuv, hotItems, next: changed(pvuv, { id: 'pvuv@2', table: TABLE }) };
  expect(jobList(jobs)).toBe(jobs);
});

it.each([
  [
    'one name and version',
    { pvuv, hotItems, again: changed(pvuv, { table: TABLE }) },
    'the jobs pvuv and again of functions/jobs.ts are both pvuv@1; give one another name or version',
  ],
  [
    'one table, as two versions',
    { pvuv, next: changed(pvuv, { id: 'pvuv@2' }) },
    'the jobs pvuv@1 and pvuv@2 both write to the table pvuv; give each kind of rows a table of its own',
  ],
  [
    'one table, of a gate and a window',
    { adBlacklist, pvuv: changed(pvuv, { table: { ...TABLE, name: 'ad-blacklist' } }) },
    'the jobs ad-blacklist@2 and pvuv@1 both write to the table ad-blacklist; give each kind of rows a table of its own',
  ],
  [
    'one table, of one job',
    { one: changed(adBlacklist, { table: { ...TABLE, name: 'ad-blacklist' } }) },
    'the job ad-blacklist@2 writes twice to the table ad-blacklist; give each kind of rows a table of its own',
  ],
  [
    'the table of the engine',
    { one: changed(pvuv, { table: { ...TABLE, name: 'state' } }) },
    "the job pvuv@1 writes to the table state, which is the engine's; give its rows a table of their own",
  ],
])('refuses jobs that share %s', (_, jobs, message) => {
  expect(() => jobList(jobs as Record<string, JobFamily>)).toThrow(new JobDefinitionError(message));
});
