/** The API and its dashboard over the tables of the stack. Its client is its own: no function waits for those who only look. */
import { type ApiServer, serveApi } from '../../cli/apiServer.ts';
import { LOCAL_CREDENTIALS } from '../../cli/endpoints.ts';
import { localApi } from '../../cli/localApi.ts';
import { viewingClient } from '../../shared/adapters/aws/clients.ts';
import type { Definitions } from './definitions.ts';
import { deployedFamilies } from './deployedJobs.ts';

/** Of the jobs that run here, with the settings that serverless.yml gives the function. */
export async function startApi(options: {
  /** 0 takes a free one. */
  readonly port: number;
  readonly definitions: Definitions;
  /** Where DynamoDB answers. */
  readonly dynamodb: string;
  readonly onFailure: (error: unknown) => void;
}): Promise<ApiServer> {
  const { port, definitions, dynamodb, onFailure } = options;
  const { region, stage, environment, apiEnvironment } = definitions;
  const client = viewingClient({ region, credentials: LOCAL_CREDENTIALS, endpoint: dynamodb });
  const app = await localApi({
    client,
    stage,
    families: deployedFamilies(definitions),
    environment: { ...environment, ...apiEnvironment },
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
