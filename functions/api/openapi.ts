/** The OpenAPI 3.1 document of the API, made of its routes when it is built: the app itself has no use for it. */
import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { problem } from './contract/answers.ts';
import type { Route } from './routes/route.ts';
import { ROUTES } from './routes.ts';

export function openApiDocument(): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Tidemark',
      version: '1',
      description:
        'What the analyses of a stage have found. Times are UTC, rows come the newest first.',
    },
    paths: Object.fromEntries(ROUTES.map((route) => [route.path, { get: operationOf(route) }])),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    // None, or a token: it depends on where the stage is served.
    security: [{}, { token: [] }],
  });
}

const PROBLEMS = {
  '400': 'A parameter is wrong',
  '401': 'The token is missing or wrong',
  '503': 'The tables do not answer',
} as const;

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { summary, params, query, answer, path, may404 } = route;
  const errors = { ...PROBLEMS, ...(may404 ? { '404': 'There is nothing of that name' } : {}) };
  return {
    operationId: path
      .slice('/v1/'.length)
      .replaceAll(/[^a-z]+([a-z]?)/g, (_, next: string) => next.toUpperCase()),
    summary,
    requestParams: { path: params, query },
    responses: {
      '200': {
        description: 'The answer',
        headers: z.object({ ETag: z.string(), 'Cache-Control': z.string() }),
        content: { 'application/json': { schema: answer } },
      },
      '304': { description: 'Nothing has changed since the answer with this ETag' },
      ...Object.fromEntries(
        Object.entries(errors).map(([status, description]) => [
          status,
          { description, content: { 'application/problem+json': { schema: problem } } },
        ]),
      ),
    },
  };
}
