/** What a command of the SDK asks for, as IAM sees it: resources, and the partition keys of the items it names. */
import type { Request } from './evaluator.ts';
import { ACCOUNT, REGION } from './roles.ts';

/** A command's parameters. */
export type Input = Readonly<Record<string, unknown>>;

type Place = Pick<Request, 'resource' | 'leadingKeys'>;

const arn = (service: string, rest: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** A batch asks for each of its tables. `keyOf` gives the partition key attribute of a table, or of its index. */
export function tableRequests(
  action: string,
  input: Input,
  keyOf: (table: string, index?: string) => string,
): readonly Place[] {
  const place = (table: string, keys: readonly unknown[]): Place => ({
    resource: arn('dynamodb', `table/${table}${indexIn(input)}`),
    leadingKeys: keys.map((key) => textIn(key)),
  });
  const keysIn = (table: string, items: readonly unknown[]) =>
    items.map((item) => (item as Input)[keyOf(table)]);
  if (action.startsWith('Batch')) {
    return Object.entries(input['RequestItems'] as Input).map(([table, asked]) =>
      place(table, keysIn(table, itemsIn(asked))),
    );
  }
  const table = String(input['TableName']);
  const index = input['IndexName'] as string | undefined;
  if (action === 'Query') return [place(table, [partitionAsked(input, keyOf(table, index))])];
  const item = input['Key'] ?? input['Item'];
  return [place(table, item === undefined ? [] : keysIn(table, [item]))];
}

const indexIn = (input: Input): string =>
  input['IndexName'] === undefined ? '' : `/index/${input['IndexName']}`;

/** Of a batch get, or of puts and deletes. */
function itemsIn(asked: unknown): readonly unknown[] {
  if (!Array.isArray(asked)) return (asked as { readonly Keys: readonly unknown[] }).Keys;
  return asked.map(
    ({ PutRequest, DeleteRequest }: { PutRequest?: Input; DeleteRequest?: Input }) =>
      PutRequest?.['Item'] ?? DeleteRequest?.['Key'],
  );
}

function partitionAsked(input: Input, key: string): unknown {
  const [, name = '', value = ''] =
    /^(#?\w+) = (:\w+)/.exec(String(input['KeyConditionExpression'])) ?? [];
  const names = (input['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  if ((names[name] ?? name) !== key) throw new Error(`a query does not begin with ${key}`);
  return (input['ExpressionAttributeValues'] as Input)[value];
}

/** Keys of all tables are texts. */
const textIn = (value: unknown): string => String((value as { readonly S: string }).S);

/** Of Kinesis or Lambda. */
export function otherRequest(service: string, input: Input): Place {
  const resource =
    service === 'lambda'
      ? arn('lambda', `function:${input['FunctionName']}`)
      : arn('kinesis', `stream/${streamIn(input)}`);
  return { resource, leadingKeys: [] };
}

/** An iterator stands for its stream: `<stream>/<shard>`. */
export const streamIn = (input: Input): string =>
  String(input['StreamName'] ?? String(input['ShardIterator']).split('/')[0]);
