/** The API and its dashboard over the tables of the stack. Its client is its own: no function waits for those who only look. */
import { type ApiServer, serveApi } from '../../cli/apiServer.ts';
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';
import { localApi } from '../../cli/localApi.ts';
import { viewingClient } from '../../shared/adapters/aws/clients.ts';
import type { Definitions } from './definitions.ts';
import { deployedFamilies } from './deployedJobs.ts';

/** Of the jobs that run here, with the parameters and settings that the functions have. */
export async function startApi(options: {
  /** 0 takes a free one. */
  readonly port: number;
  readonly definitions: Definitions;
  /** Where DynamoDB answers. */
  readonly dynamodb: string;
  readonly onFailure: (error: unknown) => void;
}): Promise<ApiServer> {
  const { port, definitions, dynamodb, onFailure } = options;
  const { region, stage } = definitions;
  const client = viewingClient({ region, credentials: LOCAL_CREDENTIALS, endpoint: dynamodb });
  const app = await localApi({
    client,
    stage,
    families: deployedFamilies(definitions),
    environment: environmentOf(definitions),
    onFailure,
  });
  const server = await serveApi(app, port);
  return {
    endpoint: server.endpoint,
    async stop() {
      await server.stop();
      client.destroy();
    },
  };
}

/**
 * As the functions find theirs (localEnvironment.ts): this shell's variables, and over them those of serverless.yml. Secrets come
 * from serverless.yml alone: one that a shell holds is there to deploy another stage, or to ask its API.
 */
function environmentOf({ environment, apiEnvironment }: Definitions): NodeJS.ProcessEnv {
  const { TIDEMARK_API_TOKEN: _, TIDEMARK_PSEUDONYM_KEY: __, ...own } = process.env;
  return { ...own, ...environment, ...apiEnvironment };
}
