/**
 * A DynamoDB table behind the port.
 *
 * Failures become the engine's errors in `failures.ts`. One thing cannot be mended here: the SDK repeats a write whose
 * reply was lost, and if the first attempt did happen, the repeat meets its own effect. So 'refused' may mean
 * "somebody has, possibly this very call": callers compare what is stored with what they meant to write.
 */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type {
  Condition,
  Consistency,
  Item,
  Key,
  QueryRequest,
  Table,
  TableDescription,
  WriteOutcome,
} from '../../ports/table.ts';
import {
  checkDistinct,
  checkItem,
  checkKey,
  checkQuery,
  checkUpdate,
  placeOf,
} from '../storable.ts';
import { type Backoff, sendAll, systemBackoff } from './batches.ts';
import {
  type Attributes,
  conditionExpression,
  type Expression,
  keyExpression,
  placeholders,
  setExpression,
} from './expressions.ts';
import { type Effect, engineError, isRefusedCondition } from './failures.ts';

const BATCH_GET_MAX = 100;
const BATCH_WRITE_MAX = 25;

/** @param backoff how to wait before asking again for what a batch left unprocessed; tests need not wait. */
export function dynamoTable(
  client: DynamoDBClient,
  description: TableDescription,
  backoff: Backoff = systemBackoff,
): Table {
  return new DynamoTable(client, description, backoff);
}

class DynamoTable implements Table {
  readonly description: TableDescription;
  readonly #client: DynamoDBClient;
  readonly #backoff: Backoff;

  constructor(client: DynamoDBClient, description: TableDescription, backoff: Backoff) {
    this.description = description;
    this.#client = client;
    this.#backoff = backoff;
  }

