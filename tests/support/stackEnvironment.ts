/** The variables by which a command reaches a stack that runs in the test's own process. */
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';
import type { Stack } from '../../infra/local/stack.ts';

export const environmentOf = ({ endpoints, definitions }: Stack): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_REGION: definitions.region,
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
});
