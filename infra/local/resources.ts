/** Creates what the deployment defines and the servers do not have yet. Running it again changes nothing. */
import {
  CreateTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException as TableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  type KinesisClient,
  ResourceInUseException as StreamExists,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { Definitions, StreamDefinition, TableDefinition } from './definitions.ts';

const STREAM_WAIT_SECONDS_MAX = 30;
const STREAM_CHECK_SECONDS = 1;

type KeyNames = Pick<TableDefinition, 'partitionKey' | 'sortKey'>;

export async function createResources(
  definitions: Pick<Definitions, 'streams' | 'tables'>,
  clients: { kinesis: KinesisClient; dynamo: DynamoDBClient },
): Promise<void> {
  await Promise.all([
    ...definitions.streams.map((each) => createStream(each, clients.kinesis)),
    createTables(definitions.tables, clients.dynamo),
  ]);
}

export async function createTables(
  tables: readonly TableDefinition[],
  client: DynamoDBClient,
): Promise<void> {
  await Promise.all(tables.map((each) => createTable(each, client)));
}

async function createStream(stream: StreamDefinition, client: KinesisClient): Promise<void> {
  const StreamName = stream.physicalName;
  await client
    .send(new CreateStreamCommand({ StreamName, ShardCount: stream.shards }))
    .catch(ignoring(StreamExists));
  await waitUntilStreamExists(
    { client, maxWaitTime: STREAM_WAIT_SECONDS_MAX, minDelay: STREAM_CHECK_SECONDS },
    { StreamName },
  );
}

async function createTable(table: TableDefinition, client: DynamoDBClient): Promise<void> {
  const keyAttributes = new Set(
    [table, ...table.indexes].flatMap((each) => keySchema(each).map((key) => key.AttributeName)),
  );
  const indexes = table.indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: { ProjectionType: index.projection },
  }));
  await client
    .send(
      new CreateTableCommand({
        TableName: table.physicalName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [...keyAttributes].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: keySchema(table),
        ...(table.indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
      }),
    )
    .catch(ignoring(TableExists));
}

function keySchema({ partitionKey, sortKey }: KeyNames): KeySchemaElement[] {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
  ];
}

/** A rejection handler that lets one kind of error pass as success. */
function ignoring(kind: abstract new (...parameters: never[]) => Error): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof kind)) throw error;
  };
}
