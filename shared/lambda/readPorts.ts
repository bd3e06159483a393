/** What the API reads from, over one client: wherever it is served. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRowsReader } from '../adapters/aws/rowsReader.ts';
import { dynamoTable } from '../adapters/aws/table.ts';
import { type JobFamily, tablesOf } from '../job/job.ts';
import type { RowsReader } from '../ports/rowsReader.ts';
import type { Table } from '../ports/table.ts';
import { stateTable } from '../state/keys.ts';
import { physicalName } from './contract.ts';

export interface ReadPorts {
  readonly rows: RowsReader;
  /** Of the engine, to see how jobs are. */
  readonly state: Table;
}

export function readPorts(
  client: DynamoDBClient,
  stage: string,
  families: readonly JobFamily[],
): ReadPorts {
  const nameOf = (logical: string) => physicalName(stage, logical);
  const tables = families
    .flatMap(({ usual }) => tablesOf(usual))
    .map((table) => [table.name, { ...table, name: nameOf(table.name) }] as const);
  return {
    rows: dynamoRowsReader(client, new Map(tables)),
    state: dynamoTable(client, stateTable(nameOf('state'))),
  };
}
