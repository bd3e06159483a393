import { describe, expect, it } from 'vitest';
import { adBlacklist } from '../../../functions/adBlacklist/job.ts';
import { hotItems } from '../../../functions/hotItems/job.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { meteredTable, unitMeter } from '../../../shared/adapters/meteredTable.ts';
import { JobDefinitionError } from '../../../shared/errors.ts';
import type { WindowJob } from '../../../shared/job/windowJob.ts';
import type { Table } from '../../../shared/ports/table.ts';
import { stateTable } from '../../../shared/state/keys.ts';
import { tableOwnership } from '../../../shared/state/tableOwners.ts';
import { interceptedTable } from '../../support/interceptedTable.ts';

const state = () => memoryTable(stateTable('state'));
const job = hotItems.build() as WindowJob;
const next: WindowJob = { ...job, version: 2, id: 'hot-items@2' as WindowJob['id'] };

/** A table whose eventually consistent reads know nothing of what was written yet. */
const stale = (table: Table): Table => ({
  ...interceptedTable(table, {}),
  get: async (key, consistency) =>
    consistency === 'strong' ? table.get(key, consistency) : undefined,
});

describe('a result table', () => {
  it('belongs to the job that writes it first, in every function that starts later', async () => {
    const table = state();
    await tableOwnership(job, table)();
    await expect(tableOwnership(job, table)()).resolves.toBeUndefined();
  });

  it('refuses another version of the job, which is told what to do', async () => {
    const table = state();
    await tableOwnership(job, table)();
    const refused = tableOwnership(next, table)();
    await expect(refused).rejects.toThrow(JobDefinitionError);
    await expect(refused).rejects.toThrow(
      /^hot-items@2 writes the table hot-items, whose rows are those of hot-items@1; give it a table of its own/,
    );
  });

  it('leaves a version with a table of its own alone', async () => {
    const table = state();
    await tableOwnership(job, table)();
    const beside = { ...next, table: { ...next.table, name: 'hot-items-2' } };
    await expect(tableOwnership(beside, table)()).resolves.toBeUndefined();
  });

  it('is refused as long as it is not the own one, not only the first time', async () => {
    const table = state();
    await tableOwnership(job, table)();
    const check = tableOwnership(next, table);
    await expect(check()).rejects.toThrow(JobDefinitionError);
    await expect(check()).rejects.toThrow(JobDefinitionError);
  });

  it('goes to one of two that start at once', async () => {
    const table = state();
    const outcomes = await Promise.allSettled([
      tableOwnership(job, table)(),
      tableOwnership(next, table)(),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('goes to a job that starts on two shards at once, on both', async () => {
    const table = state();
    const starts = [tableOwnership(job, table)(), tableOwnership(job, table)()];
    await expect(Promise.all(starts)).resolves.toHaveLength(2);
  });

  it('is known to be owned where a read does not show the owner yet', async () => {
    const table = state();
    await tableOwnership(job, table)();
    await expect(tableOwnership(job, stale(table))()).resolves.toBeUndefined();
    await expect(tableOwnership(next, stale(table))()).rejects.toThrow(/are those of hot-items@1;/);
  });

  it('of alerts is owned as well', async () => {
    const table = state();
    const gated = adBlacklist.build();
    await tableOwnership(gated, table)();
    const others = { ...next, table: { ...next.table, name: 'ad-blacklist' } };
    await expect(tableOwnership(others, table)()).rejects.toThrow(/ad-blacklist@2/);
  });

  it('costs a read per table and start, and nothing afterwards', async () => {
    const table = state();
    await tableOwnership(job, table)();
    const meter = unitMeter();
    const check = tableOwnership(job, meteredTable(table, meter));
    for (let batch = 0; batch < 3; batch += 1) await check();
    expect({ read: meter.read, write: meter.write }).toEqual({ read: 0.5, write: 0 });
  });
});
