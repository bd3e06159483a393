/** The Lambda rim of the API: a request to the function's URL goes to the app, and its answer back. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Hono } from 'hono';
// Marked as deprecated in favour of a package that nobody has published yet. So hono is pinned, and this is the only import.
import { handle } from 'hono/aws-lambda';
import { viewingClient } from '../adapters/aws/clients.ts';
import { systemClock } from '../adapters/systemClock.ts';
import type { JobFamily } from '../job/job.ts';
import type { Clock } from '../ports/ports.ts';
import { type ApiSettings, readApiSettings } from './apiSettings.ts';
import { readEnvironment } from './environment.ts';
import { type ReadPorts, readPorts } from './readPorts.ts';

/** What the app is made of that does not come with its code. */
export interface ApiRim extends ReadPorts, ApiSettings {
  readonly stage: string;
  readonly families: readonly JobFamily[];
  /** The parameters of jobs and the engine's settings, as the other functions have them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Hears of failures that are nobody's mistake. */
  readonly onFailure: (error: unknown) => void;
}

export type ApiHandler = ReturnType<typeof handle>;

export function apiHandler(
  families: readonly JobFamily[],
  create: (rim: ApiRim) => Hono,
): ApiHandler {
  const { stage } = readEnvironment();
  // Of failures alone: a line for each request would cost more than the request.
  const logger = new Logger();
  return handle(
    create({
      ...readPorts(viewingClient(), stage, families),
      ...readApiSettings(),
      stage,
      families,
      environment: process.env,
      clock: systemClock,
      onFailure: (error) => logger.error('failed', { error }),
    }),
  );
}
