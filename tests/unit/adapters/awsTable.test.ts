/** The DynamoDB adapter against a client that answers as the service does when things go wrong. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import 'aws-sdk-client-mock-vitest/extend';
import { beforeEach, describe, expect, it } from 'vitest';
import { dynamoTable } from '../../../shared/adapters/aws/table.ts';
import type { Item } from '../../../shared/ports/table.ts';

const NAME = 'state-test';
const KEY = { pk: 'job@1', sk: 'closing' };
const ITEM: Item = { ...KEY, n: 1 };
const ALWAYS = { kind: 'always' } as const;
const $metadata = { httpStatusCode: 400, attempts: 1 };

const dynamo = mockClient(DynamoDBClient);
const pauses: number[] = [];
const table = dynamoTable(
  new DynamoDBClient({ region: 'us-east-1' }),
  { name: NAME, partitionKey: 'pk', sortKey: 'sk' },
  { sleep: async (ms) => pauses.push(ms), random: () => 0.5 },
);

beforeEach(() => {
  dynamo.reset();
  pauses.length = 0;
});

/** An error as the SDK throws it: a name, and what it knows of the exchange. */
function failure(name: string, more: object = {}): Error {
  return Object.assign(new Error('from the service'), { name }, more);
}

const answered = (name: string, httpStatusCode: number, attempts = 1): Error =>
  failure(name, { $metadata: { httpStatusCode, attempts } });

