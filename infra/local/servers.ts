/** The servers that the stack stands on, and the stack's own clients of them. */
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';
import { unlogged } from '../../shared/adapters/aws/clients.ts';
import type { Definitions } from './definitions.ts';
import { startDynamoServer } from './dynamoServer.ts';
import { startKinesisServer } from './kinesisServer.ts';
import type { ServiceEndpoints } from './localEnvironment.ts';
import { PAUSE_MS_MAX, Wakeups } from './wakeups.ts';

/** 0 takes a free port. */
export interface Ports {
  readonly kinesis: number;
  readonly dynamodb: number;
  readonly lambda: number;
  readonly api: number;
}

interface ServerOptions {
  readonly ports: Ports;
  readonly dataDirectory?: string;
  readonly kinesisEndpoint?: string;
  readonly onWarning?: (line: string) => void;
}

type ServerEndpoints = Omit<ServiceEndpoints, 'lambda'>;

export interface Servers extends ServerEndpoints {
  /** Of the streams. */
  readonly wakeups: Wakeups;
}

/** Starts what the options ask for; how to end it goes to `endings`. */
export async function startServers(
  options: ServerOptions,
  { region }: Pick<Definitions, 'region'>,
  directory: string,
  endings: (() => unknown)[],
): Promise<Servers> {
  const ports = options.ports;
  const kept = (name: string) =>
    options.dataDirectory === undefined ? {} : { dataDirectory: join(directory, name) };
  const dynamo = await startDynamoServer({ port: ports.dynamodb, ...kept('dynamodb') });
  endings.push(() => dynamo.stop());
  if (options.kinesisEndpoint !== undefined) {
    const wakeups = new Wakeups(PAUSE_MS_MAX.asked);
    return { kinesis: options.kinesisEndpoint, dynamodb: dynamo.endpoint, wakeups };
  }
  const wakeups = new Wakeups(PAUSE_MS_MAX.told);
  const kinesis = await startKinesisServer({
    port: ports.kinesis,
    region,
    logFile: join(directory, 'kinesis.log'),
    onChange: () => wakeups.wake(),
    ...(options.onWarning ? { onWarning: options.onWarning } : {}),
    ...kept('kinesis'),
  });
  endings.push(() => kinesis.stop());
  return { kinesis: kinesis.endpoint, dynamodb: dynamo.endpoint, wakeups };
}

export interface Clients {
  readonly kinesis: KinesisClient;
  /** For puts: tries each once. */
  readonly puts: KinesisClient;
  readonly dynamo: DynamoDBClient;
}

/** Clients of the stack itself; handlers make their own from their environment. */
export function clientsOf(servers: ServerEndpoints, region: string): Clients {
  const common = { region, credentials: LOCAL_CREDENTIALS };
  const kinesis = { ...common, endpoint: servers.kinesis };
  return {
    // The SDK's default, HTTP/2, is not spoken by local servers.
    kinesis: unlogged(new KinesisClient({ ...kinesis, requestHandler: new NodeHttpHandler() })),
    // No time-out: a server that shares its processor with seven jobs answers after seconds, and then it has stored.
    puts: unlogged(
      new KinesisClient({ ...kinesis, requestHandler: new NodeHttpHandler(), maxAttempts: 1 }),
    ),
    dynamo: unlogged(new DynamoDBClient({ ...common, endpoint: servers.dynamodb })),
  };
}
