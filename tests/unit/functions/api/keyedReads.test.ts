/** Every read is by key, and costs what is in the answer: with a year of windows it is what it was with a few. */
import { BatchGetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../../../shared/adapters/aws/table.ts';
import { meteredRowsReader } from '../../../../shared/adapters/meteredRowsReader.ts';
import { unitMeter } from '../../../../shared/adapters/meteredTable.ts';
import type { Item } from '../../../../shared/ports/table.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';

const PATHS = [
  '/v1/overview',
  '/v1/overview?at=2017-11-26T02:00:00Z',
  '/v1/hot-items/items:pv?latest=3',
  '/v1/app-promotion?latest=60&step=1min',
  '/v1/ad-blacklist?day=2017-11-26',
  '/v1/login-alerts',
  '/v1/orders',
  '/v1/transactions?problem=unmatchedReceipt',
  '/v1/users/victim',
  '/v1/users/u0?days=31',
  '/v1/audience?tag=buyer&limit=5',
  '/v1/funnel',
  '/v1/funnel/c1?latest=3',
  '/v1/tables/pvuv',
];
const KEYED = new Set([QueryCommand.name, BatchGetItemCommand.name]);
/** Of tables of windows. */
const KEYS: Readonly<Record<string, string>> = {
  'hot-items': 'board',
  'hot-pages': 'board',
  pvuv: 'site',
  'app-promotion': 'channel',
  'ad-clicks': 'province',
  funnel: 'categoryId',
  'user-tags': 'tag',
};
const DAY_MS = 86_400_000;
const DAYS = 365;

let stage: ApiStage;
const commands: string[] = [];
beforeAll(async () => {
  stage = await startApiStage();
  stage.server.client.middlewareStack.add(
    (next, context) => (request) => {
      commands.push(String(context['commandName']));
      return next(request);
    },
    { step: 'initialize' },
  );
});
afterEach(() => void commands.splice(0));
afterAll(() => stage.stop());

/** Read units of an answer, with nothing remembered. */
async function unitsOf(path: string): Promise<number> {
  const meter = unitMeter();
  const response = await stage.api({ rows: meteredRowsReader(stage.rows, meter) }).request(path);
  expect([path, response.status]).toEqual([path, 200]);
  return meter.read;
}

describe('reads', () => {
  it.each(PATHS)('of %s are queries and gets by key', async (path) => {
    await unitsOf(path);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((name) => !KEYED.has(name))).toEqual([]);
  });

  it('cost with a year of windows what they cost with some hours', async () => {
    const before = new Map<string, number>();
    for (const path of PATHS) before.set(path, await unitsOf(path));
    for (const name of Object.keys(KEYS)) {
      await putOlder(name);
    }
    for (const path of PATHS) {
      const [few, many] = [before.get(path) ?? 0, await unitsOf(path)];
      expect([path, many <= few * 1.2, few, many]).toEqual([path, true, few, many]);
    }
  });
});

/** Each window once more on each of many days before. */
async function putOlder(name: string): Promise<void> {
  const rows = stage.stored.get(name) ?? [];
  const ends = [...new Set(rows.map(({ windowEnd }) => String(windowEnd)))].sort().slice(0, 1);
  const some = rows.filter(({ windowEnd }) => ends.includes(String(windowEnd)));
  const shifted = (row: Item, days: number) => ({
    ...row,
    windowEnd: new Date(Date.parse(String(row['windowEnd'])) - days * DAY_MS).toISOString(),
  });
  const older = Array.from({ length: DAYS }, (_, day) => some.map((row) => shifted(row, day + 1)));
  const partitionKey = KEYS[name] as string;
  const table = dynamoTable(stage.server.client, { name, partitionKey, sortKey: 'windowEnd' });
  await table.batchPut(older.flat());
}
