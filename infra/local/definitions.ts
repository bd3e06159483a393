/**
 * What the deployment defines, read from `serverless.yml` and the templates it includes: the local stack
 * has no definition of its own. Only what is used here is understood; the rest is refused by name.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { StreamName } from '../../shared/model/lane.ts';
import { generatedFor } from './generated.ts';
import {
  document,
  parameterSets,
  type Resource,
  type ScheduleEvent,
  type StreamEvent,
  type StreamResource,
  type TableResource,
  type Template,
} from './template.ts';
import { resolveVariables } from './variables.ts';

export interface StreamDefinition {
  /** Without stage, as jobs name it. */
  readonly name: string;
  readonly physicalName: string;
  readonly shards: number;
}

export interface TableDefinition {
  readonly name: string;
  readonly physicalName: string;
  readonly partitionKey: string;
  /** Absent where the partition key alone names a row. */
  readonly sortKey?: string;
  readonly indexes: readonly IndexDefinition[];
}

/** A secondary index. */
interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Of each row all of it, or its keys in the index and in the table. */
  readonly projection: 'ALL' | 'KEYS_ONLY';
}

/** An event source mapping's properties, under the names that Lambda gives them. */
export interface MappingDefinition {
  /** Names it among all mappings: a function may read several streams, and their shards have the same names. */
  readonly name: string;
  readonly functionName: string;
  readonly stream: StreamDefinition;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly onPartialFailure: 'retryFromLowestReported' | 'ignoreResponse';
  readonly onError: 'bisect' | 'retryWhole';
}

export interface FunctionDefinition {
  readonly name: string;
  readonly physicalName: string;
  /** `functions/hotItems/handler.handler`: a module without extension, and its export. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly mappings: readonly MappingDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
}

interface ScheduleDefinition {
  /** `rate(1 minute)` */
  readonly rate: string;
  /** What the function is invoked with. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Definitions {
  readonly stage: string;
  readonly region: string;
  /** Of all functions: they share one environment, here and on Lambda. */
  readonly environment: Readonly<Record<string, string>>;
  readonly streams: readonly StreamDefinition[];
  readonly tables: readonly TableDefinition[];
  /** Those that are invoked; the API is not among them. */
  readonly functions: readonly FunctionDefinition[];
  /** What the function `api` has beside the environment of all; absent where there is none. */
  readonly apiEnvironment?: Readonly<Record<string, string>>;
}

/**
 * Reads the definitions of a stage.
 * @param options.root the folder that holds `serverless.yml`
 * @param options.parameters overrides of the stage's parameters, as `--param` does for a deployment
 */
export function readDefinitions(options: {
  root: string;
  stage: string;
  parameters?: Readonly<Record<string, unknown>>;
}): Definitions {
  const { root, stage } = options;
  const self: unknown = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), { merge: true });
  const { params } = parameterSets.parse(self);
  const parameters = Object.fromEntries(
    [params['default'], params[stage], options.parameters]
      .flatMap((set) => Object.entries(set ?? {}))
      .filter(([, value]) => value !== null),
  );
  const generated = generatedFor(self);
  const resolved = resolveVariables(self, { root, stage, parameters, self, generated }, '');
  const parsed = document.safeParse(resolved);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(
      `serverless.yml: ${issue?.path.join('.')}: ${issue?.message}; the local stack cannot run that`,
    );
  }
  return assemble(parsed.data, stage);
}

function assemble(from: Template, stage: string): Definitions {
  const prefix = `${from.service}-${stage}-`;
  const resources = from.resources.flatMap((each) => Object.entries(each.Resources));
  const streams = new Map(
    resources.flatMap(([id, each]) => (isStream(each) ? [[id, streamOf(each, prefix)]] : [])),
  );
  const { api } = from.functions;
  const invoked = Object.entries(from.functions).filter(([, { url }]) => url === undefined);
  const functions = invoked.map(([name, each]) => ({
    name,
    physicalName: `${prefix}${name}`,
    handler: each.handler,
    timeoutSeconds: each.timeout,
    memoryMegabytes: each.memorySize ?? from.provider.memorySize,
    mappings: each.events.flatMap((event) =>
      'stream' in event ? [mappingOf(name, event.stream, streams)] : [],
    ),
    schedules: each.events.flatMap((event) => ('schedule' in event ? [scheduleOf(event)] : [])),
  }));
  return {
    stage,
    region: from.provider.region,
    environment: from.provider.environment,
    streams: [...streams.values()],
    tables: resources.flatMap(([, each]) => (isTable(each) ? [tableOf(each, prefix)] : [])),
    functions,
    ...(api === undefined ? {} : { apiEnvironment: api.environment }),
  };
}

const isStream = (each: Resource): each is StreamResource => each.Type === 'AWS::Kinesis::Stream';
const isTable = (each: Resource): each is TableResource => each.Type === 'AWS::DynamoDB::Table';

function streamOf({ Properties: { Name, ShardCount } }: StreamResource, prefix: string) {
  return { name: logicalName(Name, prefix), physicalName: Name, shards: ShardCount };
}

function tableOf({ Properties }: TableResource, prefix: string): TableDefinition {
  const [partitionKey, sortKey] = Properties.KeySchema;
  return {
    name: logicalName(Properties.TableName, prefix),
    physicalName: Properties.TableName,
    partitionKey: partitionKey.AttributeName,
    ...(sortKey ? { sortKey: sortKey.AttributeName } : {}),
    indexes: Properties.GlobalSecondaryIndexes.map(indexOf),
  };
}

const indexOf = ({
  IndexName,
  KeySchema: [hash, range],
  Projection,
}: TableResource['Properties']['GlobalSecondaryIndexes'][number]): IndexDefinition => ({
  name: IndexName,
  partitionKey: hash.AttributeName,
  sortKey: range.AttributeName,
  projection: Projection.ProjectionType,
});

const scheduleOf = ({ schedule: { rate, input } }: ScheduleEvent): ScheduleDefinition => ({
  rate: rate[0],
  input,
});

function logicalName(physicalName: string, prefix: string): string {
  if (!physicalName.startsWith(prefix)) {
    throw new Error(`the resource ${physicalName} is not named ${prefix}<name>`);
  }
  return physicalName.slice(prefix.length);
}

function mappingOf(
  functionName: string,
  event: StreamEvent,
  streams: ReadonlyMap<string, StreamDefinition>,
): MappingDefinition {
  const [id] = event.arn['Fn::GetAtt'];
  const stream = streams.get(id);
  if (!stream) throw new Error(`${functionName} reads ${id}, which is not a stream in resources`);
  return {
    name: `${functionName}/${stream.name}`,
    functionName,
    stream,
    batchSize: event.batchSize,
    batchWindowSeconds: event.batchWindow,
    startingPosition: event.startingPosition,
    onPartialFailure: event.functionResponseType ? 'retryFromLowestReported' : 'ignoreResponse',
    onError: event.bisectBatchOnFunctionError ? 'bisect' : 'retryWhole',
  };
}

/** The name of a stream as Kinesis knows it. */
export function physicalStreamName(
  { streams }: Pick<Definitions, 'streams'>,
  name: StreamName,
): string {
  const stream = streams.find((each) => each.name === name);
  if (!stream) throw new Error(`there is no stream ${name}`);
  return stream.physicalName;
}
