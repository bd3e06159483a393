/** What the templates define, created on the real local servers. */
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefinitions } from '../../../infra/local/definitions.ts';
import { type DynamoServer, startDynamoServer } from '../../../infra/local/dynamoServer.ts';
import { createResources } from '../../../infra/local/resources.ts';
import { PROJECT_ROOT } from '../../../infra/local/stack.ts';

describe('the tables of the templates', () => {
  const { tables } = readDefinitions({ root: PROJECT_ROOT, stage: 'local' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  let server: DynamoServer;
  let dynamo: DynamoDBClient;
  const kinesis = new KinesisClient({ region: 'us-east-1', credentials });

  beforeAll(async () => {
    server = await startDynamoServer({ port: 0 });
    dynamo = new DynamoDBClient({ region: 'us-east-1', credentials, endpoint: server.endpoint });
    await createResources({ streams: [], tables }, { kinesis, dynamo });
  });
  afterAll(async () => {
    dynamo.destroy();
    await server.stop();
  });

  it('are left alone where they exist', async () => {
    await createResources({ streams: [], tables }, { kinesis, dynamo });
  });

  it('list rows with a problem, and no others, by status and time', async () => {
    const TableName = 'tidemark-local-order-status';
    const put = (orderId: string, problem: Record<string, { S: string }>) =>
      dynamo.send(new PutItemCommand({ TableName, Item: { orderId: { S: orderId }, ...problem } }));
    const problem = { S: 'timedOut#2026-03-02T10' };
    await put('1', { problem, problemAt: { S: '2026-03-02T10:40:00.000Z' } });
    await put('2', { problem, problemAt: { S: '2026-03-02T10:20:00.000Z' } });
    await put('3', {});
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName,
        IndexName: 'problems',
        KeyConditionExpression: 'problem = :problem',
        ExpressionAttributeValues: { ':problem': problem },
      }),
    );
    expect(Items?.map((item) => item['orderId'])).toEqual([{ S: '2' }, { S: '1' }]);
  });

  it('list rows of a window that are alike by their keys, and hold no more of them', async () => {
    const TableName = 'tidemark-local-user-profile';
    const [windowEnd, windowGroup] = [{ S: '2026-03-02T16:00:00.000Z' }, { S: 'day#visitor' }];
    for (const userId of ['2', '1']) {
      const keys = { userId: { S: userId }, windowEnd, windowGroup, groupMember: { S: userId } };
      await dynamo.send(new PutItemCommand({ TableName, Item: { ...keys, items: { N: '5' } } }));
    }
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName,
        IndexName: 'groups',
        KeyConditionExpression: 'windowGroup = :group',
        ExpressionAttributeValues: { ':group': windowGroup },
      }),
    );
    expect(Items?.map((item) => item['userId'])).toEqual([{ S: '1' }, { S: '2' }]);
    expect(Object.keys(Items?.[0] ?? {}).sort()).toEqual([
      'groupMember',
      'userId',
      'windowEnd',
      'windowGroup',
    ]);
  });
});
