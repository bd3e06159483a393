/** A DynamoDB client whose answers come from tables in memory: enough of the protocol for the engine's requests. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';

type Attributes = Record<string, AttributeValue>;
type Plain = Record<string, unknown>;

/** Keys of the tables that the tests use. */
const SORT_KEYS: Record<string, [string, string]> = {
  'tidemark-test-state': ['pk', 'sk'],
  'tidemark-test-hot-items': ['board', 'windowEnd'],
  'tidemark-test-pvuv': ['site', 'windowEnd'],
  'tidemark-test-pvuv-v2': ['site', 'windowEnd'],
};

export function dynamoInMemory() {
  const mock = mockClient(DynamoDBClient);
  const tables = new Map<string, Map<string, Plain>>();
  /** Partition keys whose queries are never answered. */
  const unanswered = new Set<string>();
  const tableOf = (name: string | undefined) => {
    const table = tables.get(name ?? '') ?? new Map<string, Plain>();
    tables.set(name ?? '', table);
    return table;
  };
  const keyOf = (name: string | undefined, item: Plain) => {
    const keys = SORT_KEYS[name ?? ''];
    if (!keys) throw new Error(`the tests know no keys of the table ${name}`);
    const [pk, sk] = keys;
    return JSON.stringify([item[pk], item[sk]]);
  };
  const read = (name: string | undefined, key: Attributes | undefined) =>
    tableOf(name).get(keyOf(name, unmarshall(key ?? {})));

  mock.on(GetItemCommand).callsFake(({ TableName, Key }) => {
    const item = read(TableName, Key);
    return item ? { Item: marshall(item) } : {};
  });
  mock.on(PutItemCommand).callsFake((input) => {
    const item = unmarshall(input.Item);
    const place = keyOf(input.TableName, item);
    const stored = tableOf(input.TableName).get(place);
    if (!holds(input, stored)) {
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    }
    tableOf(input.TableName).set(place, item);
    return stored ? { Attributes: marshall(stored) } : {};
  });
  mock.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => {
    for (const [name, requests] of Object.entries<{ PutRequest: { Item: Attributes } }[]>(
      RequestItems,
    )) {
      for (const { PutRequest } of requests) {
        const item = unmarshall(PutRequest.Item);
        tableOf(name).set(keyOf(name, item), item);
      }
    }
    return {};
  });
  mock.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
    const Responses: Record<string, Attributes[]> = {};
    for (const [name, { Keys }] of Object.entries<{ Keys: Attributes[] }>(RequestItems)) {
      Responses[name] = Keys.flatMap((key) => {
        const item = read(name, key);
        return item ? [marshall(item)] : [];
      });
    }
    return { Responses };
  });
  mock.on(QueryCommand).callsFake((input) => {
    const values = Object.values(unmarshall(input.ExpressionAttributeValues)).map(String);
    if (unanswered.has(String(values[0]))) return new Promise(() => {});
    const items = [...tableOf(input.TableName).values()]
      .filter((item) => item['pk'] === values[0])
      .filter((item) => values.length < 2 || String(item['sk']) >= String(values[1]))
      .sort((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1));
    if (input.ScanIndexForward === false) items.reverse();
    return {
      Items: items.slice(0, input.Limit ?? items.length).map((item) => marshall(item)),
    };
  });
  const itemsOf = (name: string) => [...tableOf(name).values()];
  return { mock, itemsOf, unanswered };
}

function holds(
  input: {
    ConditionExpression?: string;
    ExpressionAttributeValues?: Attributes;
    ExpressionAttributeNames?: Record<string, string>;
  },
  stored: Plain | undefined,
): boolean {
  const { ConditionExpression: condition } = input;
  if (!condition) return true;
  if (condition.includes('attribute_not_exists') && !stored) return true;
  const [value] = Object.values(unmarshall(input.ExpressionAttributeValues ?? {}));
  const names = Object.values(input.ExpressionAttributeNames ?? {});
  if (value === undefined || !stored) return false;
  return names.some((name) =>
    condition.includes('<=') ? Number(stored[name]) <= Number(value) : stored[name] === value,
  );
}
