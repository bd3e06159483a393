/** `npm start` for other people's clients: its addresses as the variables that they read, and its way to end. */
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type Stage, stageOf } from '../deploy/stage.ts';
import { startProcess } from '../integration/startProcess.ts';

export interface StackProcess {
  /** All that a client needs; nothing of this machine's configuration goes before it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What this process sees of it. */
  readonly stage: Stage;
  /** Resolves to the exit code. */
  stop(): Promise<number | null>;
}

/**
 * @param options of `npm start`
 * @param home where clients find no configuration
 */
export async function startStackProcess(
  options: readonly string[],
  home: string,
): Promise<StackProcess> {
  const started = startProcess('--port', '0', ...options);
  const addressOf = async (service: string): Promise<string> => {
    const [, address = ''] = await started.prints(new RegExp(`^  ${service} +(http:\\S+)$`, 'm'));
    return address;
  };
  const variables = {
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
    AWS_ENDPOINT_URL_KINESIS: await addressOf('Kinesis'),
    AWS_ENDPOINT_URL_DYNAMODB: await addressOf('DynamoDB'),
    AWS_ENDPOINT_URL_LAMBDA: await addressOf('Lambda'),
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  };
  await started.prints(/The input is processed\./);
  const client = {
    region: variables.AWS_DEFAULT_REGION,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  return {
    variables,
    stage: stageOf(
      new DynamoDBClient({ ...client, endpoint: variables.AWS_ENDPOINT_URL_DYNAMODB }),
      new LambdaClient({ ...client, endpoint: variables.AWS_ENDPOINT_URL_LAMBDA }),
    ),
    stop() {
      started.child.kill('SIGINT');
      return started.ended;
    },
  };
}
