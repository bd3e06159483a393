/** The whole stack in this process: real servers, real handlers, the mapping runner. */
import { type KinesisClient, PutRecordCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlushStep } from '../../infra/local/phase.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { readStatus } from '../../infra/local/status.ts';
import type { InputEvent } from '../../inputs/readInput.ts';
import { addCounts, NO_COUNTS } from '../../shared/model/counts.ts';
import { readLaneStatuses } from '../../shared/state/inspect.ts';
import { localKinesis } from '../support/localKinesis.ts';

const START = Date.UTC(2024, 0, 1, 9);
const EVENTS = 600;
const ACCESS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Ten minutes of views of 20 items by 50 users, in order. */
const views: readonly InputEvent[] = Array.from({ length: EVENTS }, (_, n) => {
  const itemId = String(n % 20);
  const event = { userId: `u${n % 50}`, itemId, categoryId: '1', behavior: 'pv' };
  const timestamp = START + n * 1_000;
  return { line: JSON.stringify({ ...event, timestamp }), partitionKey: itemId };
});

describe('the local stack', () => {
  let stack: Stack;
  let kinesis: KinesisClient;

  beforeAll(async () => {
    stack = await startStack({ shards: 1 });
    kinesis = localKinesis(stack.endpoints.kinesis);
  });
  afterAll(async () => {
    kinesis.destroy();
    await stack.stop();
  });

  const counts = async (job: string) => {
    const lanes = await readLaneStatuses(job, stack.table('state'));
    return lanes.reduce((sum, lane) => addCounts(sum, lane.counts), NO_COUNTS);
  };

  const split = (stream: string) =>
    kinesis.send(
      new SplitShardCommand({
        StreamName: `tidemark-local-${stream}`,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: String(2n ** 127n),
      }),
    );

  it('runs events from the stream to result rows', async () => {
    const inputs = [{ name: 'views', stream: 'user-behavior', events: () => views }];
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
    expect(await counts('hot-items@1')).toEqual({ ...NO_COUNTS, accepted: EVENTS });
    expect(await counts('pvuv@1')).toEqual({ ...NO_COUNTS, accepted: EVENTS });
    const pvuvStatus = async () => (await readStatus(stack)).find(({ name }) => name === 'pvuv');
    expect(await pvuvStatus()).toMatchObject({ watermarkBy: 'events' });
    const steps: FlushStep[] = [];
    await stack.flush((step) => steps.push(step));
    expect(steps.map(({ done }) => done)).toEqual(steps.map((_, n) => n));
    expect(steps.at(-1)).toMatchObject({ functionName: 'closeWindows', of: steps.length });
    expect(await pvuvStatus()).toMatchObject({ watermarkBy: 'clock' });
    expect(await stack.rows('pvuv')).toEqual([
      expect.objectContaining({ site: 'all', pv: EVENTS, uv: 50 }),
    ]);
    const boards = await stack.rows('hot-items');
    expect(boards.filter((row) => row['board'] === 'items:pv')).toHaveLength(13);
  });

  it('takes a record as the aws command puts it, and dead-letters what is no event', async () => {
    const put = (Data: string) =>
      kinesis.send(
        new PutRecordCommand({
          StreamName: 'tidemark-local-user-behavior',
          PartitionKey: '42',
          Data: Buffer.from(Data),
        }),
      );
    await put(views[EVENTS - 1]?.line as string);
    await put('no event');
    await stack.waitUntilDrained();
    expect(await counts('pvuv@1')).toEqual({ ...NO_COUNTS, accepted: EVENTS + 1, dead: 1 });
  });

  it('goes on through a split of the shard', async () => {
    await split('user-behavior');
    const again = () => views.slice(-20);
    const inputs = [{ name: 'again', stream: 'user-behavior', events: again }];
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
    const lanes = await readLaneStatuses('hot-items@1', stack.table('state'));
    expect(lanes.map(({ parents }) => parents)).toEqual([
      [],
      ['shardId-000000000000'],
      ['shardId-000000000000'],
    ]);
    expect((await counts('hot-items@1')).accepted).toBe(EVENTS + 1 + 20);
  });

  const send = async (stream: string, partitionKey: string, event: object) => {
    const line = JSON.stringify(event);
    const inputs = [{ name: 'one', stream, events: () => [{ line, partitionKey }] }];
    await stack.replay({ inputs, speed: 'max' });
    await stack.waitUntilDrained();
  };

  it('fires timers on a nudge, when the watermark has reached them', async () => {
    const order = (orderId: string, minute: number) =>
      send('orders', orderId, { orderId, type: 'create', timestamp: START + minute * 60_000 });
    await order('unpaid', 0);
    await order('next', 15);
    const statuses = async () => {
      const rows = await stack.rows('order-status');
      return rows.map(({ orderId, status }) => `${orderId} ${status}`).sort();
    };
    await expect.poll(statuses).toEqual(['next awaitingPay', 'unpaid timedOut']);
  });

  it('counts rows as it reads them', async () => {
    const rows = await stack.rows('order-status');
    expect(rows).toHaveLength(2);
    expect(await stack.count('order-status')).toBe(2);
    expect(await stack.countBy('order-status', 'status')).toEqual(
      new Map([
        ['awaitingPay', 1],
        ['timedOut', 1],
      ]),
    );
    expect(await stack.countBy('order-status', 'status', 'problems')).toEqual(
      new Map([['timedOut', 1]]),
    );
    expect(await stack.countBy('order-status', 'nothing')).toEqual(new Map());
    expect(await stack.count('login-alerts')).toBe(0);
  });

  it('finds a pattern that begins before a split of the shard and ends after it', async () => {
    const fail = (second: number) =>
      send('logins', 'u1', {
        userId: 'u1',
        ip: '10.0.0.1',
        outcome: 'fail',
        timestamp: START + second * 1_000,
      });
    await fail(0);
    await split('logins');
    await fail(1);
    await stack.flush();
    expect(await stack.rows('login-alerts')).toEqual([
      expect.objectContaining({ userId: 'u1', failures: 2 }),
    ]);
    const lanes = await readLaneStatuses('login-fail@2', stack.table('state'));
    // The other child got no record, and has taken over its keys all the same.
    expect(lanes.map(({ parents, slots }) => [parents, slots > 0])).toEqual([
      [[], true],
      [['shardId-000000000000'], true],
      [['shardId-000000000000'], true],
    ]);
  });

  it("answers Lambda's own client", async () => {
    const lambda = new LambdaClient({
      endpoint: stack.endpoints.lambda,
      region: stack.definitions.region,
      credentials: ACCESS,
    });
    const invoke = (FunctionName: string, InvocationType: 'RequestResponse' | 'Event') =>
      lambda.send(new InvokeCommand({ FunctionName, InvocationType, Payload: Buffer.from('{}') }));
    const reply = await invoke('tidemark-local-closeWindows', 'RequestResponse');
    expect(JSON.parse(Buffer.from(reply.Payload ?? []).toString())).toHaveProperty(['pvuv@1']);
    expect((await invoke('tidemark-local-fireTimers', 'Event')).StatusCode).toBe(202);
    await expect(invoke('nothing', 'RequestResponse')).rejects.toThrow('Function not found');
    const failed = await invoke('tidemark-local-hotItems', 'RequestResponse');
    expect(failed.FunctionError).toBe('Unhandled');
    lambda.destroy();
  });
});
