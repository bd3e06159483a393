/** The app as it is served on this machine: with the dashboard made anew, and for whoever may use the client. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Hono } from 'hono';
import { createApi } from '../functions/api/app.ts';
import { buildAssets } from '../functions/api/buildAssets.ts';
import { systemClock } from '../shared/adapters/systemClock.ts';
import type { JobFamily } from '../shared/job/job.ts';
import { readApiSettings } from '../shared/lambda/apiSettings.ts';
import { readPorts } from '../shared/lambda/readPorts.ts';

interface LocalApi {
  readonly client: DynamoDBClient;
  readonly stage: string;
  readonly families: readonly JobFamily[];
  /** What the function would find in its own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hears of failures that are nobody's mistake. */
  readonly onFailure: (error: unknown) => void;
}

/** Throws JobDefinitionError for variables that make no sense. */
export async function localApi({ client, ...given }: LocalApi): Promise<Hono> {
  const { stage, families, environment } = given;
  // The token is for a URL that everybody reaches, and nobody else reaches this one.
  const { token: _, ...settings } = readApiSettings(environment);
  return createApi({
    ...given,
    ...readPorts(client, stage, families),
    ...settings,
    clock: systemClock,
    assets: await buildAssets(),
  });
}
