/** The embedded DynamoDB ends while it is asked: by a command in another terminal, say. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { startDynamoServer } from '../../../infra/local/dynamoServer.ts';

const PUTS = 200;

it('which does not wait for a request that never comes to its end', async () => {
  const server = await startDynamoServer({ port: 0 });
  const { hostname, port } = new URL(server.endpoint);
  const [left, stalled] = [connect(Number(port), hostname), connect(Number(port), hostname)];
  for (const socket of [left, stalled]) {
    socket.on('error', () => {});
    socket.write(`POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: 9\r\n\r\n{`);
  }
  await delay(50);
  left.destroy();
  await delay(50);
  await server.stop();
  stalled.destroy();
});

it.each(['waits for the answer', 'has gone'])(
  'which is no failure where the client %s',
  async (how) => {
    // What fails in there is an uncaught exception, and would end this process.
    const server = await startDynamoServer({ port: 0 });
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new DynamoDBClient({
      ...{ region: 'us-east-1', endpoint: server.endpoint, credentials, maxAttempts: 1 },
    });
    await client.send(
      new CreateTableCommand({
        TableName: 'rows',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
      }),
    );
    const puts = Array.from({ length: PUTS }, async (_, n) => {
      // One after the other, so that the server is in the middle of some whenever it ends.
      await delay(n / 10);
      return client.send(new PutItemCommand({ TableName: 'rows', Item: { k: { S: String(n) } } }));
    });
    const outcomes = Promise.allSettled(puts);
    await puts[PUTS / 4];
    if (how === 'has gone') client.destroy();
    await server.stop();
    const answered = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(PUTS);
    client.destroy();
  },
);
