/**
 * The servers that commands talk to: the local stack, wherever it listens, unless the environment or the stage says otherwise.
 *
 * AWS_ENDPOINT_URL or one of its service-specific forms, AWS_PROFILE, or AWS_ACCESS_KEY_ID: the SDK takes everything
 * from its usual variables. So it does for every stage but `local`, which otherwise means the local stack.
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
  if (usesLocalStack(stage, ENVIRONMENT)) Object.assign(process.env, localEnvironment());
  const dynamo = dynamoClient();
  const nameOf = (logical: string) => physicalName(stage, logical);
  return {
    dynamo,
    kinesis: kinesisPutClient(),
    state: dynamoTable(dynamo, stateTable(nameOf('state'))),
    nameOf,
  };
}

const CHOOSES_A_SERVER =
  /^AWS_(ENDPOINT_URL(_[A-Z]+)?|PROFILE|ACCESS_KEY_ID|CONTAINER_CREDENTIALS_\w+)$/;

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
  !Object.keys(environment).some((name) => CHOOSES_A_SERVER.test(name) && environment[name]);

/** What makes the SDK talk to the local stack that runs; where none does, to its usual ports. */
function localEnvironment(): Record<string, string> {
  const { kinesis, dynamodb, lambda } = findStack() ?? usualPorts;
  return {
    AWS_ENDPOINT_URL_KINESIS: kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_LAMBDA: lambda,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  };
}

const usualPorts = {
  kinesis: `http://${LOCAL_HOST}:${LOCAL_PORTS.kinesis}`,
  dynamodb: `http://${LOCAL_HOST}:${LOCAL_PORTS.dynamodb}`,
  lambda: `http://${LOCAL_HOST}:${LOCAL_PORTS.lambda}`,
} as const;
