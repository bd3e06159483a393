/**
 * The local stack: embedded servers, the real handlers, the mapping runner and the schedules, put together
 * from what `serverless.yml` states.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_STAGE } from '../../cli/endpoints.ts';
import { dynamoTable } from '../../shared/adapters/aws/table.ts';
import type { Item, Table } from '../../shared/ports/table.ts';
import { startApi } from './apiServer.ts';
import { type Definitions, readDefinitions, type TableDefinition } from './definitions.ts';
import { runnable } from './deployedJobs.ts';
import { createFlushes } from './flush.ts';
import { type FunctionsSource, type LocalFunctions, loadFunctions } from './functions.ts';
import { type HandlerOutput, handlerOutput } from './handlerOutput.ts';
import { type LambdaEndpoint, startLambdaEndpoint } from './lambdaEndpoint.ts';
import { applyEnvironment, type Endpoints, type ServiceEndpoints } from './localEnvironment.ts';
import { startMappings } from './mappings.ts';
import type { FlushStep } from './phase.ts';
import { createReplays, type StackReplay } from './replays.ts';
import { createResources } from './resources.ts';
import { startSchedules } from './schedules.ts';
import { clientsOf, type Ports, startServers } from './servers.ts';
import { countRows, countRowsBy, scanRows } from './tableScans.ts';

export interface StackOptions {
  /** All free ones where they are not given. */
  readonly ports?: Ports;
  /** Of streams that do not exist yet. */
  readonly shards?: number;
  /** How long records are gathered before a function gets them, at most. */
  readonly batchWindowSeconds?: number;
  /** Where everything is kept, so that the next start goes on; without it nothing outlives the process. */
  readonly dataDirectory?: string;
  /** A Kinesis server that is running; it is used and left running. */
  readonly kinesisEndpoint?: string;
  /** Hears what every handler returned. */
  readonly onResult?: (functionName: string, result: unknown) => void;
  /** Hears of every invocation that failed, under the function's name, and of every read of a stream; and why. */
  readonly onFailure?: (what: string, error: unknown) => void;
  /** Gives what is invoked in the place of the functions: something between them and whoever invokes them. */
  readonly disturb?: (
    functions: LocalFunctions,
    source: FunctionsSource,
  ) => Promise<LocalFunctions>;
  /** Hears what was lost of the data folder's content, in a line. */
  readonly onWarning?: (line: string) => void;
}

export interface Stack {
  readonly definitions: Definitions;
  readonly endpoints: Endpoints;
  /** What handlers and servers print. */
  readonly logFile: string;
  /** A table of the deployment, by logical name. */
  table(name: string): Table;
  /** Every result of a table, or of one of its indexes, in no order. */
  rows(name: string, index?: string): Promise<Item[]>;
  /** How many rows a table has. */
  count(name: string): Promise<number>;
  /** The same by the values of an attribute. */
  countBy(name: string, attribute: string, index?: string): Promise<ReadonlyMap<string, number>>;
  /** Resolves when everything is on the streams; see `replay`. */
  replay(options: StackReplay): Promise<void>;
  /** Invokes a function and gives its result. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /**
   * Resolves when everything that is on the streams now is processed by every function that reads them, and what functions forwarded of it
   * as well.
   */
  waitUntilDrained(): Promise<void>;
  /** Closes every window that has content and fires every timer: the input has ended. Rejects when the stack stops meanwhile. */
  flush(onStep?: (step: FlushStep) => void): Promise<void>;
  /** Ends everything that `startStack` started; invocations under way finish first. */
  stop(): Promise<void>;
}

export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const FREE_PORTS: Ports = { kinesis: 0, dynamodb: 0, lambda: 0, api: 0 };

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const endings: Ending[] = [];
  try {
    return await start(options, endings);
  } catch (error) {
    // Why it did not start matters more than how it ended.
    await endAll(endings).catch(() => {});
    throw error;
  }
}

/** What undoes a step of the start; run in reverse. */
type Ending = () => unknown;

