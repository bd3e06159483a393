/** Rows of a deployed table, as the command reads them: without those that were withdrawn, and no more than is asked for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../../../cli/options.ts';
import { type Question, readResults } from '../../../cli/readResults.ts';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import { type DynaliteServer, startDynalite } from '../../support/dynalite.ts';
import { tidemark } from '../../support/tidemark.ts';

const DAYS = 40;
const endOf = (day: number) => new Date(Date.UTC(2017, 10, 1 + day, 16)).toISOString();

let server: DynaliteServer;
const asked: { readonly command: string; readonly input: Record<string, unknown> }[] = [];

beforeAll(async () => {
  server = await startDynalite();
  const tables = ['funnel', 'user-profile'].map((name) => tableOf(name));
  for (const table of tables) await server.createTable(table);
  const [funnel, profiles] = tables.map((table) => dynamoTable(server.client, table));
  await funnel?.batchPut([
    ...[1, 2, 3, 4].map((day) => ({ categoryId: 'all', windowEnd: endOf(day), viewers: 9 })),
    ...[1, 2, 3, 4].map((day) => ({
      categoryId: 'c',
      windowEnd: endOf(day),
      ...(day % 2 === 0 ? { withdrawn: true } : { viewers: 2 }),
    })),
  ]);
  await profiles?.batchPut(
    ['u1', 'u2'].flatMap((userId) =>
      Array.from({ length: DAYS }, (_, day) => ({ userId, windowEnd: endOf(day), tags: [] })),
    ),
  );
  server.client.middlewareStack.add(
    (next, context) => (request) => {
      const input = request.input as Record<string, unknown>;
      asked.push({ command: String(context['commandName']), input });
      return next(request);
    },
    { step: 'initialize' },
  );
});
afterEach(() => void asked.splice(0));
afterAll(() => server.stop());

const rowsOf = async (table: string, question: Question) => {
  const connection = { dynamo: server.client, nameOf: (name: string) => name };
  const rows = await readResults(connection, tableOf(table), question);
  return rows.map((row) => `${row['categoryId'] ?? row['userId']} ${row['windowEnd']}`);
};

describe('rows that were withdrawn', () => {
  const ALL = [1, 2, 3, 4].map((day) => `all ${endOf(day)}`);

  it.each<[string, Question, readonly string[]]>([
    ['of a table', {}, [...ALL, `c ${endOf(1)}`, `c ${endOf(3)}`]],
    ['among the latest of each key', { latest: 1 }, [`all ${endOf(4)}`, `c ${endOf(3)}`]],
    ['of a key', { key: 'c' }, [`c ${endOf(1)}`, `c ${endOf(3)}`]],
    ['among the latest of a key', { key: 'c', latest: 1 }, [`c ${endOf(3)}`]],
    ['nor do others lack for them', { key: 'c', latest: 2 }, [`c ${endOf(1)}`, `c ${endOf(3)}`]],
  ])('are not printed: %s', async (_, question, expected) => {
    expect(await rowsOf('funnel', question)).toEqual(expected);
  });
});

describe('the latest rows of a key', () => {
  it('are read alone, in the order of the table', async () => {
    const rows = await rowsOf('user-profile', { key: 'u2', latest: 7 });
    expect(rows).toEqual([33, 34, 35, 36, 37, 38, 39].map((day) => `u2 ${endOf(day)}`));
    expect(asked).toMatchObject([{ command: 'QueryCommand', input: { Limit: 7 } }]);
  });

  it('are all of them where there are fewer', async () => {
    expect(await rowsOf('user-profile', { key: 'u1', latest: 1_000 })).toHaveLength(DAYS);
    expect(await rowsOf('user-profile', { key: 'u1' })).toHaveLength(DAYS);
    expect(await rowsOf('user-profile', { key: 'u3', latest: 7 })).toEqual([]);
  });
});

describe('a table of very many rows', () => {
  it.each([
    [[], 'or all of them with --format json or csv'],
    [['--latest', '1'], 'or all of them with --format json or csv'],
    [['--watch', '--format', 'json'], 'give --key, or read user-tags, which sums them up\n'],
  ])('is put on no screen as a whole: %j', async (args, remedy) => {
    const { code, out, err } = await tidemark(['results', 'user-profile', ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('error: rows of user-profile may be very many; give --key');
    expect(err).toContain(remedy);
  });
});
