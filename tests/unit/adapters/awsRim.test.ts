/** The small adapters around AWS: nudges, the shard directory, and the clients' settings. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  dynamoClient,
  kinesisClient,
  lambdaClient,
  viewingClient,
} from '../../../shared/adapters/aws/clients.ts';
import { lambdaNudge } from '../../../shared/adapters/aws/nudge.ts';
import { kinesisShardDirectory } from '../../../shared/adapters/aws/shardDirectory.ts';
import { nudgeRequest } from '../../../shared/lambda/contract.ts';

const region = 'us-east-1';

describe('the close signal', () => {
  const client = new LambdaClient({ region });
  const lambda = mockClient(client);
  const problems: unknown[] = [];
  const signal = lambdaNudge(client, 'close-windows', nudgeRequest, (problem) =>
    problems.push(problem),
  );

  beforeEach(() => {
    lambda.reset();
    problems.length = 0;
  });

  it('invokes the function without waiting for its answer', async () => {
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    await signal.send('hot-items@1');
    expect(lambda).toHaveReceivedCommandExactlyOnceWith(InvokeCommand, {
      FunctionName: 'close-windows',
      InvocationType: 'Event',
      Payload: Buffer.from('{"source":"tidemark.nudge","job":"hot-items@1"}'),
    });
    expect(problems).toEqual([]);
  });

  it('reports a nudge that could not be sent, and never throws', async () => {
    const problem = new Error('no such function');
    lambda.on(InvokeCommand).rejects(problem);
    await signal.send('hot-items@1');
    expect(problems).toEqual([problem]);
  });
});

describe('the shard directory', () => {
  const client = new KinesisClient({ region });
  const kinesis = mockClient(client);
  const directory = kinesisShardDirectory(client, (stream) => `tidemark-${stream}-test`);

  beforeEach(() => {
    kinesis.reset();
    kinesis
      .on(ListShardsCommand, { StreamName: 'tidemark-orders-test' })
      .resolves({ Shards: [{ ...shard('0') }, shard('1')], NextToken: 'more' })
      .on(ListShardsCommand, { NextToken: 'more' })
      .resolves({
        Shards: [
          shard('2', { ParentShardId: '0' }),
          shard('3', { ParentShardId: '0', AdjacentParentShardId: '1' }),
          shard('4', { ParentShardId: 'expired', AdjacentParentShardId: '1' }),
        ],
      });
  });

  const shard = (ShardId: string, parents: object = {}) => ({
    ShardId,
    HashKeyRange: undefined,
    SequenceNumberRange: undefined,
    ...parents,
  });

  it.each([
    ['a shard that was there from the start', '0', []],
    ['a part of a split shard', '2', ['0']],
    ['two merged shards', '3', ['0', '1']],
    ['a shard one of whose parents has expired', '4', ['expired', '1']],
    ['a shard that has expired, but not its children', 'expired', []],
  ])('knows the parents of %s', async (_, id, parents) => {
    expect(await directory.parentsOf('orders', id)).toEqual(parents);
  });

  it('knows the range of a shard, closed or open, and none of one that has expired', async () => {
    const end = 2n ** 128n - 1n;
    const HashKeyRange = { StartingHashKey: '5', EndingHashKey: String(end) };
    kinesis.reset();
    kinesis.on(ListShardsCommand).resolves({
      Shards: [
        shard('1', { HashKeyRange }),
        shard('2', { HashKeyRange, ParentShardId: 'expired' }),
      ],
    });
    expect(await directory.rangeOf('orders', '1')).toEqual({ start: 5n, end });
    expect(await directory.rangeOf('orders', 'expired')).toBeUndefined();
  });

  it('asks again later for a shard that the list does not have yet', async () => {
    const later = { name: 'RetryableError' };
    await expect(directory.parentsOf('orders', '9')).rejects.toMatchObject(later);
    await expect(directory.rangeOf('orders', '9')).rejects.toMatchObject(later);
  });

  it.each([
    ['LimitExceededException', 400, 'RetryableError'],
    ['InternalFailure', 500, 'RetryableError'],
    ['ResourceNotFoundException', 400, 'InvariantViolation'],
  ])("turns %s into the engine's error", async (name, httpStatusCode, error) => {
    const cause = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
    kinesis.reset();
    kinesis.on(ListShardsCommand).rejects(cause);
    await expect(directory.parentsOf('orders', '0')).rejects.toMatchObject({
      name: error,
      message: expect.stringContaining('tidemark-orders-test'),
    });
  });
});

describe('the clients', () => {
  it('make no copy of each call for a logger that is not there', () => {
    vi.stubEnv('AWS_REGION', region);
    const [plain] = new KinesisClient({ region }).middlewareStack
      .identify()
      .filter((each) => each.startsWith('loggerMiddleware'));
    expect(plain).toBeDefined();
    for (const client of [dynamoClient(), viewingClient(), kinesisClient(), lambdaClient()]) {
      expect(client.middlewareStack.identify()).not.toContain(plain);
    }
  });

  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
    response.setHeader('Content-Type', 'application/x-amz-json-1.1').end('{}');
  });

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  beforeEach(() => {
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('speak plain HTTP/1.1 to the server that the environment names', async () => {
    await dynamoClient().send(new ListTablesCommand());
    await kinesisClient().send(new ListShardsCommand({ StreamName: 'orders' }));
    const nudge = { FunctionName: 'close', InvocationType: 'Event' } as const;
    await lambdaClient().send(new InvokeCommand(nudge));
    expect(paths).toEqual([
      'POST / HTTP/1.1',
      'POST / HTTP/1.1',
      'POST /2015-03-31/functions/close/invocations HTTP/1.1',
    ]);
  });

  it.each([
    ['that is named', () => viewingClient({ endpoint: process.env['AWS_ENDPOINT_URL'] ?? '' }, {})],
    ['of the environment', () => viewingClient()],
  ])(
    'of those who look give a local server %s longer, and an end all the same',
    async (_, make) => {
      const client = make();
      await client.send(new ListTablesCommand());
      const requestHandler = client.config.requestHandler as NodeHttpHandler;
      const expected = { requestTimeout: 30_000, throwOnRequestTimeout: true };
      expect(requestHandler.httpHandlerConfigs()).toMatchObject(expected);
    },
  );
});
