/** Batch deletes and conditions on a map's attribute, as they are sent, and when the service answers in part. */
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';

const NAME = 'rows-test';
const $metadata = { httpStatusCode: 400, attempts: 1 };

const dynamo = mockClient(DynamoDBClient);
const pauses: number[] = [];
const backoff = { sleep: async (ms: number) => pauses.push(ms), random: () => 0.5 };
const client = new DynamoDBClient({ region: 'us-east-1' });
const table = dynamoTable(client, { name: NAME, partitionKey: 'orderId' }, backoff);
const sorted = dynamoTable(client, { name: NAME, partitionKey: 'pk', sortKey: 'sk' }, backoff);

const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ pk: `k${n}`, sk: '' }));
const request = (n: number) => ({ DeleteRequest: { Key: { orderId: { S: `k${n}` } } } });
const sent = () =>
  dynamo
    .commandCalls(BatchWriteItemCommand)
    .map((call) => call.args[0].input.RequestItems?.[NAME] ?? []);

beforeEach(() => {
  dynamo.reset();
  pauses.length = 0;
});

describe('batch deletes', () => {
  it('send 25 keys a request, with the key attributes alone', async () => {
    dynamo.on(BatchWriteItemCommand).resolves({});
    await table.batchRemove(keys(60));
    expect(sent().map((requests) => requests.length)).toEqual([25, 25, 10]);
    expect(sent()[0]?.[7]).toEqual(request(7));
    await sorted.batchRemove([{ pk: 'a', sk: 'b' }]);
    expect(sent()[3]).toEqual([{ DeleteRequest: { Key: { pk: { S: 'a' }, sk: { S: 'b' } } } }]);
  });

  it('send again only what was left unprocessed, after a pause', async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .resolvesOnce({ UnprocessedItems: { [NAME]: [request(1), request(3)] } })
      .resolvesOnce({ UnprocessedItems: { [NAME]: [request(3)] } })
      .resolves({});
    await table.batchRemove(keys(4));
    expect(sent().slice(1)).toEqual([[request(1), request(3)], [request(3)]]);
    expect(pauses).toHaveLength(2);
  });

  it('give up on keys that are never processed', async () => {
    dynamo.on(BatchWriteItemCommand).resolves({ UnprocessedItems: { [NAME]: [request(0)] } });
    await expect(table.batchRemove(keys(1))).rejects.toMatchObject({ name: 'RetryableError' });
    expect(pauses.length).toBeLessThan(10);
  });

  it('send nothing for no keys, or when one of the keys is none', async () => {
    await table.batchRemove([]);
    const wrong = table.batchRemove([...keys(2), { pk: '', sk: '' }]);
    await expect(wrong).rejects.toMatchObject({ name: 'InvariantViolation' });
    expect(sent()).toEqual([]);
  });

  it.each([
    [
      'throttled',
      new ProvisionedThroughputExceededException({ $metadata, message: 'no' }),
      'Retryable',
    ],
    ['without an answer', new Error('socket hang up'), 'UnknownOutcome'],
  ])('%s are reported like other writes', async (_, failure, name) => {
    dynamo.on(BatchWriteItemCommand).rejects(failure);
    await expect(table.batchRemove(keys(1))).rejects.toMatchObject({ name: `${name}Error` });
  });
});

it('conditions on an attribute of a map with a placeholder for each part of the path', async () => {
  dynamo.on(PutItemCommand).resolves({});
  const condition = { kind: 'equals', name: 'engine.version', value: 7 } as const;
  await table.put({ orderId: 'a' }, condition);
  expect(dynamo.commandCalls(PutItemCommand)[0]?.args[0].input).toMatchObject({
    ConditionExpression: '#guard.#guard1 = :guard',
    ExpressionAttributeNames: { '#guard': 'engine', '#guard1': 'version' },
    ExpressionAttributeValues: { ':guard': { N: '7' } },
  });
});