async function collect(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('conditions', () => {
  it('turns a failed condition into an outcome, for puts and updates', async () => {
    const refused = new ConditionalCheckFailedException({ $metadata, message: 'no' });
    dynamo.on(PutItemCommand).rejects(refused).on(UpdateItemCommand).rejects(refused);
    expect(await table.put(ITEM, { kind: 'absent' })).toEqual({ kind: 'refused' });
    const guard = { kind: 'equals', name: 'n', value: 1 } as const;
    expect(await table.update(KEY, { n: 2 }, guard)).toEqual({ kind: 'refused' });
  });

  it('sends the condition of each kind, with every name behind a placeholder', async () => {
    dynamo.on(PutItemCommand).resolves({});
    await table.put(ITEM, ALWAYS);
    await table.put(ITEM, { kind: 'absent' });
    await table.put(ITEM, { kind: 'equals', name: 'version', value: 7 });
    await table.put(ITEM, { kind: 'absentOrAtMost', name: 'fence', value: 7 });
    const sent = dynamo.commandCalls(PutItemCommand).map((call) => call.args[0].input);
    expect(sent.map((input) => input.ConditionExpression)).toEqual([
      undefined,
      'attribute_not_exists(#pk)',
      '#guard = :guard',
      'attribute_not_exists(#pk) OR #guard <= :guard',
    ]);
    expect(sent[3]?.ExpressionAttributeNames).toEqual({ '#pk': 'pk', '#guard': 'fence' });
    expect(sent[3]?.ExpressionAttributeValues).toEqual({ ':guard': { N: '7' } });
    expect(sent[1]).not.toHaveProperty('ExpressionAttributeValues');
  });
});

describe('failures', () => {
  const writes = {
    put: () => table.put(ITEM, ALWAYS),
    update: () => table.update(KEY, { n: 2 }, ALWAYS),
    batchPut: () => table.batchPut([ITEM]),
  };
  const reads = {
    get: () => table.get(KEY, 'strong'),
    query: () => collect(table.query({ pk: 'p', order: 'ascending', consistency: 'strong' })),
    batchGet: () => table.batchGet([KEY], 'strong'),
  };

  async function expectErrors(cause: Error, ofWrite: string, ofRead: string): Promise<void> {
    dynamo.rejects(cause);
    for (const write of Object.values(writes)) {
      await expect(write()).rejects.toMatchObject({ name: ofWrite, cause });
    }
    for (const read of Object.values(reads)) {
      await expect(read()).rejects.toMatchObject({ name: ofRead, cause });
    }
  }

  it.each([
    new ProvisionedThroughputExceededException({ $metadata, message: 'slow down' }),
    answered('ThrottlingException', 400),
    answered('RequestLimitExceeded', 400),
    answered('SomeNewThrottle', 429),
    answered('ExpiredTokenException', 400),
    failure('Error', { code: 'ECONNREFUSED' }),
    failure('Error', { code: 'ENOTFOUND' }),
    failure('CredentialsProviderError'),
  ])('$name: nothing happened, and the same may succeed later', async (cause) => {
    await expectErrors(cause, 'RetryableError', 'RetryableError');
  });

  it.each([
    failure('TimeoutError', { code: 'ETIMEDOUT' }),
    failure('Error', { code: 'ECONNRESET' }),
    failure('Error', { message: 'socket hang up' }),
    failure('Error', { code: 'EPIPE' }),
    failure('AbortError'),
    failure('SyntaxError', { $metadata: { httpStatusCode: 200, attempts: 1 } }),
    answered('InternalServerError', 500),
    answered('ServiceUnavailable', 503),
  ])('$name: a write may have happened, a read can be repeated', async (cause) => {
    await expectErrors(cause, 'UnknownOutcomeError', 'RetryableError');
  });

  it('throttled, but not on the first attempt: an earlier one may have been carried out', async () => {
    const cause = answered('ThrottlingException', 400, 3);
    await expectErrors(cause, 'UnknownOutcomeError', 'RetryableError');
  });

  it.each([
    answered('ValidationException', 400),
    answered('ResourceNotFoundException', 400),
    answered('AccessDeniedException', 400),
    answered('SerializationException', 400),
  ])('$name: our mistake', async (cause) => {
    await expectErrors(cause, 'InvariantViolation', 'InvariantViolation');
  });

  it('names the request, the table, the key and the cause', async () => {
    dynamo.rejects(answered('ValidationException', 400));
    const message =
      'put to table state-test, item job@1 / closing: ValidationException: from the service';
    await expect(table.put(ITEM, ALWAYS)).rejects.toThrow(message);
  });

  it('sends nothing of a batch in which one item cannot be stored', async () => {
    await expect(table.batchPut([ITEM, { ...KEY, n: Number.NaN }])).rejects.toMatchObject({
      name: 'UnstorableValue',
    });
    expect(dynamo).not.toHaveReceivedAnyCommand();
  });
});

describe('queries', () => {
  const page = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => marshall({ pk: 'p', sk: String(from + n) }));
  const lastKey = (sk: string) => marshall({ pk: 'p', sk });
  const request = { pk: 'p', order: 'ascending', consistency: 'strong' } as const;

  it('reads page after page, each with the consistency asked for', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: page(0, 3), LastEvaluatedKey: lastKey('2') })
      .resolvesOnce({ Items: [], LastEvaluatedKey: lastKey('3') })
      .resolvesOnce({ Items: page(4, 1) });
    const items = await collect(table.query(request));
    expect(items.map((item) => item['sk'])).toEqual(['0', '1', '2', '4']);
    expect(dynamo).toHaveReceivedCommandTimes(QueryCommand, 3);
    expect(dynamo).toHaveReceivedNthCommandWith(QueryCommand, 3, {
      ConsistentRead: true,
      ExclusiveStartKey: lastKey('3'),
    });
  });

  it('asks for no page that nobody reads', async () => {
    dynamo.on(QueryCommand).resolves({ Items: page(0, 2), LastEvaluatedKey: lastKey('1') });
    for await (const item of table.query(request)) if (item['sk'] === '1') break;
    expect(dynamo).toHaveReceivedCommandTimes(QueryCommand, 1);
  });

  it('asks for what is left of the limit, and no further once it is reached', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: page(0, 3), LastEvaluatedKey: lastKey('2') })
      .resolvesOnce({ Items: page(3, 2), LastEvaluatedKey: lastKey('4') });
    const items = await collect(table.query({ ...request, limit: 5 }));
    expect(items).toHaveLength(5);
    expect(dynamo).toHaveReceivedNthCommandWith(QueryCommand, 1, { Limit: 5 });
    expect(dynamo).toHaveReceivedNthCommandWith(QueryCommand, 2, { Limit: 2 });
    expect(dynamo).toHaveReceivedCommandTimes(QueryCommand, 2);
  });

  it('keeps what it gave when a later page fails', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: page(0, 1), LastEvaluatedKey: lastKey('0') })
      .rejectsOnce(answered('ThrottlingException', 400));
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const item of table.query(request)) seen.push(item['sk']);
    };
    await expect(reading()).rejects.toMatchObject({ name: 'RetryableError' });
    expect(seen).toEqual(['0']);
  });
});

