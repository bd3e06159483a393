/** The environment that handlers find here: what `serverless.yml` sets, and where the local servers are. */
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';

export interface Endpoints {
  readonly kinesis: string;
  readonly dynamodb: string;
  readonly lambda: string;
  readonly api: string;
}

/** Of what clients of AWS ask. */
export type ServiceEndpoints = Omit<Endpoints, 'api'>;

/** Sets the variables in this process; gives back what stood there before when called. */
export function applyEnvironment(
  variables: Readonly<Record<string, string>>,
  endpoints: ServiceEndpoints,
  region: string,
): () => void {
  const all: Record<string, string | undefined> = {
    // Quiet, but under the user's own setting where there is one.
    POWERTOOLS_LOG_LEVEL: process.env['POWERTOOLS_LOG_LEVEL'] ?? 'WARN',
    POWERTOOLS_METRICS_DISABLED: 'true',
    ...variables,
    AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    // Whoever is logged in to AWS in this shell: local servers must not see it.
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
  };
  const before = Object.keys(all).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(all)) setVariable(name, value);
  return () => {
    for (const [name, value] of before) setVariable(name, value);
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
