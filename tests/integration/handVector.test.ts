/** The hand vector of hot pages, on one lane of the local stack: answers first, then the corrections of a late request. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const MINUTE = Date.parse('2015-05-17T10:25:00Z');
const ENDS = ['10:25:50', '10:25:55', '10:26:00'];

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ shards: 1 });
}, 60_000);
afterAll(() => stack.stop());

async function put(name: string, requests: readonly (readonly [second: number, url: string])[]) {
  const events = requests.map(([second, url]) => {
    const eventTimeMs = MINUTE + second * 1_000;
    const event = { ip: '83.149.9.216', method: 'GET', url, timestamp: eventTimeMs };
    return { line: JSON.stringify(event), partitionKey: url, eventTimeMs };
  });
  const input = { name, stream: 'page-views', events: () => events };
  await stack.replay({ inputs: [input], speed: 'max' });
  await stack.waitUntilDrained();
  await stack.flush();
}

/** `[presentations, present, revision]` of each window. */
async function counts() {
  const rows = await stack.rows('hot-pages');
  return ENDS.map((end) => {
    const row = rows.find(({ windowEnd }) => windowEnd === `2015-05-17T${end}.000Z`);
    const ranking = row?.['ranking'] as readonly { id: string; count: number }[];
    const countOf = (url: string) => ranking.find(({ id }) => id === url)?.count;
    return [countOf('/presentations/'), countOf('/present'), row?.['revision']];
  });
}

it('is answered, and corrected by a request that comes after its windows have closed', async () => {
  const presentations = [49, 50, 51, 52, 55, 56].map(
    (second) => [second, '/presentations/'] as const,
  );
  await put('the first requests', [
    ...presentations,
    [56, '/present'],
    [57, '/present'],
    [61, '/'],
    [62, '/pre'],
  ]);
  expect(await counts()).toEqual([
    [1, undefined, 0],
    [4, undefined, 0],
    [6, 2, 0],
  ]);
  await put('one out of order', [
    [46, '/presentations/'],
    [63, '/pre'],
  ]);
  expect(await counts()).toEqual([
    [2, undefined, 1],
    [5, undefined, 1],
    [7, 2, 1],
  ]);
}, 60_000);
