/**
 * What the SDK's client takes of a function's processor time to put a row: where very many are written, the most of it. A server
 * of its own process answers at once, so nothing is measured but the client, and our adapter to it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dynamoClient } from '../shared/adapters/aws/clients.ts';
import { dynamoTable } from '../shared/adapters/aws/table.ts';
import type { Item } from '../shared/ports/table.ts';
import { inTurns } from '../shared/state/inTurns.ts';
import { CONCURRENT_PUTS } from '../shared/state/results.ts';
import { answer, inChild } from './inChild.ts';
import { type Row, rowsIn } from './report.ts';

const row = rowsIn('putting rows');
const WARM_UP = 3_000;
const MICROSECONDS_MAX = 500;

/** @param puts how many are measured */
export async function measureClientPuts(puts: number): Promise<Row[]> {
  const { microseconds } = await inChild<{ microseconds: number }>(import.meta.url, { puts });
  return [row('a profile, by the client', microseconds, 'us of CPU', { atMost: MICROSECONDS_MAX })];
}

/** Says nothing but yes, on a port that it prints. */
const SERVER = `
  const server = require('node:http').createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** A row of `user-profile` with all that it has. */
const profile = (n: number): Item => ({
  userId: String(1_000_000 + n),
  windowStart: '2026-03-01T16:00:00.000Z',
  windowEnd: '2026-03-02T16:00:00.000Z',
  counts: { pv: 3, cart: 1, fav: 0, buy: 1 },
  items: 5,
  categories: 4,
  topCategories: [1, 2, 3, 4].map((rank) => ({ rank, id: String(1_000_997 * rank), score: 4 })),
  hours: Array.from({ length: 24 }, (_, hour) => Number(hour % 5 === 0)),
  firstSeen: '2026-03-01T16:11:02.000Z',
  lastSeen: '2026-03-02T12:45:07.000Z',
  tags: ['buyer', 'decisive', 'nightOwl'],
  windowGroup: '2026-03-02T16:00:00.000Z#buyer+decisive+nightOwl',
  groupMember: String(1_000_000 + n),
  final: true,
  revision: 0,
  fence: 1,
});

/** In the child. */
async function put({ puts }: { puts: number }) {
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = await once(server.stdout, 'data');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${String(port).trim()}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const description = { name: 'user-profile', partitionKey: 'userId', sortKey: 'windowEnd' };
    const table = dynamoTable(dynamoClient(), description);
    const putAll = (count: number) =>
      inTurns(
        Array.from({ length: count }, (_, n) => profile(n)),
        async (item) => void (await table.put(item, { kind: 'absent' })),
        CONCURRENT_PUTS,
      );
    await putAll(WARM_UP);
    const before = process.cpuUsage();
    await putAll(puts);
    const { user, system } = process.cpuUsage(before);
    return { microseconds: (user + system) / puts };
  } finally {
    server.kill();
  }
}

if (import.meta.main) await answer(put);
