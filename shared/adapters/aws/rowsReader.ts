/** Rows of DynamoDB tables and of their indexes, behind the port. Failures become the engine's errors in `failures.ts`. */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { InvariantViolation, messageOf } from '../../errors.ts';
import {
  checkRowsRequest,
  queriedBy,
  type RowsPage,
  type RowsReader,
  type RowsRequest,
  readingOf,
  WrongPlaceError,
} from '../../ports/rowsReader.ts';
import type { Item, Key, TableDescription } from '../../ports/table.ts';
import { resultRows } from '../resultRows.ts';
import { keyExpression, placeholders } from './expressions.ts';
import { engineError } from './failures.ts';
import { dynamoTable } from './table.ts';

/** @param tables by their logical names */
export function dynamoRowsReader(
  client: DynamoDBClient,
  tables: ReadonlyMap<string, TableDescription>,
): RowsReader {
  return resultRows(new DynamoRowsReader(client, tables), tables);
}

const NO_ROWS: RowsPage = { rows: [] };

class DynamoRowsReader implements RowsReader {
  readonly #client: DynamoDBClient;
  readonly #tables: ReadonlyMap<string, TableDescription>;

  constructor(client: DynamoDBClient, tables: ReadonlyMap<string, TableDescription>) {
    this.#client = client;
    this.#tables = tables;
  }

  async page(request: RowsRequest): Promise<RowsPage> {
    const table = this.#described(request.table);
    checkRowsRequest(table, request);
    const keys = keyExpression(queriedBy(table, request.index), request);
    if (keys === 'nothing') return NO_ROWS;
    const command = new QueryCommand({
      TableName: table.name,
      ...(request.index === undefined ? {} : { IndexName: request.index }),
      KeyConditionExpression: keys.text,
      ...placeholders(keys),
      ScanIndexForward: request.order === 'ascending',
      Limit: request.limit,
      ...(request.after === undefined ? {} : { ExclusiveStartKey: marshall(request.after) }),
    });
    try {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(command);
      const rows = Items.map((item) => unmarshall(item));
      return LastEvaluatedKey === undefined
        ? { rows }
        : { rows, next: unmarshall(LastEvaluatedKey) };
    } catch (failure) {
      throw readingError(failure, request);
    }
  }

  async batchGet(table: string, keys: readonly Key[]): Promise<readonly Item[]> {
    return dynamoTable(this.#client, this.#described(table)).batchGet(keys, 'eventual');
  }

  #described(name: string): TableDescription {
    const table = this.#tables.get(name);
    if (table) return table;
    throw new InvariantViolation(`there is no result table ${name} to read`);
  }
}

/** DynamoDB says in words only what it refuses: "The provided starting key is outside query boundaries", and the like. */
function readingError(failure: unknown, request: RowsRequest): Error {
  const text = messageOf(failure);
  if (request.after !== undefined && /start(ing)? key/i.test(text)) {
    return new WrongPlaceError(`${readingOf(request)}: ${text}; give the \`next\` of a page`, {
      cause: failure,
    });
  }
  return engineError(failure, readingOf(request), 'read');
}
