/**
 * The servers that commands talk to: the local stack, wherever it listens, unless the environment or the stage says otherwise.
 *
 * AWS_ENDPOINT_URL or one of its service-specific forms, AWS_PROFILE, or AWS_ACCESS_KEY_ID: the SDK takes everything
 * from its usual variables. So it does for every stage but `local`, which otherwise means the local stack. Where such addresses
 * are of this machine, they are local stacks too, and need no more than that.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { dynamoClient, kinesisPutClient } from '../shared/adapters/aws/clients.ts';
import { dynamoTable } from '../shared/adapters/aws/table.ts';
import { physicalName } from '../shared/lambda/contract.ts';
import type { Table } from '../shared/ports/table.ts';
import { stateTable } from '../shared/state/keys.ts';
import {
  LOCAL_CREDENTIALS,
  LOCAL_HOST,
  LOCAL_PORTS,
  LOCAL_REGION,
  LOCAL_STAGE,
} from './endpoints.ts';
import { findStack } from './runningStacks.ts';

export interface Connection {
  readonly dynamo: DynamoDBClient;
  /** For puts. */
  readonly kinesis: KinesisClient;
  readonly state: Table;
  nameOf(logical: string): string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As it was at the start: the choice for the local stack is written into it, and is to be made anew by the next connection. */
const ENVIRONMENT: Environment = { ...process.env };

export function connect(stage: string): Connection {
  Object.assign(process.env, variablesFor(stage, ENVIRONMENT));
  const dynamo = dynamoClient();
  const nameOf = (logical: string) => physicalName(stage, logical);
  return {
    dynamo,
    kinesis: kinesisPutClient(),
    state: dynamoTable(dynamo, stateTable(nameOf('state'))),
    nameOf,
  };
}

/** What the environment lacks for the SDK to reach the servers that are meant. */
function variablesFor(stage: string, environment: Environment): Readonly<Record<string, string>> {
  if (usesLocalStack(stage, environment)) return localEnvironment();
  // The AWS CLI and boto3 read it, the SDK for JavaScript does not.
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  return {
    ...(stage === LOCAL_STAGE && namesLocalServers(environment) ? localIdentity(environment) : {}),
    ...(region ? { AWS_REGION: region } : {}),
  };
}

const CHOOSES_CREDENTIALS = /^AWS_(PROFILE|ACCESS_KEY_ID|CONTAINER_CREDENTIALS_\w+)$/;
const CHOOSES_ENDPOINTS = /^AWS_ENDPOINT_URL(_[A-Z]+)?$/;

const names = (environment: Environment, wanted: RegExp): boolean =>
  Object.keys(environment).some((name) => wanted.test(name) && environment[name]);

/** Reads over one connection, and after a failure over another: a local stack that was started again may listen on other ports. */
export function reconnecting<C, T>(
  open: () => C,
  read: (connection: C) => Promise<T>,
): () => Promise<T> {
  let connection: C | undefined;
  return async () => {
    connection ??= open();
    try {
      return await read(connection);
    } catch (error) {
      connection = undefined;
      throw error;
    }
  };
}

export const usesLocalStack = (stage: string, environment: Environment): boolean =>
  stage === LOCAL_STAGE &&
  !names(environment, CHOOSES_CREDENTIALS) &&
  !names(environment, CHOOSES_ENDPOINTS);

/** What makes the SDK talk to the local stack that runs; where none does, to its usual ports. */
function localEnvironment(): Record<string, string> {
  const { kinesis, dynamodb, lambda } = findStack() ?? usualPorts;
  return {
    AWS_ENDPOINT_URL_KINESIS: kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_LAMBDA: lambda,
    ...LOCAL_IDENTITY,
  };
}

const LOCAL_IDENTITY = {
  AWS_REGION: LOCAL_REGION,
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
} as const;

/** A profile may have a region as well. */
function localIdentity(environment: Environment): Readonly<Record<string, string>> {
  if (environment['AWS_PROFILE']) return {};
  const { AWS_REGION, ...credentials } = LOCAL_IDENTITY;
  return { AWS_REGION, ...(names(environment, CHOOSES_CREDENTIALS) ? {} : credentials) };
}

const THIS_MACHINE: ReadonlySet<string> = new Set([LOCAL_HOST, 'localhost', '[::1]']);

/** Of the two services that commands talk to, and never one of them elsewhere. */
function namesLocalServers(environment: Environment): boolean {
  const urls = ['KINESIS', 'DYNAMODB'].flatMap(
    (service) =>
      environment[`AWS_ENDPOINT_URL_${service}`] || environment['AWS_ENDPOINT_URL'] || [],
  );
  return urls.length > 0 && urls.every((url) => THIS_MACHINE.has(URL.parse(url)?.hostname ?? ''));
}

const usualPorts = {
  kinesis: `http://${LOCAL_HOST}:${LOCAL_PORTS.kinesis}`,
  dynamodb: `http://${LOCAL_HOST}:${LOCAL_PORTS.dynamodb}`,
  lambda: `http://${LOCAL_HOST}:${LOCAL_PORTS.lambda}`,
} as const;