  async get(key: Key, consistency: Consistency): Promise<Item | undefined> {
    checkKey(this.description, key);
    const command = new GetItemCommand({
      TableName: this.description.name,
      Key: this.#keyAttributes(key),
      ConsistentRead: consistency === 'strong',
    });
    const what = `get from ${placeOf(this.description, key)}`;
    const reply = await attempt(() => this.#client.send(command), what, 'read');
    return reply.Item && unmarshall(reply.Item);
  }

  async *query(request: QueryRequest): AsyncGenerator<Item> {
    checkQuery(this.description, request);
    const keys = keyExpression(this.description, request);
    if (keys === 'nothing') return;
    let left = request.limit;
    let after: Attributes | undefined;
    do {
      const page = await this.#readPage(request, keys, left, after);
      yield* page.items;
      if (left !== undefined) left -= page.items.length;
      after = page.next;
    } while (after && left !== 0);
  }

  async batchGet(keys: readonly Key[], consistency: Consistency): Promise<readonly Item[]> {
    checkDistinct(this.description, keys);
    for (const key of keys) checkKey(this.description, key);
    const { name } = this.description;
    const what = `batch get from table ${name}`;
    const ConsistentRead = consistency === 'strong';
    const items: Item[] = [];
    const send = async (chunk: readonly Attributes[]) => {
      const command = new BatchGetItemCommand({
        RequestItems: { [name]: { Keys: [...chunk], ConsistentRead } },
      });
      const reply = await attempt(() => this.#client.send(command), what, 'read');
      for (const item of reply.Responses?.[name] ?? []) items.push(unmarshall(item));
      return reply.UnprocessedKeys?.[name]?.Keys ?? [];
    };
    const requests = keys.map((key) => this.#keyAttributes(key));
    await sendAll({ requests, chunkSize: BATCH_GET_MAX, send, backoff: this.#backoff, what });
    return items;
  }

  async put(item: Item, condition: Condition): Promise<WriteOutcome> {
    const { key } = checkItem(this.description, item);
    const guard = conditionExpression(this.description, condition);
    const command = new PutItemCommand({
      TableName: this.description.name,
      Item: marshall(item),
      ...(guard ? { ConditionExpression: guard.text, ...placeholders(guard) } : {}),
      ReturnValues: 'ALL_OLD',
    });
    return write(() => this.#client.send(command), `put to ${placeOf(this.description, key)}`);
  }

  /** After an error some of the items may be stored; repeating the call is harmless. */
  async batchPut(items: readonly Item[]): Promise<void> {
    checkDistinct(
      this.description,
      items.map((item) => checkItem(this.description, item).key),
    );
    const { name } = this.description;
    const what = `batch put to table ${name}`;
    const send = async (chunk: readonly Attributes[]) => {
      const command = new BatchWriteItemCommand({
        RequestItems: { [name]: chunk.map((Item) => ({ PutRequest: { Item } })) },
      });
      const reply = await attempt(() => this.#client.send(command), what, 'write');
      const left = reply.UnprocessedItems?.[name] ?? [];
      return left.map((request) => request.PutRequest?.Item).filter((item) => item !== undefined);
    };
    const requests = items.map((item) => marshall(item));
    await sendAll({ requests, chunkSize: BATCH_WRITE_MAX, send, backoff: this.#backoff, what });
  }

  async batchRemove(keys: readonly Key[]): Promise<void> {
    checkDistinct(this.description, keys);
    for (const key of keys) checkKey(this.description, key);
    const { name } = this.description;
    const what = `batch delete from table ${name}`;
    const send = async (chunk: readonly Attributes[]) => {
      const command = new BatchWriteItemCommand({
        RequestItems: { [name]: chunk.map((Key) => ({ DeleteRequest: { Key } })) },
      });
      const reply = await attempt(() => this.#client.send(command), what, 'write');
      const left = reply.UnprocessedItems?.[name] ?? [];
      return left.map((request) => request.DeleteRequest?.Key).filter((key) => key !== undefined);
    };
    const requests = keys.map((key) => this.#keyAttributes(key));
    await sendAll({ requests, chunkSize: BATCH_WRITE_MAX, send, backoff: this.#backoff, what });
  }

  async update(key: Key, set: Item, condition: Condition): Promise<WriteOutcome> {
    checkUpdate(this.description, key, set);
    const change = setExpression(set);
    const guard = conditionExpression(this.description, condition);
    const command = new UpdateItemCommand({
      TableName: this.description.name,
      Key: this.#keyAttributes(key),
      UpdateExpression: change.text,
      ...(guard ? { ConditionExpression: guard.text } : {}),
      ...placeholders(change, guard),
      ReturnValues: 'ALL_OLD',
    });
    return write(() => this.#client.send(command), `update of ${placeOf(this.description, key)}`);
  }

  async #readPage(
    request: QueryRequest,
    keys: Expression,
    limit: number | undefined,
    after: Attributes | undefined,
  ): Promise<{ items: readonly Item[]; next: Attributes | undefined }> {
    const command = new QueryCommand({
      TableName: this.description.name,
      KeyConditionExpression: keys.text,
      ...placeholders(keys),
      ScanIndexForward: request.order === 'ascending',
      ConsistentRead: request.consistency === 'strong',
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(after ? { ExclusiveStartKey: after } : {}),
    });
    const what = `query of table ${this.description.name}, partition ${request.pk}`;
    const page = await attempt(() => this.#client.send(command), what, 'read');
    const items = (page.Items ?? []).map((item) => unmarshall(item));
    return { items, next: page.LastEvaluatedKey };
  }

  #keyAttributes(key: Key): Attributes {
    const { partitionKey, sortKey } = this.description;
    return { [partitionKey]: { S: key.pk }, ...(sortKey ? { [sortKey]: { S: key.sk } } : {}) };
  }
}

/** Sends a request; a failure becomes the engine's error. */
async function attempt<Reply>(
  send: () => Promise<Reply>,
  what: string,
  effect: Effect,
): Promise<Reply> {
  try {
    return await send();
  } catch (failure) {
    throw engineError(failure, what, effect);
  }
}

/** Sends a conditional write; a condition that does not hold is an outcome, not an error. */
async function write(
  send: () => Promise<{ Attributes?: Attributes | undefined }>,
  what: string,
): Promise<WriteOutcome> {
  try {
    const { Attributes } = await send();
    return Attributes ? { kind: 'written', replaced: unmarshall(Attributes) } : { kind: 'written' };
  } catch (failure) {
    if (isRefusedCondition(failure)) return { kind: 'refused' };
    throw engineError(failure, what, 'write');
  }
}