describe('batches', () => {
  const items = (count: number): Item[] =>
    Array.from({ length: count }, (_, n) => ({ pk: 'p', sk: `k${n}` }));

  const sentPuts = () =>
    dynamo
      .commandCalls(BatchWriteItemCommand)
      .map((call) => call.args[0].input.RequestItems?.[NAME]?.length);

  it('puts 25 items a request, and sends again only what was left unprocessed', async () => {
    const left = [{ PutRequest: { Item: marshall({ pk: 'p', sk: 'k3' }) } }];
    dynamo
      .on(BatchWriteItemCommand)
      .resolvesOnce({ UnprocessedItems: { [NAME]: left } })
      .resolves({});
    await table.batchPut(items(60));
    expect(sentPuts().toSorted()).toEqual([1, 10, 25, 25]);
    expect(dynamo).toHaveReceivedCommandWith(BatchWriteItemCommand, {
      RequestItems: { [NAME]: left },
    });
    expect(pauses).toEqual([12.5]);
  });

  it('gives up on items that are never processed, after growing pauses', async () => {
    const left = items(2).map((item) => ({ PutRequest: { Item: marshall(item) } }));
    dynamo.on(BatchWriteItemCommand).resolves({ UnprocessedItems: { [NAME]: left } });
    await expect(table.batchPut(items(2))).rejects.toMatchObject({
      name: 'RetryableError',
      message: 'batch put to table state-test: 2 left unprocessed after 8 tries',
    });
    expect(pauses).toEqual([25, 50, 100, 200, 400, 500, 500]);
  });

  it('is patient for as long as every try gets somewhere', async () => {
    const replies = dynamo.on(BatchWriteItemCommand);
    for (let left = 19; left > 0; left -= 1) {
      const unprocessed = items(left).map((item) => ({ PutRequest: { Item: marshall(item) } }));
      replies.resolvesOnce({ UnprocessedItems: { [NAME]: unprocessed } });
    }
    replies.resolves({});
    await table.batchPut(items(20));
    expect(sentPuts()).toHaveLength(20);
  });

  it('starts no further request once one has failed', async () => {
    dynamo.on(BatchWriteItemCommand).rejects(answered('InternalServerError', 500));
    await expect(table.batchPut(items(500))).rejects.toMatchObject({ name: 'UnknownOutcomeError' });
    expect(sentPuts().length).toBeLessThanOrEqual(4);
  });

  it('gets 100 keys a request, asks again for what was left, and keeps the consistency', async () => {
    const keys = items(150).map(({ sk }) => ({ pk: 'p', sk: String(sk) }));
    const replies = { Responses: { [NAME]: [marshall({ pk: 'p', sk: 'k0' })] } };
    const Keys = [marshall({ pk: 'p', sk: 'k7' })];
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({ ...replies, UnprocessedKeys: { [NAME]: { Keys } } })
      .resolvesOnce(replies)
      .resolvesOnce({ Responses: { [NAME]: [marshall({ pk: 'p', sk: 'k7', n: 1 })] } });
    const found = await table.batchGet(keys, 'strong');
    expect(found).toHaveLength(3);
    expect(found).toContainEqual({ pk: 'p', sk: 'k7', n: 1 });
    expect(dynamo).toHaveReceivedNthCommandWith(BatchGetItemCommand, 3, {
      RequestItems: { [NAME]: { Keys, ConsistentRead: true } },
    });
  });

  it('gives up on keys that are never processed', async () => {
    const Keys = [marshall(KEY)];
    dynamo.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { [NAME]: { Keys } } });
    await expect(table.batchGet([KEY], 'strong')).rejects.toMatchObject({ name: 'RetryableError' });
    expect(dynamo).toHaveReceivedCommandTimes(BatchGetItemCommand, 8);
  });
});

it('reads eventually consistently only where that is asked for', async () => {
  dynamo.on(GetItemCommand).resolves({});
  await table.get(KEY, 'strong');
  await table.get(KEY, 'eventual');
  expect(dynamo).toHaveReceivedNthCommandWith(GetItemCommand, 1, { ConsistentRead: true });
  expect(dynamo).toHaveReceivedNthCommandWith(GetItemCommand, 2, { ConsistentRead: false });
});
