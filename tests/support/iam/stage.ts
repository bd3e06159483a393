/** A packaged stage in this process: its tables, its environment, and its handlers, driven call by call. */
import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { createApi } from '../../../functions/api/app.ts';
import { JOBS } from '../../../functions/jobs.ts';
import { type LocalFunctions, loadFunctions } from '../../../infra/local/functions.ts';
import { applyEnvironment } from '../../../infra/local/localEnvironment.ts';
import { type ApiHandler, apiHandler } from '../../../shared/lambda/apiHandler.ts';
import { type DynaliteServer, startDynalite } from '../dynalite.ts';
import { kinesisEvent } from '../kinesisEvents.ts';
import { type PackagedTemplate, ROOT } from '../packagedTemplate.ts';
import type { RecordContent } from '../records.ts';
import { urlEvent } from '../urlEvents.ts';
import { type CallRecorder, recordCalls } from './calls.ts';
import { functionNamed, REGION } from './roles.ts';
import { ShardsOfStreams, shardName } from './shards.ts';

interface Batch {
  /** Logical name. */
  readonly stream: string;
  /** The first where it does not say. */
  readonly shard?: number;
  readonly records: readonly RecordContent[];
  readonly arrivalMs: number;
}

export interface PackagedStage {
  readonly recorder: CallRecorder;
  readonly shards: ShardsOfStreams;
  readonly client: DynaliteServer['client'];
  /** The physical name of a stream or table. */
  nameOf(logical: string): string;
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Hands a function the next records of a shard. */
  ingest(functionName: string, batch: Batch): Promise<unknown>;
  /** Asks the API, and gives the status of its answer and its body. */
  get(target: string): Promise<{ readonly status: number; readonly body: string }>;
  /** The function forgets what it kept in memory. */
  coldStart(functionName: string): Promise<void>;
  stop(): Promise<void>;
}

interface FunctionProperties {
  readonly Handler: string;
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

export async function startPackagedStage(
  template: PackagedTemplate,
  stage: string,
): Promise<PackagedStage> {
  const ofType = (type: string) =>
    Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === type ? [Properties] : [],
    );
  const tables = ofType('AWS::DynamoDB::Table') as unknown as CreateTableCommandInput[];
  const properties = ofType('AWS::Lambda::Function') as unknown as FunctionProperties[];
  const server = await startDynalite();
  for (const table of tables) await createTable(server, table);
  const shards = new ShardsOfStreams();
  const recorder = recordCalls(
    (name, index) => partitionKeyOf(tables, name, index),
    (action, input) => shards.answer(action, input),
  );
  const { endpoint } = server;
  const restore = applyEnvironment(
    { ...properties[0]?.Environment.Variables, POWERTOOLS_LOG_LEVEL: 'SILENT' },
    { kinesis: endpoint, dynamodb: endpoint, lambda: endpoint },
    REGION,
  );
  // Without its files, which are made when it is packaged.
  const api: ApiHandler = apiHandler(JOBS, (rim) => createApi({ ...rim, assets: new Map() }));
  const loaded = new Map<string, LocalFunctions>();
  async function coldStart(name: string): Promise<void> {
    const found = properties.find(({ FunctionName }) => functionNamed(FunctionName) === name);
    if (!found) throw new Error(`there is no function ${name}`);
    loaded.set(name, await loadFunction(name, found, recorder));
  }
  const names = properties.map(({ FunctionName }) => functionNamed(FunctionName));
  for (const name of names.filter((each) => each !== 'api')) await coldStart(name);

  const nameOf = (logical: string) => `tidemark-${stage}-${logical}`;
  const invoke = async (name: string, event: unknown) => loaded.get(name)?.invoke(name, event);
  let first = 0;
  return {
    recorder,
    shards,
    client: server.client,
    nameOf,
    coldStart,
    invoke,
    ingest(name, { stream, shard = 0, records, arrivalMs }) {
      const place = { stream: nameOf(stream), shard: shardName(shard), first };
      first += records.length;
      return invoke(name, kinesisEvent(records, { ...place, arrivalSeconds: arrivalMs / 1_000 }));
    },
    async get(target) {
      const { statusCode, body } = await recorder.as('api', () => api(urlEvent(target)));
      return { status: statusCode, body };
    },
    async stop() {
      restore();
      recorder.stop();
      await server.stop();
    },
  };
}

/** By itself, so that what it sends while it is loaded and invoked is known to be its own. */
function loadFunction(
  name: string,
  { Handler, FunctionName, Timeout, MemorySize }: FunctionProperties,
  recorder: CallRecorder,
): Promise<LocalFunctions> {
  return loadFunctions({
    root: ROOT,
    definitions: {
      region: REGION,
      functions: [
        {
          name,
          physicalName: FunctionName,
          handler: Handler,
          timeoutSeconds: Timeout,
          memoryMegabytes: MemorySize,
          mappings: [],
          schedules: [],
        },
      ],
    },
    output: { within: (work) => recorder.as(name, work), log: () => {} },
    onResult: () => {},
  });
}

function partitionKeyOf(
  tables: readonly CreateTableCommandInput[],
  name: string,
  index: string | undefined,
): string {
  const table = tables.find(({ TableName }) => TableName === name);
  const queried =
    index === undefined
      ? table
      : table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
  return queried?.KeySchema?.[0]?.AttributeName ?? '';
}

async function createTable(
  { client }: DynaliteServer,
  table: CreateTableCommandInput,
): Promise<void> {
  const { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = table;
  const indexes = GlobalSecondaryIndexes ? { GlobalSecondaryIndexes } : {};
  const keys = { KeySchema, AttributeDefinitions, ...indexes };
  await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', ...keys }));
}