async function endAll(endings: Ending[]): Promise<void> {
  const failures: unknown[] = [];
  for (let end = endings.pop(); end; end = endings.pop()) {
    try {
      await end();
    } catch (error) {
      // The others end nevertheless.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function start(options: StackOptions, endings: Ending[]): Promise<Stack> {
  const { shards = null, batchWindowSeconds = null } = options;
  const defined = readDefinitions({
    root: PROJECT_ROOT,
    stage: LOCAL_STAGE,
    parameters: { shards, batchWindowSeconds },
  });
  const definitions = runnable(defined);
  const ports = options.ports ?? FREE_PORTS;
  const directory = options.dataDirectory ?? temporaryFolder(endings);
  mkdirSync(directory, { recursive: true });
  const output = handlerOutput(join(directory, 'handlers.log'));
  endings.push(() => output.close());
  const { wakeups, ...servers } = await startServers(
    { ...options, ports },
    definitions,
    directory,
    endings,
  );
  const clients = clientsOf(servers, definitions.region);
  endings.push(() => {
    clients.kinesis.destroy();
    clients.puts.destroy();
    clients.dynamo.destroy();
  });
  await createResources(definitions, clients);
  const onFailure = (error: unknown, name = 'the Lambda endpoint') => {
    output.log(`${name}: ${describe(error)}`);
    options.onFailure?.(name, error);
  };
  const api = await startApi({
    port: ports.api,
    definitions,
    dynamodb: servers.dynamodb,
    onFailure: (error) => onFailure(error, 'the dashboard'),
  });
  endings.push(() => api.stop());
  const { functions, lambda } = await startFunctions(
    { options, definitions, servers, port: ports.lambda, output, onFailure },
    endings,
  );
  const endpoints = { ...servers, lambda: lambda.endpoint, api: api.endpoint };
  const { invoke } = functions;

  const mappings = startMappings({
    definitions,
    clients,
    invoke,
    onFailure,
    wakeups,
    ...(options.dataDirectory === undefined ? {} : { keptIn: directory }),
    ...(options.kinesisEndpoint === undefined ? {} : { kinesisEndpoint: options.kinesisEndpoint }),
  });
  endings.push(() => mappings.stop());
  const schedules = startSchedules({ definitions, invoke, onFailure });
  endings.push(() => schedules.stop());

  const flushes = createFlushes(definitions, { invoke, waitUntilIdle: lambda.waitUntilIdle });
  endings.push(() => flushes.stop());
  const replays = createReplays(options.dataDirectory, definitions, clients);
  endings.push(() => replays.stop());
  return {
    definitions,
    endpoints,
    logFile: output.file,
    table: (name) => tableOf(definitions, clients.dynamo, name),
    rows: (name, index) => scanRows(clients.dynamo, placeOf(definitions, name, index)),
    count: (name) => countRows(clients.dynamo, placeOf(definitions, name)),
    countBy: (name, attribute, index) =>
      countRowsBy(clients.dynamo, attribute, placeOf(definitions, name, index)),
    replay: replays.replay,
    invoke,
    waitUntilDrained: mappings.waitUntilDrained,
    flush: flushes.flush,
    stop: () => endAll(endings),
  };
}

/**
 * It goes last: the servers and the output have their files in it. Also where the process is ended at once, but for a failure, whose
 * line may name a log in it.
 */
function temporaryFolder(endings: Ending[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const atExit = (code: number) => {
    if (code !== FAILED) remove();
  };
  process.once('exit', atExit);
  endings.push(remove, () => process.off('exit', atExit));
  return folder;
}

const FAILED = 1;

interface FunctionsRequest {
  readonly options: StackOptions;
  readonly definitions: Definitions;
  readonly servers: Omit<ServiceEndpoints, 'lambda'>;
  readonly port: number;
  readonly output: HandlerOutput;
  readonly onFailure: (error: unknown) => void;
}

/** The endpoint first, then the handlers: they read its address from the environment when they are loaded. */
async function startFunctions(
  { options, definitions, servers, port, output, onFailure }: FunctionsRequest,
  endings: Ending[],
): Promise<{ functions: LocalFunctions; lambda: LambdaEndpoint }> {
  const loaded: { functions?: LocalFunctions } = {};
  const functions = (): LocalFunctions => {
    if (!loaded.functions) throw new Error('the functions are not loaded yet');
    return loaded.functions;
  };
  const lambda = await startLambdaEndpoint({ port, functions, onFailure });
  endings.push(() => lambda.stop());
  const endpoints = { ...servers, lambda: lambda.endpoint };
  endings.push(applyEnvironment(definitions.environment, endpoints, definitions.region));
  const { onResult = () => {}, disturb = async (each) => each } = options;
  const source: FunctionsSource = { root: PROJECT_ROOT, definitions, output, onResult };
  loaded.functions = await disturb(await loadFunctions(source), source);
  return { functions: loaded.functions, lambda };
}

function tableDefinition(definitions: Definitions, name: string): TableDefinition {
  const table = definitions.tables.find((each) => each.name === name);
  if (!table) throw new Error(`there is no table ${name}`);
  return table;
}

function tableOf(definitions: Definitions, client: DynamoDBClient, name: string): Table {
  const { physicalName, indexes: _, ...keys } = tableDefinition(definitions, name);
  return dynamoTable(client, { ...keys, name: physicalName });
}

/** How DynamoDB names the table, or one of its indexes. */
const placeOf = (definitions: Definitions, name: string, index?: string) => ({
  TableName: tableDefinition(definitions, name).physicalName,
  ...(index === undefined ? {} : { IndexName: index }),
});

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
