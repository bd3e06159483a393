/** What the local screen reads for a job's headline: of rows that are summed up, never all. */
import { describe, expect, it } from 'vitest';
import { funnel } from '../../../functions/funnel/job.ts';
import { userProfile } from '../../../functions/userProfile/job.ts';
import { readHeadline } from '../../../infra/local/headlines.ts';
import { memoryTable } from '../../../shared/adapters/memory/table.ts';
import { type Job, tablesOf } from '../../../shared/job/job.ts';
import type { Item } from '../../../shared/ports/table.ts';

const END = '2017-11-26T16:00:00.000Z';
const NEXT = '2017-11-27T16:00:00.000Z';

type Rows = Readonly<Record<string, readonly Item[]>>;

async function read(job: Job, rows: Rows) {
  const scanned: string[] = [];
  const tables = new Map(tablesOf(job).map((table) => [table.name, memoryTable(table)]));
  for (const [name, own] of Object.entries(rows)) await tables.get(name)?.batchPut(own);
  const headline = await readHeadline(job, {
    rows: async (name) => {
      scanned.push(name);
      return [...(tables.get(name)?.items() ?? [])];
    },
    count: async () => 0,
    countBy: async () => new Map(),
    table: (name) => tables.get(name) ?? memoryTable({ name, partitionKey: 'none' }),
  });
  return { headline, scanned };
}

const TAGS: Rows = {
  'user-profile': [{ userId: 'u', windowEnd: END }],
  'user-tags': [
    { tag: 'buyer', windowEnd: END, users: 30, share: 0.25 },
    { tag: 'buyer', windowEnd: NEXT, users: 20, share: 0.5 },
    { tag: 'heavy', windowEnd: NEXT, users: 1, share: 0.01 },
  ],
};

const profiles = userProfile.build();
const own = (headline: { of?: string }): Job => {
  const { headline: _, ...summary } = profiles.summary ?? {};
  return { ...profiles, summary, headline: { ...headline, show: () => 'own' } } as unknown as Job;
};

describe('the headline of a job with a summary', () => {
  it('is that of the summary', async () => {
    const { headline, scanned } = await read(profiles, TAGS);
    expect(headline).toContain('users 20, share 0.5');
    expect(scanned).toEqual([]);
  });

  it('is its own where the summary has none, if it names a row', async () => {
    const { headline, scanned } = await read(own({ of: 'u' }), TAGS);
    expect(headline).toMatch(/: own$/);
    expect(scanned).toEqual([]);
  });

  it('is of all rows of the summary where nothing names one', async () => {
    const { headline, scanned } = await read(own({}), TAGS);
    expect(headline).toContain('tag buyer, users 20');
    expect(headline).toContain('tag heavy, users 1');
    expect(scanned).toEqual(['user-tags']);
  });
});

it('a row that was withdrawn is no headline', async () => {
  const row = { categoryId: 'all', windowEnd: END };
  const shown = await read(funnel.build(), { funnel: [{ ...row, viewers: 3, buyers: 1 }] });
  expect(shown.headline).toContain('viewers 3, buyers 1');
  const { headline } = await read(funnel.build(), { funnel: [{ ...row, withdrawn: true }] });
  expect(headline).toBeUndefined();
});
