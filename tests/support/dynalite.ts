/** A real DynamoDB-compatible server in this process, on a free port of 127.0.0.1. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { INDEXES, type IndexName } from '../../shared/ports/rowsReader.ts';
import type { TableDescription } from '../../shared/ports/table.ts';

export interface DynaliteServer {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  createTable(description: TableDescription, indexes?: readonly IndexName[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startDynalite(): Promise<DynaliteServer> {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    endpoint,
    client,
    createTable: (description, indexes = []) => createTable(client, description, indexes),
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function createTable(
  client: DynamoDBClient,
  description: TableDescription,
  indexes: readonly IndexName[],
): Promise<void> {
  const { name } = description;
  const keyed = [description, ...indexes.map((index) => INDEXES[index])];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: schemaOf(description),
      AttributeDefinitions: keyed
        .flatMap(schemaOf)
        .map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
      ...(indexes.length === 0
        ? {}
        : {
            GlobalSecondaryIndexes: indexes.map((index) => ({
              IndexName: index,
              KeySchema: schemaOf(INDEXES[index]),
              Projection: {
                ProjectionType: index === 'groups' ? ('KEYS_ONLY' as const) : ('ALL' as const),
              },
            })),
          }),
    }),
  );
  // The server makes it on a later turn, and until then knows no such table.
  for (let status: string | undefined; status !== 'ACTIVE'; ) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    status = Table?.TableStatus;
  }
}

const schemaOf = ({
  partitionKey,
  sortKey,
}: Pick<TableDescription, 'partitionKey' | 'sortKey'>): KeySchemaElement[] => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
];
